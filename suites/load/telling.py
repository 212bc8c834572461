"""What a load run leaves: ``verdict.json`` as every run does, a page, JUnit, and latencies by status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports import html, page, words
from reports.junit import junit
from reports.latency import told
from reports.ledger import Ledger, write
from suites.load.watching import FAILURE, LOST, REQUESTS, STOPPED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from suites.load.master import Loaded

VERDICT, PAGE, JUNIT = "verdict.json", "report.html", "junit.xml"
EARLY = {
    REQUESTS: "so many requests were answered as were asked for",
    FAILURE: "a clause failed that requests in turn had kept",
    STOPPED: "nothing more could be asked",
    LOST: "all workers were lost",
}
"""Why a load has ended before its time, as a terminal shows it."""


def verdict_of(loaded: Loaded) -> dict[str, Any]:
    """The verdict document, with how long answers of each status took under load, and what the load was.

    No test of an ordinary run shows again what needs the load, so that its failures name none.
    """
    verdict = Ledger(loaded.setting, loaded.campaign, loaded.wire, aborted=loaded.broken).verdict()
    for clause in verdict["clauses"]:
        for failure in clause["failures"]:
            failure.pop("pytest", None)
    verdict["requests"]["latency_by_status"] = {
        status: told(times) for status, times in sorted(loaded.times.items()) if times
    }
    verdict["load"] = loaded.load
    return verdict


def leave(verdict: Mapping[str, Any], directory: Path) -> None:
    """Write the reports, the verdict last: where it stands, the others are this run's.

    Raises:
        OSError: one cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name in (VERDICT, PAGE, JUNIT):
        (directory / name).unlink(missing_ok=True)
    (directory / PAGE).write_text(_page(verdict), encoding="utf-8")
    (directory / JUNIT).write_text(junit(verdict, {}), encoding="utf-8")
    write(verdict, directory / VERDICT)


def _page(verdict: Mapping[str, Any]) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{page.metas()}<title>Load report</title>'
        f"{page.style()}</head><body>{html.render(verdict)}</body></html>\n"
    )


def lines(verdict: Mapping[str, Any], directory: Path) -> Iterator[str]:
    """What a terminal shows."""
    yield f"{words.headline(verdict)}. {verdict['reason']}"
    for clause in words.failing(verdict):
        share = f"{clause['failed']} of {clause['cases']}"
        yield f"  {clause['id']:<40} {clause['strength']:<11} {share}: {clause['reason']}"
    yield f"{'status':<8}{'answers':>9}{'p50':>10}{'p90':>10}{'p99':>10}{'max':>10}   (seconds, under load)"
    for status, latency in verdict["requests"]["latency_by_status"].items():
        count = sum(each["answers"] for each in latency["histogram"])
        yield f"{status:<8}{count:>9}" + "".join(f"{latency[name]:>10.4f}" for name in ("p50", "p90", "p99", "max"))
    requests = verdict["requests"]
    load = ", ".join(f"{verdict['load'][name]} {name}" for name in ("users", "workers"))
    yield f"{load}: {requests['sent']} requests in {requests['seconds']:.1f} s, {requests['accepted']} accepted"
    early = EARLY.get(verdict["load"].get("ended", ""))
    if early:
        yield f"the load ended after {verdict['load']['seconds']} s: {early}"
    yield f"report: {directory / PAGE}"
