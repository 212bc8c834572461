"""A file of deviations to begin with, drafted from what a run has found; a person fills in why, and until when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from suites.earlier import Earlier, Told

DAYS = 90
"""How long a drafted deviation excuses, from the day of the draft on."""


def draft(run: Earlier, today: date) -> str:
    """One ``[[deviation]]`` for each clause that failed and counted, as ASCII text in TOML.

    The texts of a run that was read come without line ends and control characters, which no comment could hold.

    Reason and reference are left empty, which :func:`suites.deviations.load` refuses. What the run has seen stands in
    comments, where nothing can be read as TOML.
    """
    head = [
        f"Drafted from the run against {run.target} that began at {run.started} ({run.operation}, depth {run.depth}).",
        "Fill in each reason and reference (a ticket, a release note): the file is refused while one is empty.",
        "Keep the days that the vendor stands by, and take out what is to be mended before the release.",
    ]
    return "\n".join([*map(_comment, head), *(_entry(each, today + timedelta(days=DAYS)) for each in run.failing)])


def _entry(clause: Told, expires: date) -> str:
    lines = [
        "",
        _comment(clause.statement),
        _comment(f"fails in {clause.failed} of {clause.cases} cases: {clause.reason}"),
        "[[deviation]]",
        f'clause = "{clause.id}"',  # an id needs no escape
        'reason = ""',
        'reference = ""',
        f"expires = {expires.isoformat()}",
        "",
    ]
    return "\n".join(lines)


def _comment(text: str) -> str:
    """A comment of one line; what is not ASCII is spelt out as in Python."""
    return f"# {text}".encode("ascii", "backslashreplace").decode("ascii")
