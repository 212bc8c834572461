"""What an operation beside the restoration is made of: where it is found, and the stages that it has of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from targets.embedded.messages import Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from targets.embedded.messages import Call
    from targets.embedded.service import Service


class Operation:
    """An operation of the service. Flaws and variations replace its stages, which are looked up on the instance.

    ``path`` has None for a parameter. Stages that are not its ``own`` are the service's, and shared by all.
    """

    method = "POST"
    path: tuple[str | None, ...] = ()
    own = frozenset({"authorize_role", "read", "validate", "look_up"})

    def __init__(self, service: Service) -> None:
        self.service = service

    def around(self, stage: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Put a function around one of the operation's own."""
        setattr(self, stage, wrap(getattr(self, stage)))

    def has(self, parts: Sequence[str]) -> bool:
        """Whether a path, cut at its slashes, is the operation's; a parameter is never empty."""
        return len(parts) == len(self.path) and all(
            bool(part) if expected is None else part == expected for part, expected in zip(parts, self.path)
        )

    def authorize_role(self, call: Call) -> None:
        """Let everyone ask who is known in the project: a question changes nothing."""

    def read(self, call: Call) -> None:
        """Ignore the body."""

    def validate(self, call: Call) -> None:
        """Find nothing to check."""

    def look_up(self, call: Call) -> None:
        """Find nothing to look up."""

    def reply(self, call: Call) -> Reply:
        """The answer to a request that is in order."""
        return Reply(200, self.service.render(self.describe(call)))

    def describe(self, call: Call) -> Any:
        """The document that answers a request."""
        raise NotImplementedError
