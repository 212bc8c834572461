"""Pages and contracts as a command finds them: files that are there, can be read, and belong to an operation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from contracts import store
from contracts.deciding import applying
from contracts.drift import Version
from contracts.resolving import resolve

if TYPE_CHECKING:
    from types import ModuleType

    from contracts.model import Decisions, Page


class SourceError(Exception):
    """A page or contract that cannot be had, in one sentence."""


def read_page(path: Path) -> Page:
    """The facts of a published page.

    Raises:
        SourceError: no such file, no docutils to read it with, or a place in it that cannot be read.
    """
    reading = reader()
    try:
        page: Page = reading.read_page(text_of(path), str(path))
    except reading.PageError as error:
        raise SourceError(str(error)) from error
    return page


def read_error_codes(path: Path) -> dict[str, tuple[int, ...]]:
    """The codes of the published appendix.

    Raises:
        SourceError: as :func:`read_page` does.
    """
    reading = reader()
    try:
        codes: dict[str, tuple[int, ...]] = reading.read_error_codes(text_of(path), str(path))
    except reading.PageError as error:
        raise SourceError(str(error)) from error
    return codes


def reader() -> ModuleType:
    """The reader of pages, which alone needs docutils; a run of the suites does without.

    Raises:
        SourceError: docutils is not installed.
    """
    try:
        from contracts import reading  # noqa: PLC0415  commands about contracts alone must not need docutils
    except ModuleNotFoundError as error:
        raise SourceError(f"reading a page needs docutils ({error}): pip install docutils") from error
    return reading


def text_of(path: Path) -> str:
    """The text of a file.

    Raises:
        SourceError: it is not there, not a file, or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 at byte {error.start}") from error


def operation_of(page: Page, root: Path) -> str:
    """The name of a page's operation: that of the contract with its title, else the title with ``_`` between words.

    Raises:
        ContractError: a contract that is not whole.
    """
    for operation in store.operations(root):
        if store.page_of(root / operation).title == page.title:
            return operation
    return re.sub(r"[^a-z0-9]+", "_", page.title.lower()).strip("_")


def contract_of(page: Page, root: Path) -> str:
    """The name of the contract that a page is about: the one with its title, else the only one with its URI.

    Raises:
        ContractError: a contract that is not whole.
    """
    operation = operation_of(page, root)
    if operation in store.operations(root):
        return operation
    pages = {name: store.page_of(root / name) for name in store.operations(root)}
    alike = [name for name, other in pages.items() if (other.method, other.path) == (page.method, page.path)]
    return alike[0] if len(alike) == 1 else operation


def decisions_for(folder: Path) -> Decisions:
    """What a person decided about an operation, nothing if its folder has no decisions.

    Raises:
        ContractError: decisions that cannot be read.
    """
    return store.decisions_of(folder) if (folder / store.READINGS).exists() else store.NO_DECISIONS


def version_of(given: str, root: Path) -> tuple[Version, tuple[str, ...]]:
    """A version of an operation, and why some of the decisions about it do not apply to it.

    Args:
        given: A page, a contract's folder, or the name of a contract below ``root``. A page is read as was decided
            about the contract of its title or URI.
        root: Where the contracts are.

    Raises:
        SourceError: there is none, or a place of it that nobody has decided about.
        ContractError: a contract that is not whole.
    """
    path = Path(given)
    folder = path if path.is_dir() else root / given
    if path.suffix == ".rst" or path.is_file():
        page = read_page(path)
        decisions = decisions_for(root / contract_of(page, root)).decisions
    elif (folder / store.FACTS).is_file():
        page = store.page_of(folder)
        decisions = decisions_for(folder).decisions
    else:
        raise SourceError(f"{given}: neither a page (.rst) nor a contract's folder, nor the name of a contract")
    refused = frozenset(refusal.place for refusal in resolve(page).refusals)
    kept, dropped = applying(page.tables, decisions, refused)
    resolution = resolve(page, kept)
    if resolution.refusals:
        raise SourceError("\n".join(f"{given}: {each}; to be decided: {each.decide}" for each in resolution.refusals))
    return Version(page, resolution), dropped
