"""The embedded service as a target: started as a process of its own, with the profile that its world makes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from targets.credentials import Token
from targets.embedded import world
from targets.embedded.launch import launch
from targets.exchange import Role
from targets.profile import Limits, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOKENS = {
    Role.OPERATOR: Token(world.OPERATOR_TOKEN, "$CSBS_TOKEN"),
    Role.READ_ONLY: Token(world.READ_ONLY_TOKEN, "$CSBS_READER_TOKEN"),
    Role.EXPIRED: Token(world.EXPIRED_TOKEN, "$CSBS_EXPIRED_TOKEN"),
}
LASTING = 0.1
"""Seconds that a restoration takes where its life is looked at."""
UNLIMITED = 1_000_000
"""Restorations of nothing cost nothing."""
FAST = Limits(connections=2, requests_per_second=None, timeout=10, busy_wait=10, throttle_wait=10, restoration_wait=10)


def embedded_target(endpoint: str, flaws: Sequence[str] = ()) -> Target:
    """The embedded service at an endpoint, with all that a run can use."""
    return Target(
        name=" with ".join(["embedded service", *flaws]),
        endpoint=endpoint,
        project_id=world.PROJECT,
        foreign_project_id=world.FOREIGN_PROJECT,
        tokens=TOKENS,
        budget=UNLIMITED,
        resources=world.RESOURCES,
        limits=FAST,
        provoke={status: (("X-Fault-Inject", str(status)),) for status in (500, 503)},
    )


@contextmanager
def serve(flaws: Sequence[str] = (), variations: Sequence[str] = (), lasting: float = 0) -> Iterator[Target]:
    """The target of a service that runs for the length of a block, and whose restorations last so many seconds.

    Raises:
        LaunchError: the service did not start; the message says why.
    """
    with launch(flaws, variations, lasting) as endpoint:
        yield embedded_target(endpoint, [*flaws, *variations])
