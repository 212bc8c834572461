"""Sound services that use the freedoms which the page leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from targets.embedded.changes import VARIATIONS

if TYPE_CHECKING:
    from targets.embedded.service import Service


@VARIATIONS.change()
def existence_first(service: Service) -> None:
    """Looks up what the body names before it looks at the rest of it."""
    service.stages.insert(service.stages.index("validate"), "look_up")
