"""Charts of a run as inline SVG, drawn by leather: no scripts, coloured by the page's own style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import leather
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WIDTH, BAR, FRAME = 560, 26, 90
"""Sizes in units of the picture: its width, the height of a bar with its gap, and what is around them in height."""
ET.register_namespace("", "http://www.w3.org/2000/svg")


def statuses(by_status: Mapping[str, int]) -> Markup:
    """How many requests were answered with each status, or with none."""
    told = {"no answer" if status == "none" else status: count for status, count in sorted(by_status.items())}
    return _bars("Answers by status", told)


def latency(told: Mapping[str, Any]) -> Markup:
    """How many answers took how long, by the ``histogram`` of a verdict."""
    classes = {_class(each["up_to"]): each["answers"] for each in told["histogram"]}
    return _bars("Answers by the time they took", classes)


def _class(up_to: float | None) -> str:
    return "more" if up_to is None else f"\u2264 {seconds(up_to)}"


def seconds(time: float) -> str:
    """A time in seconds, for people: ``2.4 ms``, ``1.5 s``."""
    return f"{time * 1000:.3g} ms" if time < 1 else f"{time:.3g} s"


def _bars(title: str, values: Mapping[str, int]) -> Markup:
    """A bar for each value, its label and count beside it."""
    chart = leather.Chart()
    chart.add_bars([(count, f"{label}: {count}") for label, count in values.items()])
    chart.add_x_scale(0, max(1, *values.values()))
    height = FRAME + BAR * len(values)
    svg = ET.fromstring(chart.to_svg(width=WIDTH, height=height))  # noqa: S314  drawn just now
    for element in svg.iter():
        for name in _looks(element):
            del element.attrib[name]
    svg.attrib.update(
        {
            "viewBox": f"0 0 {WIDTH} {height}",
            "class": "chart",
            "role": "img",
            "aria-label": f"{title}: {', '.join(f'{label} {count}' for label, count in values.items())}",
        }
    )
    return Markup(ET.tostring(svg, encoding="unicode"))  # noqa: S704  serialised, so all that is text is escaped


def _looks(element: ET.Element) -> Iterator[str]:
    """The attributes that would fix a colour or a font, or the size of the whole: the page's style gives those."""
    looks = {"fill", "stroke", "font-family", "font-size"}
    if element.tag.endswith("}svg"):
        looks |= {"width", "height"}
    yield from looks & set(element.keys())
