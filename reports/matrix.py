"""Several verdicts side by side: every clause and open point by target, what they differ in first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports import ledger, words
from reports.files import ReportError
from suites.earlier import NO_VERDICT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNSEEN = "not asked"
"""What a target shows of an open point that its run did not come to."""


@dataclass(frozen=True)
class Column:
    """A target and the verdict on it, under the name that it has in the matrix."""

    label: str
    verdict: Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """What one target shows of one clause: the outcome, how many cases failed of how many, and why."""

    outcome: str
    failed: int
    cases: int
    why: str


@dataclass(frozen=True)
class ClauseRow:
    """One clause over all targets, a cell for each in their order."""

    id: str
    statement: str
    place: str
    strength: str
    cells: tuple[Cell, ...]

    @property
    def outcomes(self) -> frozenset[str]:
        """The outcomes that there are."""
        return frozenset(cell.outcome for cell in self.cells)

    @property
    def differs(self) -> bool:
        """Whether not all targets have the same outcome."""
        return len(self.outcomes) > 1

    @property
    def contested(self) -> bool:
        """Whether one target keeps what another breaks; otherwise one of them was merely not judged."""
        return {"pass", "fail"} <= self.outcomes or {"pass", "deviation"} <= self.outcomes


@dataclass(frozen=True)
class PointRow:
    """One open point over all targets: what each was seen to do."""

    point: str
    seen: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the targets resolve it differently."""
        return len(set(self.seen)) > 1


@dataclass(frozen=True)
class Matrix:
    """Everything that a comparison shows. ``remarks`` are to be told before the rest."""

    columns: tuple[Column, ...]
    differing: tuple[ClauseRow, ...]
    broken: tuple[ClauseRow, ...]
    kept: tuple[ClauseRow, ...]
    points: tuple[PointRow, ...]
    remarks: tuple[str, ...]

    @property
    def clauses(self) -> tuple[ClauseRow, ...]:
        """All clauses, what differs first, then what is alike and not kept."""
        return self.differing + self.broken + self.kept

    @property
    def headline(self) -> str:
        """The result in one sentence."""
        parts = [
            f"{words.number(len(self.differing), 'clause')} {words.verb(len(self.differing), 'tell')} them apart",
            f"{len(self.kept)} kept by all",
        ]
        parts += [f"{len(self.broken)} alike and not kept"] if self.broken else []
        return f"{len(self.columns)} targets, {words.number(len(self.clauses), 'clause')}: {', '.join(parts)}"


def columns(arguments: Sequence[str]) -> tuple[Column, ...]:
    """The verdicts that the arguments name, each ``VERDICT`` or ``LABEL=VERDICT``.

    Raises:
        EarlierError: one of them is no verdict.
        ReportError: they cannot be set side by side.
    """
    if len(arguments) < 2:  # noqa: PLR2004  one is nothing to compare with
        raise ReportError("two verdicts or more are needed")
    read: list[tuple[Path, Column]] = []
    for argument in arguments:
        label, _, name = argument.rpartition("=") if not Path(argument).exists() else ("", "", argument)
        verdict = ledger.read(Path(name))
        column = Column(label.strip() or verdict["target"]["name"], verdict)
        for path, other in read:
            _check(Path(name), column, path, other)
        read.append((Path(name), column))
        if verdict["verdict"] in NO_VERDICT:
            raise ReportError(f"{name}: is no finished run ({verdict['reason']}): take the verdict of one that is")
    return tuple(column for _, column in read)


def _check(path: Path, column: Column, other_path: Path, other: Column) -> None:
    """Raise ReportError for two verdicts that cannot stand side by side."""
    one, two = other.verdict, column.verdict
    if one["operation"] != two["operation"]:
        raise ReportError(f"{path}: is a verdict on {two['operation']}, and {other_path} one on {one['operation']}")
    ours, theirs = two["contract"]["digest"][:12], one["contract"]["digest"][:12]
    if ours != theirs:
        raise ReportError(f"{path}: was judged by another contract than {other_path} ({ours}, not {theirs})")
    if ledger.identity(one) == ledger.identity(two):
        raise ReportError(f"{path}: is the same run as {other_path}")
    if column.label == other.label:
        raise ReportError(
            f"{path}: is on the target {column.label!r} as {other_path} is: name them apart, as in LABEL={path}"
        )


def lay_out(columns: Sequence[Column]) -> Matrix:
    """Set verdicts on the same contract side by side.

    Clauses stand in the order of the contract, which the first verdict has; those that one target keeps and another
    breaks come before those that were merely not judged everywhere.
    """
    clauses = [{clause["id"]: clause for clause in column.verdict["clauses"]} for column in columns]
    rows = [_row(clause, [each.get(clause["id"]) for each in clauses]) for clause in columns[0].verdict["clauses"]]
    alike = [row for row in rows if not row.differs]
    return Matrix(
        columns=tuple(columns),
        differing=tuple(sorted((row for row in rows if row.differs), key=lambda row: not row.contested)),
        broken=tuple(row for row in alike if row.outcomes != {"pass"}),
        kept=tuple(row for row in alike if row.outcomes == {"pass"}),
        points=_points(columns),
        remarks=tuple(_remarks(columns)),
    )


def _row(clause: Mapping[str, Any], of_targets: Sequence[Mapping[str, Any] | None]) -> ClauseRow:
    return ClauseRow(
        id=clause["id"],
        statement=clause["statement"],
        place=words.place(clause),
        strength=clause["strength"],
        cells=tuple(
            Cell(each["outcome"], each["failed"], each["cases"], each["reason"])
            if each
            else Cell("skipped", 0, 0, "the verdict does not have this clause")
            for each in of_targets
        ),
    )


def _points(columns: Sequence[Column]) -> tuple[PointRow, ...]:
    seen: dict[str, list[list[str]]] = {}
    for index, column in enumerate(columns):
        for each in column.verdict["observations"]:
            seen.setdefault(each["point"], [[] for _ in columns])[index].append(each["seen"])
    rows = [PointRow(point, tuple("; ".join(sorted(each)) or UNSEEN for each in all_)) for point, all_ in seen.items()]
    return tuple(sorted(rows, key=lambda row: not row.differs))


def _remarks(columns: Sequence[Column]) -> list[str]:
    """What may have been started by mistake, and in what the runs differ, so that targets may only seem to."""
    remarks = [
        f"{column.label}: {words.accidents(column.verdict)}."
        for column in columns
        if column.verdict["requests"].get("accidents")
    ]
    for key, noun in (("depth", "depth"), ("fail_on", "strength that fails a run")):
        values = Counter(column.verdict[key] for column in columns)
        if len(values) > 1:
            told = ", ".join(f"{column.label} {column.verdict[key]}" for column in columns)
            remarks.append(f"The runs differ in their {noun} ({told}): what one shows the other may have missed.")
    if len({column.verdict["target"]["consent"] for column in columns}) > 1:
        without = ", ".join(column.label for column in columns if not column.verdict["target"]["consent"])
        remarks.append(f"No restoration was allowed at {without}: what needs one was not asked there.")
    return remarks
