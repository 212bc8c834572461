"""The lasting store of verdicts: an SQLite file that any number of runs is recorded into, once each.

What is kept of a run is what its history is told by: the outcome of each clause with its counts and reason, and how
long the answers took. Bodies and headers stay in the run's own files.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports import ledger, words
from reports.files import ReportError
from reports.text import one_line
from suites.earlier import NO_VERDICT, EarlierError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

VERSION = 1
"""The version of the tables, as ``user_version`` of the file tells it."""
APPLICATION = 0x43534253
"""The ``application_id`` of the file: the letters CSBS."""
VERDICT = "verdict.json"
PATIENCE = 60.0
"""Seconds that a writer waits for another."""
_TABLES = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
    operation TEXT NOT NULL, contract TEXT NOT NULL, target TEXT NOT NULL, endpoint TEXT NOT NULL,
    depth TEXT NOT NULL, seed TEXT NOT NULL, fail_on TEXT NOT NULL,
    verdict TEXT NOT NULL, reason TEXT NOT NULL, started TEXT NOT NULL, finished TEXT NOT NULL,
    sent INTEGER NOT NULL, accepted INTEGER NOT NULL, seconds REAL NOT NULL,
    p50 REAL, p90 REAL, p99 REAL, max REAL
);
CREATE TABLE clause (
    contract TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL,
    statement TEXT NOT NULL, place TEXT NOT NULL, strength TEXT NOT NULL, PRIMARY KEY (contract, id)
) WITHOUT ROWID;
CREATE TABLE outcome (
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, clause TEXT NOT NULL,
    outcome TEXT NOT NULL, cases INTEGER NOT NULL, failed INTEGER NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (run, clause)
) WITHOUT ROWID;
"""
_FACTS = ("operation", "target", "contract", "verdict", "reason", "depth", "started", "sent")
_TIMES = ("p50", "p90", "p99", "max")


@dataclass(frozen=True)
class Latency:
    """How long the answers of a run took, in seconds: ``p90`` is what 90 % of them did not exceed."""

    p50: float
    p90: float
    p99: float
    max: float


@dataclass(frozen=True)
class Clause:
    """What the page promises in one clause, and where."""

    id: str
    statement: str
    place: str
    strength: str


@dataclass(frozen=True)
class Recorded:
    """One run as the store has it. ``started`` is a time in UTC, as in ``2026-11-24T02:10:00Z``."""

    operation: str
    target: str
    contract: str
    verdict: str
    reason: str
    depth: str
    started: str
    sent: int
    latency: Latency | None
    outcomes: Mapping[str, str]
    clauses: tuple[Clause, ...]


