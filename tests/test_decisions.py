"""What is left to a person is read strictly."""

from __future__ import annotations

import pytest

from contracts.decisions import DecisionError, parse_decisions
from contracts.model import Decision, Decisions, Idiom, Lookup, Strength

GOOD = """
[lookups.ringer_id]
statuses = [404]
codes = ["Bell.2"]
strength = "implied"
[codes]
busy = ["Bell.1"]
[[reading]]
id = "a"
place = "b"
read_as = "c"
reason = "d"
"""


def test_decisions_are_read() -> None:
    decisions = parse_decisions(GOOD)
    assert decisions.lookups == (Lookup("ringer_id", (404,), ("Bell.2",), Strength.IMPLIED),)
    assert decisions.busy == frozenset({"Bell.1"})
    assert not decisions.retired | decisions.callers_fault
    assert [reading.id for reading in decisions.readings] == ["a"]
    assert parse_decisions("") == Decisions()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[codes]", "[codex]", "unknown key codex"),
        ("busy", "lazy", "codes: unknown key lazy"),
        ("strength", "weight", "lookups.ringer_id: unknown key weight"),
        ('strength = "implied"', "", "lookups.ringer_id: strength is missing"),
        ('"implied"', '"sure"', "expected one of documented, implied, advisory"),
        ('"implied"', "[1]", "expected one of documented"),
        ("[404]", "[]", "lookups.ringer_id.statuses: expected at least one"),
        ("[404]", "[true]", "lookups.ringer_id.statuses: expected a list of int"),
        ("[404]", "404", "expected a list of int"),
        ('["Bell.1"]', "[1]", "codes.busy: expected a list of str"),
        ('read_as = "c"', "", "reading 1: read_as is missing"),
        ('read_as = "c"', "read_as = 3", "reading 1: read_as: expected a text"),
        (
            'reason = "d"',
            'reason = "d"\n[[reading]]\nid="a"\nplace="b"\nread_as="c"\nreason="d"',
            "reading a: given twice",
        ),
        ("[[reading]]", "[reading]", "reading: expected a list"),
        ("[codes]", "[codes", "not TOML"),
        ("[lookups.ringer_id]", "[lookups]", "expected a table"),
    ],
)
def test_decisions_that_are_refused(old: str, new: str, says: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(DecisionError) as caught:
        parse_decisions(GOOD.replace(old, new))
    assert says in str(caught.value)


DECISION = """
[[decision]]
places = ["Table 3, how", "Table 5, how"]
type = "Dict"
fixed = "x"
mandatory = false
without = ["range"]
reason = "d"
"""


def test_decisions_about_places_are_read() -> None:
    (decision,) = parse_decisions(DECISION).decisions
    assert decision == Decision(("Table 3, how", "Table 5, how"), "d", "Dict", False, "x", (Idiom.RANGE,))
    (unused,) = parse_decisions('[[decision]]\nplaces = ["Table 5"]\nunused = true\nreason = "d"').decisions
    assert unused.unused


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('["Table 3, how", "Table 5, how"]', "[]", "decision 1: places: expected at least one"),
        ('["Table 3, how", "Table 5, how"]', '"Table 3"', "decision 1: places: expected a list of str"),
        ('reason = "d"', "", "decision 1: reason: expected a text"),
        ('"Dict"', '"two words"', "'two words' is no type"),
        ('"Dict"', '""', "decision 1: type: expected a text"),
        ('"x"', "3", "decision 1: fixed: expected a text"),
        ("mandatory = false", 'mandatory = "no"', "decision 1: mandatory: expected true or false"),
        ("mandatory = false", "unused = false", "decision 1: unused: expected true or false"),
        ('"range"', '"bounds"', "expected some of fixed, enum, range, integer"),
        ("type =", "kind =", "decision 1: unknown key kind"),
    ],
)
def test_decisions_about_places_that_are_refused(old: str, new: str, says: str) -> None:
    assert DECISION.count(old) == 1
    with pytest.raises(DecisionError) as caught:
        parse_decisions(DECISION.replace(old, new))
    assert says in str(caught.value)


def test_a_decision_decides_something() -> None:
    with pytest.raises(DecisionError, match="decision 1: nothing is decided"):
        parse_decisions('[[decision]]\nplaces = ["Table 5"]\nreason = "d"')
