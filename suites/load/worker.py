"""``python -m suites.load.worker --master HOST --port P``: one process of users, which a master tells what to do."""

from __future__ import annotations

import locust  # isort: skip  before all else: it replaces the blocking calls of the standard library
import argparse
import itertools
import logging
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
import gevent.event
from locust.env import Environment

import contracts
from suites.exploring import DEPTHS
from suites.judging import SUCCESS
from suites.load.asking import Asker
from suites.load.racing import with_races
from suites.load.sharing import HERE, PROGRESS, READY, RESULT, TERMS, Terms, progress, result
from targets import profile
from targets.embedded.target import embedded_target
from targets.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from targets.exchange import Exchange
    from targets.profile import Target

IDLE = 0.2
"""Seconds between looks of a user that may ask nothing more."""
TELLING = 0.25
"""Seconds between two messages of how far the users have come."""
USELESS = 2


class Caller(locust.User):  # type: ignore[misc]
    """A user: asks what the mix says, as fast as answers come."""

    asker: Asker
    kinds: tuple[str, ...] = ()
    weights: tuple[int, ...] = ()
    numbers = itertools.count(1)

    def on_start(self) -> None:
        """Take a name and dice of one's own."""
        self._name = f"user {next(self.numbers)}"
        self._dice = random.Random(f"{self.asker.campaign.seed} {self._name}")  # noqa: S311  a mix, no secret

    @locust.task  # type: ignore[untyped-decorator]
    def ask(self) -> None:
        """Ask once."""
        if self.asker.stopped:
            gevent.sleep(IDLE)
            return
        [kind] = self._dice.choices(self.kinds, self.weights)
        self.asker.ask(kind, self._name)


class Worker:
    """What a worker does at the master's messages."""

    def __init__(self, target: Target, mix: dict[str, int]) -> None:
        self._target = target
        self._mix = mix
        self._environment = Environment(user_classes=[Caller])
        self._asker: Asker | None = None
        self._wire: Wire | None = None
        self._over = gevent.event.Event()
        self._telling: gevent.Greenlet | None = None

    def run(self, host: str, port: int) -> None:
        """Serve a master until it says that all is over."""
        runner = self._environment.create_worker_runner(host, port)
        runner.register_message(TERMS, self._begin)
        self._environment.events.test_stop.add_listener(self._end)
        runner.send_message(HERE)  # Locust has told the master before anybody listened
        runner.greenlet.join()
        if self._wire:
            self._wire.close()

    def _begin(self, msg: Any, **_: Any) -> None:
        """Draw all bodies and see that the target is there."""
        terms = Terms(**msg.data)
        target, contract = terms.apply(self._target), with_races(contracts.load())
        self._wire = Wire(target, frozenset(SUCCESS), frozenset())
        self._asker = Asker(
            contract, target, self._wire, DEPTHS[terms.depth], terms.seed, self._heard, hasty=terms.hasty
        )
        self._asker.campaign.preflight()
        Caller.asker = self._asker
        mix = self._asker.kinds(self._mix)
        Caller.kinds, Caller.weights = tuple(mix), tuple(mix.values())
        self._environment.runner.send_message(READY, {"number": terms.number, "stopped": self._asker.stopped})
        self._telling = gevent.spawn(self._tell, terms.number, self._asker)

    def _tell(self, number: int, asker: Asker) -> None:
        """Tell how far the users have come, again and again until all have ended."""
        while not self._over.wait(TELLING):
            self._environment.runner.send_message(PROGRESS, progress(number, asker))

    def _heard(self, exchange: Exchange) -> None:
        """Let Locust count an answer, by its status."""
        failure = None if exchange.answer else ConnectionError(exchange.why)
        self._environment.events.request.fire(
            request_type=exchange.sent.method,
            name=str(exchange.status or "none"),
            response_time=1000 * exchange.seconds,
            response_length=len(exchange.answer.body) if exchange.answer else 0,
            exception=failure,
            context={},
        )

    def _end(self, **_: Any) -> None:
        """Have confirmed what was judged last, and tell all."""
        if self._asker is None or self._wire is None or self._telling is None:
            return
        self._over.set()
        gevent.joinall([self._telling])  # the result comes last
        self._environment.stop_timeout = 0.0  # all users have ended; Locust would sleep so long once more
        self._asker.campaign.close()
        self._environment.runner.send_message(RESULT, result(self._asker, self._wire))


def main(arguments: Sequence[str] | None = None) -> int:
    """Work for a master; the exit status."""
    from suites.load.options import MIX, mix  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m suites.load.worker", description=__doc__)
    parser.add_argument("--master", default="127.0.0.1", metavar="HOST", help="where the master is")
    parser.add_argument("--port", type=int, required=True, metavar="P", help="the master's")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--target", type=Path, metavar="FILE", help="profile of the target")
    where.add_argument("--embedded", metavar="ENDPOINT", help="where the embedded service listens")
    parser.add_argument("--mix", type=mix, default=mix(MIX), help=f"how often what is asked (default: {MIX})")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING)
    try:
        target = profile.load(options.target) if options.target else embedded_target(options.embedded)
    except profile.ProfileError as error:
        sys.stderr.write(f"suites.load.worker: {error}\n")
        return USELESS
    Worker(target, options.mix).run(options.master, options.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
