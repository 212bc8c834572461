"""Histories as a page and as Markdown: one function a format, from the histories to text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports import words
from reports.history import ABSENT
from reports.standalone import page
from reports.text import in_markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from reports.history import Finding, History
    from reports.store import Recorded

WIDTH, HEIGHT = 720, 120
"""Units of the chart of latencies, within its margins."""


def html(histories: Sequence[History]) -> str:
    """A page that stands alone."""
    return page(
        "trend.html.j2",
        histories=histories,
        bars=bars,
        returned=returned,
        milliseconds=milliseconds,
        tallest=tallest,
        absent=ABSENT,
    )


def markdown(histories: Sequence[History]) -> str:
    """A page in GitHub's Markdown: the findings, and the runs that are shown."""
    return "\n".join(line for history in histories for line in _lines(history)) + "\n"


def _lines(history: History) -> Iterator[str]:
    yield f"## {in_markdown(history.headline)}\n\n{history.span}"
    for remark in history.remarks:
        yield f"\n**Note:** {in_markdown(remark)}"
    if history.findings:
        yield "\n| Clause | State | First seen | Last seen | Broken in |"
        yield "| --- | --- | --- | --- | --- |"
    for finding in history.findings:
        state = ", ".join(filter(None, ("open" if finding.open else "mended", returned(finding))))
        yield (
            f"| `{finding.clause.id}` {in_markdown(finding.clause.place)} | {state} "
            f"| {words.moment(finding.first)} | {words.moment(finding.last)} "
            f"| {finding.broken} of {words.number(finding.judged, 'run')} |"
        )
    yield "\n| Run | Verdict | Depth | Requests | Median | 90 % | 99 % | Slowest |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for run in reversed(history.shown):
        sign, took = words.VERDICTS[run.verdict], run.latency
        times = [took.p50, took.p90, took.p99, took.max] if took else [None] * 4
        cells = [words.moment(run.started), f"{sign.sign} {sign.word}", run.depth, str(run.sent)]
        yield f"| {' | '.join([*cells, *map(milliseconds, times)])} |"
    yield ""


def returned(finding: Finding) -> str:
    """How often a finding came back after it was mended, in words; empty if it did not."""
    count = finding.stretches - 1
    return f"came back {({1: 'once', 2: 'twice'}).get(count, f'{count} times')}" if finding.flaps else ""


def milliseconds(seconds: float | None) -> str:
    """A time for people; a dash where nothing was measured."""
    return "-" if seconds is None else f"{seconds * 1000:.{0 if seconds >= 0.1 else 1}f} ms"  # noqa: PLR2004  3 digits


def tallest(runs: Sequence[Recorded]) -> float | None:
    """Seconds that the height of the chart stands for: the longest within which 90 % of a run's answers came."""
    return max((run.latency.p90 for run in runs if run.latency), default=None)


def bars(runs: Sequence[Recorded]) -> list[dict[str, Any]]:
    """Where in the chart the bars of each run stand that measured something, in the chart's units."""
    top = tallest(runs) or 1.0
    step = WIDTH / max(len(runs), 1)
    return [
        {
            "run": run,
            "x": round(step * index, 1),
            "width": round(min(step * 0.7, 40), 1),
            "slow": round(HEIGHT * run.latency.p90 / top, 1),
            "median": round(HEIGHT * run.latency.p50 / top, 1),
        }
        for index, run in enumerate(runs)
        if run.latency
    ]


FORMATS: Mapping[str, Callable[[Sequence[History]], str]] = {"html": html, "markdown": markdown}
"""What histories can be told as, by the name that the command line knows it by."""
