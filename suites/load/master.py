"""The master of a load run: asks in turn first, deals out what is allowed, lets the workers ask, and judges the whole.

What fails in turn already is no finding of the load; the verdict has both.
"""

from __future__ import annotations

import locust  # noqa: F401  # isort: skip  before all else: it replaces the blocking calls of the standard library
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import contracts
from contracts.model import Strength
from suites.campaign import Campaign
from suites.conducting import conduct
from suites.exploring import DEPTHS
from suites.judging import SUCCESS
from suites.load.racing import clause_id, with_races
from suites.load.sharing import add, deal, takings_of
from suites.load.swarm import swarm_of
from suites.load.together import judge_together
from suites.load.watching import Watch
from suites.setting import Setting
from targets.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from contracts.model import Contract
    from suites.load.options import Load
    from suites.load.racing import Taking
    from targets.profile import Target


@dataclass
class Loaded:
    """What a load run leaves.

    ``times`` are how long answers took, by status, and ``load`` is what the verdict says of it. ``broken`` says why the
    run has not come to its end, empty once it has.
    """

    setting: Setting
    campaign: Campaign
    wire: Wire
    times: dict[str, list[float]] = field(default_factory=dict)
    load: dict[str, Any] = field(default_factory=dict)
    broken: str = ""


@contextmanager
def loaded(
    target: Target, options: Load, users: int, depth: str, seed: int, report_dir: Path, whom: tuple[str, ...]
) -> Iterator[Loaded]:
    """Load a target; what it yields is whole.

    Args:
        target: whom to ask.
        options: how.
        users: how many, on all workers.
        depth: how many bodies are drawn.
        seed: of the draws.
        report_dir: where the reports go.
        whom: the options by which a worker asks the same target.

    Raises:
        OptionError: the budget is too small for so many workers.
        Unreachable: no connection to the target can be had.
        LoadError: a worker is not there.
    """
    contract = with_races(contracts.load())
    mine, terms = deal(target, options.workers, depth, seed, hasty=options.until_failure)
    setting = Setting(contract, target, DEPTHS[depth], seed, Strength.IMPLIED, {}, report_dir)
    with ExitStack() as stack:
        wire = stack.enter_context(Wire(mine, frozenset(SUCCESS), contract.busy))
        campaign = Campaign(contract, mine, wire, DEPTHS["smoke"], seed)
        conduct(campaign)
        done = Loaded(setting, campaign, wire)
        done.load = {"users": users, "workers": options.workers, "seconds": options.time, "mix": dict(options.mix)}
        if not campaign.stopped:
            watch = Watch(contract, options, _kept(setting, campaign))
            swarm = stack.enter_context(swarm_of(options, whom, watch))
            asked = swarm.run([asdict(each) for each in terms], users, options.time, target.limits.timeout)
            done.load |= {"seconds": round(asked.seconds, 1), "ended": asked.why}
            takings = list(watch.takings)
            for told in asked.results:
                _add(done, told)
                takings += takings_of(told)
            _judge(contract, done, takings)
            _say_what_is_missing(done, [told["stopped"] for told in asked.results], options.workers)
        yield done


def _kept(setting: Setting, campaign: Campaign) -> frozenset[str]:
    """The clauses that have not failed in turn and that fail a run."""
    entries = campaign.record.entries
    counting = (each.id for each in setting.contract.clauses if each.strength.reaches(setting.fail_on))
    return frozenset(each for each in counting if each not in entries or not entries[each].failed)


def _add(done: Loaded, told: Mapping[str, Any]) -> None:
    done.campaign.recall(add(told, done.wire))
    for status, times in told["times"].items():
        done.times.setdefault(status, []).extend(times)


def _say_what_is_missing(done: Loaded, stopped: Sequence[str], workers: int) -> None:
    """A run whose workers were lost, or stopped, has not shown what it was to show."""
    if len(stopped) < workers:
        done.broken = f"{workers - len(stopped)} of {workers} workers did not tell what they found"
    done.campaign.stopped = next(filter(None, stopped), "")


def _judge(contract: Contract, done: Loaded, takings: Sequence[Taking]) -> None:
    """What only the workers together show."""
    share, raced = judge_together(contract, takings)
    done.campaign.recall(share)
    if contract.busy and not raced.proven and not raced.one:
        done.campaign.record.skip(clause_id(contract), raced.why)
