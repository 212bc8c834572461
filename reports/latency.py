"""How long the answers of a run took, in few numbers."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

BOUNDS = tuple(step * 10.0**power for power in range(-3, 2) for step in (1, 2, 5))
"""Upper bounds of the classes, in seconds: 1, 2 and 5 ms, and so on up to 50 s."""
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}


def told(times: Sequence[float]) -> dict[str, Any]:
    """The quantiles of times in seconds, by the nearest rank, and how many answers each class has; empty without any.

    A class ends at ``up_to`` seconds; the last one, at None, has no end. Empty classes at either end are left out.
    """
    if not times:
        return {}
    ordered = sorted(times)
    counts = [0] * (len(BOUNDS) + 1)
    for time in ordered:
        counts[bisect_left(BOUNDS, time)] += 1
    bounds = (*(round(bound, 3) for bound in BOUNDS), None)
    filled = [index for index, count in enumerate(counts) if count]
    classes = range(filled[0], filled[-1] + 1)
    return {
        **{name: round(ordered[_rank(share, len(ordered))], 6) for name, share in QUANTILES.items()},
        "histogram": [{"up_to": bounds[index], "answers": counts[index]} for index in classes],
    }


def _rank(share: float, count: int) -> int:
    """The place of the smallest value that so large a share of all does not exceed."""
    return max(0, -(-int(share * 100) * count // 100) - 1)
