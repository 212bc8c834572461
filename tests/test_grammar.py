"""Type cells say a type by a closed grammar, and everything else in them is prose."""

from __future__ import annotations

import pytest

from contracts.grammar import Type, Wrap, parse_type

LIST, MAP = Wrap.LIST, Wrap.MAP


@pytest.mark.parametrize(
    ("text", "name", "wraps", "word"),
    [
        ("String", "String", (), "string"),
        ("INTEGER", "INTEGER", (), "integer"),
        ("boolean", "boolean", (), "boolean"),
        ("Dict", "Dict", (), "object"),
        ("Object", "Object", (), "object"),
        ("restore_req", "restore_req", (), None),
        ("List<Ringer>", "Ringer", (LIST,), None),
        ("list<String>", "String", (LIST,), "string"),
        ("List<List<Boolean>>", "Boolean", (LIST, LIST), "boolean"),
        ("Array<Ringer>", "Ringer", (LIST,), None),
        ("Array of Ringer", "Ringer", (LIST,), None),
        ("Array of Ringer objects", "Ringer", (LIST,), None),
        ("array of strings", "string", (LIST,), "string"),
        ("Array of List<Integer>", "Integer", (LIST, LIST), "integer"),
        ("Map<String, Integer>", "Integer", (MAP,), "integer"),
        ("Map<String,Ringer>", "Ringer", (MAP,), None),
        ("List<Map<String, String>>", "String", (LIST, MAP), "string"),
    ],
)
def test_types(text: str, name: str, wraps: tuple[Wrap, ...], word: str | None) -> None:
    parsed = parse_type(text)
    assert parsed == Type(name, wraps)
    assert parsed.word == word


@pytest.mark.parametrize(
    "text",
    [
        "",
        "User token",
        "MIME type of the body",
        "List<>",
        "List<a b>",
        "List <String>",
        "String[]",
        "Map<Integer, x>",
        "Array of",
    ],
)
def test_prose(text: str) -> None:
    assert parse_type(text) is None


@pytest.mark.parametrize(
    ("text", "oddly"), [("String", False), ("string", True), ("List<dict>", True), ("ringer", False)]
)
def test_words_in_another_case_are_told(text: str, *, oddly: bool) -> None:
    parsed = parse_type(text)
    assert parsed is not None
    assert parsed.spelt_oddly is oddly
