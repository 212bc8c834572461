"""``python -m suites.load``: hold a target to the contract under load, over worker processes of Locust."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = 4
"""The exit status for options or a profile that cannot be used, as of a run."""
NEEDED = (
    "Locust is not installed: use tox run -e load, or install what the group load of pyproject.toml lists "
    "(it needs Python 3.11)"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Load a target; the exit status is that of a run."""
    from suites.load.options import parser  # noqa: PLC0415  what is heavy comes after Locust

    options = parser().parse_args(arguments)
    if find_spec("locust") is None:
        sys.stderr.write(f"suites.load: {NEEDED}\n")
        return USAGE
    from suites.load.running import run  # noqa: PLC0415

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
