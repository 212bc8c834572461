"""The state of a whole API document: which of its pages derive, by whose decisions, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contracts import sources, store
from contracts.comparing import differences
from contracts.defects import read as read_defects
from contracts.derivation import DerivationError, derive
from contracts.resolving import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contracts.model import Decision, Defect, Page, Reading, Refusal


@dataclass(frozen=True)
class PageState:
    """What came of one page.

    ``file`` is its path below the surveyed folder. ``refusals`` are the places that come to nothing without a
    decision, ``decisions`` what is decided about the page; ``contract`` whether the committed one says the same,
    differs, or is not there. ``trouble`` says why nothing was derived, empty if all was; ``at_odds`` if that is no
    refused place, but a page or decision that cannot be taken at all.
    """

    file: str
    title: str = ""
    operation: str = ""
    tables: int = 0
    clauses: int = 0
    defects: tuple[Defect, ...] = ()
    readings: tuple[Reading, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    decisions: tuple[Decision, ...] = ()
    contract: str = "none"
    trouble: str = ""
    at_odds: bool = False

    def decision(self, refusal: Refusal) -> Decision | None:
        """What a person decided about a refused place."""
        return next((each for each in self.decisions if refusal.place in each.places), None)

    def reading(self, defect: Defect) -> Reading | None:
        """How a defect is read."""
        return next((each for each in self.readings if each.id == defect.reading), None)


@dataclass(frozen=True)
class Survey:
    """All pages of a document that describe operations, and the files that describe none."""

    pages: tuple[PageState, ...]
    others: tuple[str, ...]


def survey(folder: Path, root: Path = store.ROOT) -> Survey:
    """Look at every page below a folder.

    Args:
        folder: Where the published pages are (``.rst``).
        root: Where the contracts are, whose decisions count.

    Raises:
        SourceError: there is no page, no docutils, or a file that cannot be opened.
        ContractError: a contract below ``root`` that is not whole.
    """
    files = sorted(folder.rglob("*.rst"))
    if not files:
        raise sources.SourceError(f"{folder}: no pages (.rst) below it")
    pages: list[PageState] = []
    others: list[str] = []
    reading = sources.reader()
    for path in files:
        name = path.relative_to(folder).as_posix()
        text = sources.text_of(path)
        try:
            if reading.is_operation(text, name):
                pages.append(_state(name, reading.read_page(text, name), root))
            else:
                others.append(name)
        except reading.PageError as error:
            pages.append(PageState(name, trouble=str(error), at_odds=True))
    return Survey(tuple(pages), tuple(others))


def _state(name: str, page: Page, root: Path) -> PageState:
    operation = sources.operation_of(page, root)
    decisions = sources.decisions_for(root / operation)
    known = PageState(
        name,
        title=page.title,
        operation=operation,
        tables=len(page.tables),
        refusals=resolve(page).refusals,
        decisions=decisions.decisions,
        contract=_contract(page, root / operation),
    )
    try:
        derived = derive(operation, page, decisions)
    except DerivationError as error:
        return replace(known, trouble=f"{name}: {error}", at_odds=not error.refusals)
    defects, readings = read_defects(page, decisions)
    return replace(known, clauses=len(derived.clauses), defects=defects, readings=readings)


def _contract(page: Page, folder: Path) -> str:
    if not (folder / store.FACTS).exists():
        return "none"
    return "differs" if differences(store.page_of(folder), page) else "same"


def lines(found: Survey) -> Iterator[str]:
    """The survey for a terminal: a table, then each refused place with what was decided or has to be."""
    heads = ("page", "operation", "tables", "clauses", "defects", "refused", "contract", "state")
    rows = [heads, *map(_cells, found.pages)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    for row in rows:
        cells = [
            cell.rjust(width) if 2 <= column <= 5 else cell.ljust(width)  # noqa: PLR2004  the counts
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    derived = sum(not page.trouble for page in found.pages)
    yield ""
    yield f"{len(found.pages)} operations, {derived} derived; no operation: {', '.join(found.others) or 'none'}"
    for page in found.pages:
        yield from _details(page)


def _cells(page: PageState) -> tuple[str, ...]:
    counts = (page.tables, page.clauses, len(page.defects), len(page.refusals))
    return (page.file, page.operation or "-", *map(str, counts), page.contract, _word(page))


def _word(page: PageState) -> str:
    if not page.title:
        return "unreadable"
    if page.trouble:
        return "at odds with its decisions" if page.at_odds else "refused"
    return "derived, as decided" if page.refusals else "derived"


def _details(page: PageState) -> Iterator[str]:
    if page.at_odds:
        yield page.trouble
    for refusal in page.refusals:
        yield f"{page.file}:{refusal.line}: {refusal.place}: {refusal.why}"
        decision = page.decision(refusal)
        if decision:
            yield f"    decided in {page.operation}/{store.READINGS}: {decision.words}; {decision.reason}"
        else:
            yield f"    to be decided in {page.operation}/{store.READINGS}: {refusal.decide}"
