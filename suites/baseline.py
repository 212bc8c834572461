"""An earlier run to be compared with: what fails now and did not then, what failed then as well, what is mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from suites.earlier import NO_VERDICT, EarlierError, earlier
from suites.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from contracts.model import Contract

_JUDGED = frozenset({Outcome.PASS, Outcome.FAIL, Outcome.DEVIATION})
_OPEN = frozenset({Outcome.BLOCKED, Outcome.SKIPPED})


class BaselineError(Exception):
    """A verdict that cannot be compared with; the message names the file, why not and what to do."""


@dataclass(frozen=True)
class Baseline:
    """The run that is compared with. ``started`` is an ISO 8601 time in UTC."""

    verdict: str
    target: str
    depth: str
    started: str
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True)
class Comparison:
    """What became of the clauses since the baseline, each group in the order of the contract.

    ``new`` fail and did not, ``known`` failed then as well, ``fixed`` failed and pass, ``lost`` were judged then and
    are not now.
    """

    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


def load(path: Path, text: bytes, contract: Contract) -> Baseline:
    """The baseline that the file at this path holds.

    Raises:
        BaselineError: the text is no verdict, or that of another operation, another contract, or a run without end.
    """
    try:
        before = earlier(path, text)
    except EarlierError as error:
        raise BaselineError(str(error)) from error
    if before.operation != contract.operation:
        raise BaselineError(f"{path}: is a verdict on {before.operation}, and this run asks about {contract.operation}")
    if before.digest != contract.digest:
        raise BaselineError(
            f"{path}: was judged by another contract ({before.digest[:12]}, now {contract.digest[:12]}): "
            "run once without a baseline, and compare with that verdict"
        )
    if before.verdict in NO_VERDICT:
        raise BaselineError(f"{path}: is no finished run ({before.reason}): take the verdict of one that is")
    return Baseline(
        verdict=before.verdict,
        target=before.target,
        depth=before.depth,
        started=before.started,
        outcomes={each.id: each.outcome for each in before.clauses},
    )


def compare(before: Mapping[str, Outcome], now: Mapping[str, Outcome]) -> Comparison:
    """Tell the clauses of two runs apart.

    A clause that was blocked, skipped, excused by a deviation or not there at all did not fail: it is new when it does.
    """
    failed = {clause for clause, outcome in before.items() if outcome is Outcome.FAIL}
    judged = {clause for clause, outcome in before.items() if outcome in _JUDGED}
    return Comparison(
        new=tuple(each for each, outcome in now.items() if outcome is Outcome.FAIL and each not in failed),
        known=tuple(each for each, outcome in now.items() if outcome is Outcome.FAIL and each in failed),
        fixed=tuple(each for each, outcome in now.items() if outcome is Outcome.PASS and each in failed),
        lost=tuple(each for each, outcome in now.items() if outcome in _OPEN and each in judged),
    )
