"""The arithmetic of the bench, and what it tells; how fast anything is, no test says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from targets.embedded.changes import FLAWS
from tests.bench import beginning, drawing, finding, lasting, parallel, replaying, waiting
from tests.bench.figures import Figure, document, quantile, table, write
from tests.bench.processes import BenchError, Spent, spent, timed_run
from tests.bench.stopwatch import ROOT, Stopwatch, room_of

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


def told(requests: int, wall: float, cpu: float, reports: float = 0.5, **more: Any) -> dict[str, Any]:
    """What a stopwatch says of a run that began at second 10."""
    first = {"clock": 10.0, "cpu": 0.5}
    asked = {"clock": 10.0 + wall - reports, "cpu": 0.5 + cpu - reports}
    end = {"clock": 10.0 + wall, "cpu": 0.5 + cpu}
    return {"requests": requests, "first": first, "asked": asked, "end": end, "cpu": {"sending": 0.75}, **more}


def test_goal_is_met_on_its_side() -> None:
    assert Figure("a", 2.0, "x", 2.0).met
    assert not Figure("a", 2.1, "x", 2.0).met
    assert Figure("a", 400, "/s", 400, at_most=False).met
    assert not Figure("a", 399, "/s", 400, at_most=False).met
    assert Figure("a", None, "x", 2.0).met is False, "what did not come out meets no goal"
    assert Figure("a", 2.0, "x").met is None


def test_table_has_every_figure_beside_its_goal() -> None:
    figures = [
        Figure("wall / replay", 1.5, "x", 2.0, detail="3 s and 2 s"),
        Figure("bodies", 123.4, "/s", 400, at_most=False),
        Figure("median", 12, "requests"),
        Figure("most", None, "requests", 400),
    ]
    assert list(table(figures)) == [
        "                       measured                 goal",
        "wall / replay            1.50 x               <= 2 x  met",
        "    3 s and 2 s",
        "bodies                   123 /s            >= 400 /s  NOT MET",
        "median              12 requests",
        "most                    nothing      <= 400 requests  NOT MET",
    ]


def test_measurement_is_written_down(tmp_path: Path) -> None:
    path = write(document([Figure("a", 1.25, "x", 1.0)], 2.04, to_find={"flaw": None}), tmp_path / "new")
    measured = json.loads(path.read_text(encoding="utf-8"))
    assert measured["figures"] == [
        {"name": "a", "value": 1.25, "unit": "x", "goal": 1.0, "at_most": True, "met": False, "detail": ""}
    ]
    assert (measured["seconds"], measured["to_find"]) == (2.0, {"flaw": None})
    assert measured["machine"]["processors"] >= 1
    assert [each.name for each in path.parent.iterdir()] == ["bench.json"]


def test_quantiles_are_values_that_were_there() -> None:
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile(list(range(1, 21)), 0.95) == 19
    assert quantile([7], 0.95) == 7
    with pytest.raises(ValueError, match="no values"):
        quantile([], 0.5)


def test_run_is_held_against_its_replay() -> None:
    disturbed, usual, lucky = told(100, wall=20.0, cpu=3.0), told(100, wall=6.0, cpu=3.0), told(100, wall=3.0, cpu=3.0)
    ratio, bound = replaying.figures([(disturbed, 2.0), (usual, 2.0), (lucky, 2.0)])
    assert (ratio.value, ratio.met) == (3.0, False)
    assert "median of 10.00, 3.00, 1.50" in ratio.detail
    assert (bound.value, bound.detail) == (0.5, "sending 75%")


def test_run_is_held_against_what_its_connections_need() -> None:
    [ratio] = waiting.figures(told(1600, wall=20.0, cpu=1.0), latency=0.1, connections=16, accepted=3)
    assert (ratio.value, ratio.met) == (2.0, False)
    [few] = waiting.figures(told(999, wall=6.0, cpu=1.0), latency=0.1, connections=16, accepted=3)
    assert few.value is None, "too few requests say nothing"


def test_one_process_is_held_against_two() -> None:
    one, two = parallel.Run(Spent(30.0, 29.0, ""), 28.0), parallel.Run(Spent(18.0, 31.0, ""), 16.0)
    slow, fast = parallel.Run(two.spent, 20.0), parallel.Run(two.spent, 14.0)
    asking, whole = parallel.figures([(one, fast), (one, slow), (one, two)], processors=2)
    assert (asking.value, asking.met, whole.value, whole.met) == (1.75, True, 30 / 18, None)
    assert whole.detail == "30.0 s and 18.0 s, CPU 29.0 s and 31.0 s"
    assert asking.detail == "28.0 s and 16.0 s; median of 2.00, 1.40, 1.75"
    assert parallel.figures([(one, slow)], processors=2)[0].met is False
    assert parallel.figures([(one, two)], processors=1)[0].value is None, "there is nothing to be gained"


def test_imports_are_added_up_by_package() -> None:
    lines = [
        "import time: self [us] | cumulative | imported package",
        "import time:       300 |        300 |   anyio._core",
        "import time:       200 |        500 | anyio",
        "297 tests collected",
        "import time:     40000 |      40500 | hypothesis.core",
    ]
    packages = beginning.imported(lines)
    assert packages == {"hypothesis": 0.04, "anyio": 0.0005}
    first, collected, spared = beginning.figures(0.75, 0.25, 0.5, packages)
    assert (first.value, collected.value, spared.value) == (1.0, 0.5, 0.0005)
    assert "hypothesis 0.04" in collected.detail


def test_memory_goes_on_as_in_the_last_part_of_a_run() -> None:
    long = told(20_000, 20.0, 20.0, reports=2.0, memory=[(1000, 60 * MIB), (5000, 80 * MIB), (20_000, 95 * MIB)])
    memory, reports, archive = lasting.figures(long, told(2000, 2.0, 2.0, reports=0.5), archived=[0.1, 1.0])
    assert memory.value == 175
    assert f"{MIB // 1000 + 1} bytes a request" in memory.detail
    assert (reports.value, archive.value) == (0.4, 1.0)


def test_flaws_that_are_not_found_count_as_never_found() -> None:
    counts = {f"flaw-{number}": 100 + number for number in range(18)}
    early, steady, median, most = finding.figures({**counts, "late": 401, "fails-by-chance": None})
    assert (early.value, early.met) == (90, False)
    assert steady.value == 1800 / 19, "one that shows by chance is told apart"
    assert "missed at smoke: fails-by-chance" in early.detail
    assert (median.value, most.value) == (109, 401)
    assert finding.figures({"found": 1, "missed": None})[3].value is None


def test_flaw_is_found_after_some_requests() -> None:
    found = finding.requests_to_find("power-on-may-be-missing")
    assert found is not None
    assert 0 < found < finding.WITHIN


def test_sample_is_of_flaws_that_break_something() -> None:
    fleet, sample = finding.names(fleet=True), finding.names(fleet=False)
    assert set(sample) < set(fleet) < set(FLAWS)
    assert all(FLAWS[name].breaks for name in fleet)


def test_drawing_and_judging_come_to_figures() -> None:
    figures = drawing.measure(bodies=5, batches=1, every=40)
    assert all(figure.value for figure in figures)


def test_time_is_put_down_to_the_innermost_room() -> None:
    assert room_of(f"{ROOT}/contracts/faults.py") == "proving"
    assert room_of(f"{ROOT}/contracts/bodies.py") == "drawing"
    assert room_of(f"{ROOT}/suites/judging.py") == "judging"
    assert room_of("/lib/python3/json/__init__.py") is None


def test_stopwatch_measures_a_run(tmp_path: Path) -> None:
    run = timed_run(tmp_path, "--depth", "smoke", "--keep-requests", "-k", "lenient")
    assert run["requests"] == len(run["kept"]) > 5
    assert run["first"]["clock"] < run["asked"]["clock"] <= run["end"]["clock"]
    assert run["memory"][-1][0] == run["requests"]
    assert replaying.replay(run["kept"]) > 0
    assert set(run["cpu"]) <= {"sending", "judging", "drawing", "proving", "reporting", "pytest"}


def test_stopwatch_has_as_many_bodies_drawn_as_are_asked_for(tmp_path: Path) -> None:
    one = "t2.restore.type-as_integer"
    few, more = (
        timed_run(tmp_path, "--depth", "smoke", "-k", one, "--bodies", bodies)["requests"] for bodies in ("1", "9")
    )
    assert more > few


def test_stopwatch_keeps_requests_only_if_asked(tmp_path: Path) -> None:
    watch = Stopwatch(keep=False)
    watch.leaves("POST", "http://127.0.0.1/", {}, b"{}")
    watch.mark("end")
    watch.write(tmp_path / "told.json")
    assert json.loads((tmp_path / "told.json").read_text(encoding="utf-8"))["kept"] == []


def test_process_that_fails_is_told() -> None:
    with pytest.raises(BenchError, match="ended with 3"):
        spent(["/bin/sh", "-c", "exit 3"])
