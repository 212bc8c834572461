"""The verdict as a page: a fragment at the top of pytest-html's report, and the hooks that put it there.

To be registered as a pytest plugin by the root conftest (``reports.html``). Whoever judges stores the verdict document
under :data:`VERDICT_KEY` in ``pytest_sessionfinish``, before the hooks marked ``trylast``: that is where pytest-html
asks for its summary and writes. The files get their names after that (see :mod:`reports.publishing`).

PYTEST_DONT_REWRITE: nothing is asserted here, and another plugin may import this module before it is registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest

from contracts.model import Strength
from reports import charts, page, words
from reports.advice import advice
from reports.dressing import PageError
from reports.marking import Piece, members, pieces
from reports.picture import picture
from reports.publishing import publish
from reports.text import SHOWN, clip, printable

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, MutableMapping

__all__ = ["VERDICT_KEY", "render"]

VERDICT_KEY = pytest.StashKey[dict[str, Any]]()
"""Where the verdict document of the run lies in the stash of pytest's config."""

OPENED = 3
"""Failing clauses whose evidence is open from the start."""
WORST = 5
"""Failing clauses that stand in the banner; the others are counted there."""
BRIEF = 300
"""Characters of a body that is not of the smallest case."""
BODIES = 120_000
"""Characters that the bodies of the smallest cases share: every clause may fail, and the page has to stay small."""
LOGGED = 1500
"""Characters of what pytest shows of a test; the evidence above has it whole."""


def render(verdict: Mapping[str, Any]) -> str:
    """The verdict document as an HTML fragment, for the body of any page that has :func:`reports.page.style`.

    Whatever stands in the document is shown as text, with unseen characters spelt out: the fragment can always be
    written as UTF-8.

    Raises:
        jinja2.UndefinedError, KeyError: the document is not one that the verdict schema accepts.
    """
    clauses = verdict["clauses"]
    groups, failing = _groups(clauses), words.failing(verdict)
    excused = [clause for clause in clauses if clause["outcome"] == "deviation" and clause["failures"]]
    limit = min(SHOWN, BODIES // max(1, len(failing) + len(excused)))
    titles = [title for title, _ in groups]
    strengths = [strength.value for strength in Strength]
    return (
        page.environment()
        .get_template("verdict.html.j2")
        .render(
            v=verdict,
            tally=words.tally(clauses),
            fails=failing,
            unjudged=words.not_judged(clauses),
            groups=groups,
            titles=titles,
            strengths=strengths,
            filters=[
                *(f"o-{outcome}" for outcome in words.OUTCOMES),
                *(f"s-{strength}" for strength in strengths),
                *(f"g-{index}" for index in range(len(titles))),
            ],
            picture=picture(verdict),
            ids={clause["id"] for clause in clauses},
            step=words.next_step(verdict),
            advice=advice,
            charts=charts,
            opened=OPENED,
            worst=WORST,
            cards=[_card(clause, verdict, limit) for clause in failing],
            excused=[_card(clause, verdict, limit) for clause in excused],
            shown={clause["id"] for clause in (*failing, *excused)},
        )
    )


def _groups(clauses: list[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Clauses under their headings: tables by number, then the rest in the order of the document."""
    order = {title: index for index, title in enumerate(dict.fromkeys(map(words.group, clauses)))}
    sort = sorted(clauses, key=lambda each: (each["source"]["table"] or len(clauses) + 99, order[words.group(each)]))
    return [(title, list(members)) for title, members in groupby(sort, key=words.group)]


@dataclass(frozen=True)
class Shown:
    """A failing case as it is shown: the pieces of the body sent, of the one received, and of the control's two."""

    failure: Mapping[str, Any]
    sent: tuple[Piece, ...]
    received: tuple[Piece, ...]
    control: tuple[tuple[Piece, ...], tuple[Piece, ...]]


def _card(clause: Mapping[str, Any], verdict: Mapping[str, Any], limit: int) -> tuple[Mapping[str, Any], list[Shown]]:
    """A failing clause with its cases, the smallest first with up to ``limit`` characters of a body."""
    name = _member(clause, verdict)
    limits = [limit] + [BRIEF] * len(clause["failures"])
    return clause, [_shown(failure, name, limit) for failure, limit in zip(clause["failures"], limits)]


def _shown(failure: Mapping[str, Any], name: str | None, limit: int) -> Shown:
    sent, came, control = failure["request"]["body"], failure["response"], failure["control"]
    beside = (control["request"]["body"], (control["response"] or {"body": ""})["body"]) if control else ("", "")
    return Shown(
        failure,
        pieces(sent, failure["fault"], limit) if failure["fault"] or name is None else members(sent, name, limit),
        members(came["body"] if came else "", name, limit),
        (pieces(beside[0], None, limit), pieces(beside[1], None, limit)),
    )


def _member(clause: Mapping[str, Any], verdict: Mapping[str, Any]) -> str | None:
    """The member of the answer that a clause is about; None where it is about the request, or the answer as a whole."""
    sides = {table["number"]: table["side"] for table in verdict["contract"].get("tables", ())}
    return clause["source"]["row"] if sides.get(clause["source"]["table"]) == "response" else None


@pytest.hookimpl(optionalhook=True)
def pytest_html_report_title(report: Any) -> None:
    """Name the page; pytest-html would take the name of the file."""
    report.title = "Conformance report"


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_summary(prefix: list[str], session: pytest.Session) -> None:
    """Put the verdict on top; a run without one says so, since the table of tests alone may look like a success."""
    verdict = session.config.stash.get(VERDICT_KEY, None)
    if verdict is None:
        prefix.append(page.environment().get_template("absent.html.j2").render())
    else:
        prefix.append(render(verdict))


@pytest.hookimpl(optionalhook=True, trylast=True)
def pytest_metadata(metadata: MutableMapping[str, Any]) -> None:
    """Show no environment: it can hold secrets, and pytest-html puts it into the page unescaped."""
    metadata.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Drop extras, which pytest-html would put into the page unescaped, and make captured output printable.

    What a run has to show stands in the verdict; no test of ours attaches anything.
    """
    report.extras = []  # type: ignore[attr-defined]
    report.sections = [(printable(title), printable(content)) for title, content in report.sections]


@pytest.hookimpl(optionalhook=True, trylast=True)
def pytest_html_results_table_row(report: pytest.TestReport | pytest.CollectReport, cells: list[str]) -> None:
    """Write the test's id as text; pytest-html takes it for markup."""
    when = getattr(report, "when", None)
    name = report.nodeid if when == "call" else f"{report.nodeid}::{when}"
    cells[1] = f'<td class="col-testId">{escape(" ".join(printable(name).split()))}</td>'


@pytest.hookimpl(optionalhook=True, trylast=True)
def pytest_html_results_table_html(data: list[str]) -> None:
    """Spell out control characters in tracebacks and output, and cut them; no terminal code is interpreted."""
    data[:] = [clip(printable(text), LOGGED) for text in data]


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
    """Publish the reports after everybody has written, and never end well without them."""
    try:
        result = yield
        publish(session.config, exitstatus)
    except (OSError, PageError) as error:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        _say(session.config, f"A report could not be written: {error}")
        return None
    return result


def _say(config: pytest.Config, sentence: str) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        terminal.write_line(sentence, red=True)
