"""What a vendor has declared to do otherwise than the page: a TOML file, strict both ways.

Each ``[[deviation]]`` names a clause, a reason, a reference (a ticket, a release note) and the day it expires. A
declared clause that passes after all, one that the contract does not have and one that has expired do not excuse
anything: the last counts as absent.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import contracts

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.model import Contract

NOTICE = 14
"""Days before its end from which on a deviation is announced."""
_KEYS = {"clause": str, "reason": str, "reference": str, "expires": date}


class DeviationError(Exception):
    """A file of deviations that cannot be used; the message names the file, the entry and what to do."""


@dataclass(frozen=True)
class Deviation:
    """One clause that the target is declared not to keep, until a day."""

    clause: str
    reason: str
    reference: str
    expires: date

    def days_left(self, today: date) -> int:
        """How many more days it excuses after today: 0 on its last day, negative once that is over."""
        return (self.expires - today).days

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.days_left(today) < 0


def load(path: Path, contract: Contract) -> dict[str, Deviation]:
    """The declared deviations of the contract's operation by clause; the file may declare some of others as well.

    Raises:
        DeviationError: the file cannot be read, or an entry is incomplete, doubled or matches no clause.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DeviationError(f"{path}: cannot be read as TOML: {error}") from error
    entries = document.pop("deviation", [])
    if document or not isinstance(entries, list):
        raise DeviationError(f"{path}: only [[deviation]] entries belong here, not {', '.join(document) or 'a value'}")
    deviations: dict[str, Deviation] = {}
    for number, entry in enumerate(entries, start=1):
        deviation = _deviation(f"{path}: deviation {number}", entry)
        operation = deviation.clause.partition(".")[0]
        theirs = operation != contract.operation and operation in contracts.askable()
        holds = contracts.load(operation) if theirs else contract
        if deviation.clause not in {clause.id for clause in holds.clauses}:
            raise DeviationError(f"{path}: deviation {number}: {deviation.clause} is no clause of {holds.operation}")
        if deviation.clause in deviations:
            raise DeviationError(f"{path}: deviation {number}: {deviation.clause} is declared twice")
        deviations[deviation.clause] = deviation
    return {clause: each for clause, each in deviations.items() if clause.startswith(f"{contract.operation}.")}


def _deviation(place: str, entry: Any) -> Deviation:
    if not isinstance(entry, dict) or set(entry) != set(_KEYS):
        raise DeviationError(f"{place}: needs exactly the keys {', '.join(_KEYS)}")
    for key, kind in _KEYS.items():
        if type(entry[key]) is not kind:
            wanted = "a date such as 2027-01-31" if kind is date else "a text"
            raise DeviationError(f"{place}: {key} must be {wanted}")
        if kind is str and not entry[key].strip():
            raise DeviationError(f"{place} ({entry['clause']}): {key} is empty: a person has to fill it in")
    return Deviation(**entry)
