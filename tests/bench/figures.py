"""What was measured, beside its goal: a table for people, ``bench.json`` for programs."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SCHEMA_VERSION = 1
NAME = "bench.json"


@dataclass(frozen=True)
class Figure:
    """One figure. ``value`` is None where nothing came out; ``goal`` where there is none.

    ``at_most`` says on which side of the goal the value has to be, ``detail`` what it is made of.
    """

    name: str
    value: float | None
    unit: str
    goal: float | None = None
    at_most: bool = True
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        if self.value is None:
            return False
        return self.value <= self.goal if self.at_most else self.value >= self.goal


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of some values that so large a share of them does not exceed (nearest rank).

    Raises:
        ValueError: there are none.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -(-round(share * 1000) * len(ordered) // 1000) - 1)]


def table(figures: Sequence[Figure]) -> Iterator[str]:
    """A line for each figure, and its detail below it."""
    width = max((len(each.name) for each in figures), default=0)
    yield f"{'':<{width}}  {'measured':>16}  {'goal':>19}"
    for each in figures:
        word = {True: "met", False: "NOT MET", None: ""}[each.met]
        yield f"{each.name:<{width}}  {_amount(each.value, each.unit):>16}  {_goal(each):>19}  {word}".rstrip()
        if each.detail:
            yield f"    {each.detail}"


def document(figures: Sequence[Figure], seconds: float, **more: Any) -> dict[str, Any]:
    """All that was measured, as ``bench.json`` has it; ``seconds`` is the wall time of the whole."""
    return {
        "schema_version": SCHEMA_VERSION,
        "machine": machine(),
        "seconds": round(seconds, 1),
        "figures": [
            {
                "name": each.name,
                "value": each.value,
                "unit": each.unit,
                "goal": each.goal,
                "at_most": each.at_most,
                "met": each.met,
                "detail": each.detail,
            }
            for each in figures
        ],
        **more,
    }


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processors": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def write(measured: dict[str, Any], directory: Path) -> Path:
    """Write ``bench.json``, whole or not at all; where it is.

    Raises:
        OSError: it cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / NAME
    part = path.with_suffix(".json.part")
    part.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "nothing"
    return f"{_digits(value)} {unit}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    return f"{'<=' if figure.at_most else '>='} {_digits(figure.goal)} {figure.unit}"


def _digits(value: float) -> str:
    """Three digits that count, and no exponent."""
    whole = 100
    if value == int(value) or abs(value) >= whole:
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < whole / 10 else f"{value:.1f}"
