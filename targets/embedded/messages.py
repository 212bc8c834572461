"""What goes in and out of the embedded service: a call, a reply, and a refusal on its way to becoming one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from targets.embedded.operation import Operation


class Refusal(Exception):  # noqa: N818  an answer, not an error
    """The request is refused with this status and error body."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass
class Call:
    """A request on its way through the stages; header names are in lower case, and ``spelled`` as the caller has them.

    Servers keep no spelling, so that only a call without a socket has any.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    project: str = ""
    document: Any = None
    spelled: tuple[str, ...] = ()
    operation: Operation | None = None
    """What the path has turned out to ask for, None while that is not known, and for a restoration."""
    allowed: str = "POST"
    """The method that the path has."""

    @property
    def token(self) -> str | None:
        """The token as it came, None without one."""
        return self.headers.get("x-auth-token")


@dataclass
class Reply:
    """An answer on its way out. ``cut`` ends the connection after so many bytes of the body; ``drop`` at once."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    cut: int | None = None
    drop: bool = False
    delay: float = 0
    chunked: bool = False
