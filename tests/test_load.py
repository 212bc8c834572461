"""What can be said of a load run without Locust: its judgement of races, what it deals out, and how it is asked for."""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from dataclasses import asdict, replace
from typing import Any

import pytest

import contracts
from suites.load import __main__ as command
from suites.load.options import MIX, Load, OptionError, mix, parser
from suites.load.racing import GUARDED, Taking, clause_id, races, with_races
from suites.load.sharing import deal
from suites.load.watching import FAILURE, REQUESTS, STOPPED, Watch
from targets.embedded.target import embedded_target
from tests.starting import ENVIRONMENT, ROOT

TARGET = embedded_target("http://127.0.0.1:9")
LOAD = Load(workers=2, users=9, time=1, mix=mix(MIX), port=0, remote=False)


def took(
    started: float, seconds: float = 0.01, *, accepted: bool = True, goes_on: bool = True, host: str = "here"
) -> Taking:
    return Taking(host, "resource 1", started, started + seconds, accepted, goes_on)


BUSY = [took(10 + number / 100, 0.005, accepted=False) for number in range(GUARDED)]
TWICE = [took(start + late) for start in (0.0, 2.0, 4.0) for late in (0.0, 0.005)]


def test_two_accepted_at_one_time_are_told_where_the_target_guards_and_takes_long() -> None:
    pairs = races([*TWICE, *BUSY]).proven
    assert pairs == tuple(zip(TWICE[::2], TWICE[1::2]))


@pytest.mark.parametrize(
    "takings",
    [
        TWICE,
        [*TWICE[2:], *BUSY],
        [*(took(late / 1000) for late in range(9)), *BUSY],
        [*TWICE, *BUSY[1:]],
        [*TWICE, *BUSY, took(20.0), took(20.02)],
        [*TWICE, *BUSY, took(20.0), took(20.03), *BUSY],
        [*(replace(each, goes_on=False) for each in TWICE[::2]), *TWICE[1::2], *BUSY],
        [*TWICE[::2], *(replace(each, host="there") for each in TWICE[1::2]), *BUSY],
        [*TWICE[::2], *(replace(each, server="resource 2") for each in TWICE[1::2]), *BUSY],
        [took(start + late) for start in (0.0, 2.0, 4.0) for late in (0.0, 0.02)] + BUSY,
    ],
    ids=[
        "never busy",
        "seldom",
        "many at once, once",
        "hardly ever busy",
        "over soon",
        "over soon, and busy",
        "says that it is over",
        "clocks of two machines",
        "two servers",
        "one after the other",
    ],
)
def test_nothing_is_told_where_the_first_may_have_been_over(takings: list[Taking]) -> None:
    assert races(takings).proven == ()


def test_one_of_two_refused_as_busy_keeps_the_clause() -> None:
    raced = races([took(0.0), took(0.005, accepted=False)])
    assert (raced.one, raced.both, raced.proven) == (1, 0, ())


