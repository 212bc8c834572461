"""Row by row, where a page no longer says what the committed contract says."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from contracts.model import Idiom
from contracts.resolving import constraint_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Page, Row, Table


def differences(committed: Page, page: Page) -> tuple[str, ...]:
    """One line for each fact that differs, in the order of the page; lines of the page do not count.

    Args:
        committed: The facts of the committed contract.
        page: The facts just read.
    """
    return tuple(_differences(committed, page))


def _differences(was: Page, says: Page) -> Iterator[str]:
    yield from _changed("Title", was.title, says.title)
    yield from _changed("URI format, method", was.method, says.method)
    yield from _changed("URI format, path", was.path, says.path)
    old, new = ({table.number: table for table in page.tables} for page in (was, says))
    for number in sorted({*old, *new}):
        yield from _of_table(number, old.get(number), new.get(number))
    for number, (before, after) in enumerate(zip_longest(was.request_lines, says.request_lines), 1):
        yield from _changed(f"Example request, line {number}", before, after)
    for word, ours, theirs in (
        ("request", was.request_examples, says.request_examples),
        ("response", was.response_examples, says.response_examples),
    ):
        for number, (shown, shows) in enumerate(zip_longest(ours, theirs), 1):
            yield from _of_example(f"Example {word}{f' {number}' if number > 1 else ''}", shown, shows)
    for label, before, after in (("Normal", was.success, says.success), ("Abnormal", was.failure, says.failure)):
        yield from (f"Status Codes, {label}: {status} was there, page lacks it" for status in _less(before, after))
        yield from (f"Status Codes, {label}: {status} is new on the page" for status in _less(after, before))
        if before != after and set(before) == set(after):
            yield f"Status Codes, {label}: the statuses are in another order"


def _of_table(number: int, was: Table | None, says: Table | None) -> Iterator[str]:
    name = f"Table {number}"
    if was is None or says is None:
        yield f"{name}: was there, page lacks it" if was else f"{name}: is new on the page"
        return
    yield from _changed(f"{name}: section", was.side.value, says.side.value)
    yield from _changed(f"{name}: subject", was.subject or "none", says.subject or "none")
    if was.captioned != says.captioned:
        yield f"{name}: {'lacks its caption on the page' if was.captioned else 'has a caption on the page'}"
    old, new = ({row.name: row for row in table.rows} for table in (was, says))
    for each in old | new:
        place = f"{name}, {each}"
        if each not in new:
            yield f"{place}: was there, page lacks it"
        elif each not in old:
            yield f"{place}: is new on the page"
        else:
            yield from _of_row(place, old[each], new[each])
    if list(old) != list(new) and set(old) == set(new):
        yield f"{name}: the rows are in another order"


def _of_row(place: str, was: Row, says: Row) -> Iterator[str]:
    words = {True: "Yes", False: "No", None: "not stated"}
    yield from _changed(f"{place}: mandatory", words[was.mandatory], words[says.mandatory])
    yield from _changed(f"{place}: type", was.type or "prose", says.type or "prose")
    yield from _changed(f"{place}: fixed value", was.fixed, says.fixed)
    for idiom in (Idiom.ENUM, Idiom.RANGE, Idiom.INTEGER):
        yield from _changed(f"{place}: {idiom.value}", _values(was, idiom), _values(says, idiom))
    yield from _changed(f"{place}: reference", _link(was), _link(says))


def _link(row: Row) -> str | None:
    return f"Table {row.link}" if row.link else None


def _values(row: Row, idiom: Idiom) -> str | None:
    """A constraint in words, if the row has it."""
    constraint = constraint_of(row, idiom)
    return (", ".join(map(str, constraint.values)) or "stated") if constraint else None


def _of_example(name: str, was: str | None, says: str | None) -> Iterator[str]:
    if was is None or says is None:
        if was != says:
            yield f"{name}: was there, page lacks it" if was else f"{name}: is new on the page"
        return
    lines = zip_longest(was.split("\n"), says.split("\n"), fillvalue="")
    for number, (before, after) in enumerate(lines, 1):
        yield from _changed(f"{name}, line {number}:", before.strip(), after.strip(), missing="empty")
        if before != after and before.strip() == after.strip():
            yield f"{name}, line {number}: white space differs"


def _changed(place: str, was: str | None, says: str | None, *, missing: str = "none") -> Iterator[str]:
    if was != says:
        yield f"{place} was {was or missing}, page says {says or missing}"


def _less(some: tuple[int, ...], others: tuple[int, ...]) -> list[int]:
    return [each for each in some if each not in others]