@contextmanager
def opened(path: Path | None, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """The store in this file, or one in memory if there is none.

    Raises:
        ReportError: the file is not there and not to be made, is no store or one of another version, or cannot be used.
    """
    if path is not None and not create and not path.is_file():
        raise ReportError(f"{path}: is no store: there is no such file")
    try:
        with closing(sqlite3.connect(path or ":memory:", timeout=PATIENCE, isolation_level=None)) as store:
            store.execute("PRAGMA foreign_keys = ON")
            _prepare(store, path, create=create or path is None)
            yield store
    except sqlite3.Error as error:
        raise ReportError(f"{path}: cannot be used as a store: {error}") from error


def _prepare(store: sqlite3.Connection, path: Path | None, *, create: bool) -> None:
    """Make the tables if the file is empty; another writer may be doing the same."""
    if create:
        store.execute("BEGIN IMMEDIATE")
    empty = store.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    if create and empty:
        for statement in _TABLES.split(";\n"):
            store.execute(statement)
        store.execute(f"PRAGMA application_id = {APPLICATION}")
        store.execute(f"PRAGMA user_version = {VERSION}")
    if create:
        store.execute("COMMIT")
    if store.execute("PRAGMA application_id").fetchone() != (APPLICATION,):
        raise ReportError(f"{path}: is no store of verdicts")
    (version,) = store.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        raise ReportError(f"{path}: is a store of version {version}, not {VERSION}")


def record(store: sqlite3.Connection, paths: Iterable[Path]) -> int:
    """Record the runs that left these verdicts, all of them or none; returns how many were not there yet.

    A run that is there already stays as it is, unless this is a later state of it: one that was gone on with.

    Raises:
        EarlierError: one of the files is no verdict.
        ReportError: one of the runs came to no verdict.
    """
    runs = [(path, ledger.read(path)) for path in paths]
    for path, verdict in runs:
        if verdict["verdict"] in NO_VERDICT:
            raise ReportError(f"{path}: is no finished run ({one_line(verdict['reason'])}): nothing is to be recorded")
    store.execute("BEGIN IMMEDIATE")
    try:
        added = sum(_add(store, verdict) for _, verdict in runs)
    except BaseException:
        store.execute("ROLLBACK")
        raise
    store.execute("COMMIT")
    return added


def record_all(store: sqlite3.Connection, directory: Path) -> list[Path]:
    """Record every run that left a verdict below a directory; returns the verdicts that are none, left out.

    What is called ``verdict.json`` has to be one. Other files of JSON are passed over unless they are.

    Raises:
        EarlierError: a file of that name is no verdict.
    """
    left_out: list[Path] = []
    paths: list[Path] = []
    for path in sorted(directory.rglob("*.json")):
        try:
            verdict = ledger.read(path)
        except EarlierError:
            if path.name == VERDICT:
                raise
            continue
        (left_out if verdict["verdict"] in NO_VERDICT else paths).append(path)
    record(store, paths)
    return left_out


def _add(store: sqlite3.Connection, verdict: Mapping[str, Any]) -> bool:
    key = hashlib.sha256(json.dumps(ledger.identity(verdict)).encode()).hexdigest()
    finished = _moment(verdict["finished"])
    found = store.execute("SELECT finished FROM run WHERE key = ?", (key,)).fetchone()
    if found is not None and found[0] >= finished:
        return False
    store.execute("DELETE FROM run WHERE key = ?", (key,))
    contract, requests = verdict["contract"]["digest"], verdict["requests"]
    row = {
        "key": key,
        "operation": verdict["operation"],
        "contract": contract,
        "target": one_line(verdict["target"]["name"]),
        "endpoint": one_line(verdict["target"]["endpoint"]),
        **{name: str(verdict[name]) for name in ("depth", "seed", "fail_on", "verdict")},
        "reason": one_line(verdict["reason"]),
        "started": _moment(verdict["started"]),
        "finished": finished,
        **{name: requests[name] for name in ("sent", "accepted", "seconds")},
        **{name: requests.get("latency", {}).get(name) for name in _TIMES},
    }
    columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    number = store.execute(f"INSERT INTO run ({columns}) VALUES ({marks})", row).lastrowid  # noqa: S608  our own names
    for position, clause in enumerate(verdict["clauses"]):
        store.execute(
            "INSERT OR REPLACE INTO clause VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(contract, clause["id"], position),
                *(one_line(clause["statement"]), one_line(words.place(clause)), clause["strength"]),
            ),
        )
        store.execute(
            "INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?)",
            (number, *(clause[name] for name in ("id", "outcome", "cases", "failed")), one_line(clause["reason"])),
        )
    return found is None


def recorded(store: sqlite3.Connection, target: str | None = None) -> list[Recorded]:
    """The runs, of one target or all, by the time at which they started."""
    clauses: dict[str, list[Clause]] = {}
    for contract, *facts in store.execute(
        "SELECT contract, id, statement, place, strength FROM clause ORDER BY contract, position"
    ):
        clauses.setdefault(contract, []).append(Clause(*facts))
    outcomes: dict[int, dict[str, str]] = {}
    for number, clause, outcome in store.execute("SELECT run, clause, outcome FROM outcome"):
        outcomes.setdefault(number, {})[clause] = outcome
    columns = (*_FACTS, *_TIMES)
    rows = store.execute(
        f"SELECT id, {', '.join(columns)} FROM run WHERE :target IS NULL OR target = :target ORDER BY started, id",  # noqa: S608
        {"target": target},
    )
    runs = []
    for number, *cells in rows:
        told = dict(zip(columns, cells))
        times = [told.pop(name) for name in _TIMES]
        runs.append(
            Recorded(
                latency=Latency(*times) if times[0] is not None else None,
                outcomes=outcomes.get(number, {}),
                clauses=tuple(clauses.get(told["contract"], ())),
                **told,
            )
        )
    return runs


def _moment(time: str) -> str:
    """A time in UTC in one spelling, so that texts sort as times do."""
    return f"{time[:19]}Z"