@pytest.mark.parametrize("longest", [0.0, 0.01, 0.05, 0.2, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_sound_service_is_not_accused_however_long_its_restorations_take(longest: float, seed: int) -> None:
    """Users ask a guarded server whose restorations take from no time up to the longest, evenly."""
    dice = random.Random(seed)  # noqa: S311  a simulation, no secret
    takings, free = [], 0.0
    times = sorted(dice.uniform(0, 60) for _ in range(6000))
    for decided in times:
        before, after = dice.uniform(0, 0.01), dice.uniform(0, 0.01)
        accepted = decided >= free
        if accepted:
            free = decided + dice.uniform(0, longest)
        takings.append(took(decided - before, before + after, accepted=accepted))
    assert races(takings).proven == ()


def test_only_a_contract_with_a_code_for_it_has_the_clause() -> None:
    contract = contracts.load()
    assert with_races(contract).clause(clause_id(contract)).strength.value == "implied"
    silent = replace(contract, busy=frozenset())
    assert with_races(silent) is silent


@pytest.mark.parametrize("budget", [4, 5, 40, 41, 100_000])
@pytest.mark.parametrize("workers", [1, 2])
def test_shares_come_to_no_more_than_the_profile_allows(budget: int, workers: int) -> None:
    limits = replace(TARGET.limits, requests_per_second=100, bad_tokens=9)
    target = replace(TARGET, budget=budget, limits=limits)
    mine, terms = deal(target, workers, "smoke", 1)
    targets = [mine, *(each.apply(target) for each in terms)]
    assert sum(each.budget for each in targets) == budget
    assert all(each.consent for each in targets)
    assert sum(each.requests_per_second or 0 for each in terms) == 100
    assert sum(each.limits.bad_tokens for each in targets) <= 9


def test_without_consent_nobody_has_any() -> None:
    mine, terms = deal(replace(TARGET, budget=0), 2, "smoke", 1)
    assert not any(each.consent for each in (mine, *(each.apply(replace(TARGET, budget=0)) for each in terms)))


def test_a_budget_that_does_not_go_round_is_refused() -> None:
    with pytest.raises(OptionError, match="too small for 3 workers"):
        deal(replace(TARGET, budget=5), 3, "smoke", 1)


def test_users_are_no_more_than_the_profile_allows_connections() -> None:
    assert LOAD.users_of(None) == LOAD.users_of(9) == 9
    with pytest.raises(OptionError, match=r"limits\.connections allows 8"):
        LOAD.users_of(8)
    with pytest.raises(OptionError, match="too few"):
        replace(LOAD, users=1).users_of(8)


RACES = clause_id(contracts.load())
KEPT = frozenset({RACES, "restores.s.200"})


def watch(*told: dict[str, Any], **options: Any) -> Watch:
    """What is heard of a load with these options, where the clauses of ``KEPT`` have not failed in turn."""
    watching = Watch(with_races(contracts.load()), replace(LOAD, **options), KEPT)
    for each in told:
        watching.hear(each)
    return watching


def progress(number: int, answered: int = 0, failed: str = "", stopped: str = "", *takings: Taking) -> dict[str, Any]:
    return {
        "number": number,
        "answered": answered,
        "failed": failed.split(),
        "stopped": stopped,
        "takings": [asdict(taking) for taking in takings],
    }


def test_a_load_ends_once_so_many_requests_are_answered_on_all_workers() -> None:
    assert watch(progress(1, 60), progress(2, 39), requests=100).enough() == ""
    assert watch(progress(1, 60), progress(2, 40), requests=100).enough() == REQUESTS
    assert watch(progress(1, 60), progress(1, 99), requests=100).enough() == ""
    assert watch(progress(1, 60), progress(2, 40)).enough() == ""


def test_a_load_ends_with_a_failure_that_requests_in_turn_had_not_shown() -> None:
    assert watch(progress(1), progress(2, 9, "restores.s.200"), until_failure=True).enough() == FAILURE
    assert watch(progress(1), progress(2, 9, "restores.s.404"), until_failure=True).enough() == ""
    assert watch(progress(1), progress(2, 9, "restores.s.200")).enough() == ""


def test_a_load_ends_with_a_failure_that_only_the_workers_together_show() -> None:
    told = [progress(1, 9, "", "", *TWICE[::2], *BUSY), progress(2, 9, "", "", *TWICE[1::2])]
    assert watch(*told, until_failure=True).enough() == FAILURE
    assert watch(*told).enough() == ""
    assert watch(told[0], until_failure=True).enough() == ""


def test_a_load_ends_once_no_worker_may_ask_any_more() -> None:
    assert watch(progress(1, 9, "", "the budget is used up")).enough() == ""
    assert watch(progress(1, 9, "", "the budget is used up"), progress(2)).enough() == ""
    assert watch(*(progress(number, 9, "", "the budget is used up") for number in (1, 2))).enough() == STOPPED


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", ""])
def test_a_number_of_requests_that_is_none_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args([f"--requests={text}"])
    assert f"argument --requests: {text!r} is no number above 0" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["valid", "valid=x", "other=1", "valid=0", ""])
def test_a_mix_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        mix(text)


def test_without_locust_it_says_what_to_do(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    assert command.main([]) == 4
    assert "Locust is not installed: use tox run -e load" in capsys.readouterr().err


def test_an_ordinary_run_imports_nothing_that_replaces_blocking_calls() -> None:
    names = "suites.plugin, suites.concluding, suites.load.asking, suites.load.watching, suites.load.__main__"
    code = f"import sys, {names}; sys.exit(bool({{'gevent', 'locust'}} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, check=True)
