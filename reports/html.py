"""The verdict as a page: a fragment at the top of pytest-html's report, and the hooks that put it there.

To be registered as a pytest plugin by the root conftest (``reports.html``). Whoever judges stores the verdict document
under :data:`VERDICT_KEY` in ``pytest_sessionfinish``, before the hooks marked ``trylast``: that is where pytest-html
asks for its summary and writes. The files get their names after that (see :mod:`reports.publishing`).

PYTEST_DONT_REWRITE: nothing is asserted here, and another plugin may import this module before it is registered.
"""

from __future__ import annotations

from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import pytest
from markupsafe import Markup

from reports import words
from reports.marking import pieces
from reports.publishing import publish
from reports.text import SHOWN, clip, printable

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, MutableMapping

__all__ = ["VERDICT_KEY", "render"]

VERDICT_KEY = pytest.StashKey[dict[str, Any]]()
"""Where the verdict document of the run lies in the stash of pytest's config."""

_TEMPLATES = Path(__file__).parent / "templates"


def render(verdict: Mapping[str, Any]) -> str:
    """The verdict document as an HTML fragment with its style, for the body of any page.

    Whatever stands in the document is shown as text, with unseen characters spelt out: the fragment can always be
    written as UTF-8.

    Raises:
        jinja2.UndefinedError, KeyError: the document is not one that the verdict schema accepts.
    """
    clauses = verdict["clauses"]
    return (
        _environment()
        .get_template("verdict.html.j2")
        .render(
            v=verdict,
            tally=words.tally(clauses),
            fails=words.failing(verdict),
            unjudged=words.not_judged(clauses),
            groups=_groups(clauses),
            ids={clause["id"] for clause in clauses},
            step=words.next_step(verdict),
        )
    )


def _groups(clauses: list[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Clauses under their headings: tables by number, then the rest in the order of the document."""
    order = {title: index for index, title in enumerate(dict.fromkeys(map(words.group, clauses)))}
    sort = sorted(clauses, key=lambda each: (each["source"]["table"] or len(clauses) + 99, order[words.group(each)]))
    return [(title, list(members)) for title, members in groupby(sort, key=words.group)]


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: printable(value) if isinstance(value, str) else value,
    )
    environment.globals.update(
        style=Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704  our own file
        words=words,
        outcomes=words.OUTCOMES,
        verdicts=words.VERDICTS,
        pieces=lambda body, fault: pieces(body, fault, SHOWN),
        clip=clip,
    )
    return environment


@pytest.hookimpl(optionalhook=True)
def pytest_html_report_title(report: Any) -> None:
    """Name the page; pytest-html would take the name of the file."""
    report.title = "Conformance report"


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_summary(prefix: list[str], session: pytest.Session) -> None:
    """Put the verdict on top; a run without one says so, since the table of tests alone may look like a success."""
    verdict = session.config.stash.get(VERDICT_KEY, None)
    if verdict is None:
        prefix.append(_environment().get_template("absent.html.j2").render())
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
    """Spell out control characters in tracebacks and output; no terminal code is interpreted."""
    data[:] = map(printable, data)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> Generator[None, Any, Any]:
    """Publish the reports after everybody has written, and never end well without them."""
    try:
        result = yield
        publish(session.config, exitstatus)
    except OSError as error:
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        _say(session.config, f"A report could not be written: {error}")
        return None
    return result


def _say(config: pytest.Config, sentence: str) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None:
        terminal.write_line(sentence, red=True)
