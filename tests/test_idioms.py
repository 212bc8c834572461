"""Descriptions limit values in closed idioms only; whatever is nearly one stays prose."""

from __future__ import annotations

import pytest

from contracts.idioms import AmbiguousFixedValueError, constraints_of
from contracts.model import Constraint, Idiom

FIXED, ENUM, RANGE, INTEGER = Idiom.FIXED, Idiom.ENUM, Idiom.RANGE, Idiom.INTEGER


@pytest.mark.parametrize(
    ("text", "idiom", "values"),
    [
        ("It has a fixed value. For bells, the value is **c-sharp**.", FIXED, ("c-sharp",)),
        ("Tone. The value is fixed at **c-sharp** (of old).", FIXED, ("c-sharp",)),
        ("Enum: [in, out, round]", ENUM, ("in", "out", "round")),
        ("Enum:[ in]", ENUM, ("in",)),
        ("Possible values are **in** and **out**.", ENUM, ("in", "out")),
        ("How. Possible values are **in**, **out**, and **round**.", ENUM, ("in", "out", "round")),
        ("Value range: in, out, and round", ENUM, ("in", "out", "round")),
        ("The value ranges from 0 to 100.", RANGE, (0, 100)),
        ("Loud. The value ranges from **-5** to **5**.", RANGE, (-5, 5)),
    ],
)
def test_idioms(text: str, idiom: Idiom, values: tuple[str | int, ...]) -> None:
    assert constraints_of(((text, 7),)) == (Constraint(idiom, values, 7),)


def test_a_range_of_integers_says_two_things() -> None:
    found = constraints_of((("Progress. The value is an integer ranging from **0** to **100**.", 3),))
    assert found == (Constraint(RANGE, (0, 100), 3), Constraint(INTEGER, (), 3))


@pytest.mark.parametrize(
    "text",
    [
        "The default value is **in**.",
        "Value **in** says that it is.",
        "Possible values are **in** (inwards) and **out**.",
        "Possible values are in and **out**.",
        "Possible values are:",
        "Values such as Enum: [in, out] are known.",
        "Value range: in, out of sight, and round",
        "The value can be **-1** or ranges from **0** to **99999**.",
        "**HOUR** ranges from 0 to 23 hours.",
        "The value ranges from 0 to 23 hours.",
        "The value must be a positive integer.",
        "An ASCII character (0-31)",
    ],
)
def test_what_is_nearly_an_idiom_stays_prose(text: str) -> None:
    assert constraints_of(((text, 1),)) == ()


def test_each_paragraph_tells_its_line_and_repetitions_count_once() -> None:
    found = constraints_of((("State", 4), ("Enum: [up, down]", 6), ("Possible values are **up** and **down**.", 8)))
    assert found == (Constraint(ENUM, ("up", "down"), 6),)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It has a fixed value.", 0),
        ("A fixed value: the value is **a**, or the value is **b**.", 2),
        ("The value is fixed at **a**. The value is fixed at **b**.", 2),
    ],
)
def test_a_fixed_value_is_one(text: str, count: int) -> None:
    with pytest.raises(AmbiguousFixedValueError) as caught:
        constraints_of(((text, 1),))
    assert caught.value.count == count
