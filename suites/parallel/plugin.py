"""The pytest side of a run in several processes; without pytest-xdist, or without ``-n``, nothing of it comes to pass.

Whoever is started by the user, the *controller*, checks the options, starts the service, meets the target, and writes
the reports. The *workers* ask.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contracts.lifecycle import LIFECYCLE
from suites.plugin import CAMPAIGN, RUN, SETTING, TOGETHER, WIRE, begin, is_conformance_run, meet

if TYPE_CHECKING:
    from collections.abc import Generator

    from xdist.workermanage import WorkerController

    from suites.parallel.controller import Controller

CONTROLLER: pytest.StashKey[Controller] = pytest.StashKey()
"""There in the process that has others ask."""
LOCAL = "popen"


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Ask in one process what would not be faster in several: the life of restorations, and what asks nothing."""
    option = config.option
    alone = option.plan or option.collectonly or option.operation == LIFECYCLE
    if alone and getattr(option, "numprocesses", None) and is_conformance_run(config):
        option.numprocesses, option.dist, option.tx = 0, "no", []


def pytest_configure(config: pytest.Config) -> None:
    """Take one's place among the processes of the run."""
    setting = config.stash.get(SETTING, None)
    if setting is None:
        return
    settled = getattr(config, "workerinput", {}).get("settled")
    if settled:
        from suites.parallel.worker import Worker  # noqa: PLC0415  for runs in several processes alone
        from targets.board import Board  # noqa: PLC0415

        board = Board(Path(settled["board"]), settled["number"], settled["workers"])
        config.stash[RUN].callback(board.close)
        config.stash[TOGETHER] = Worker(board)
    elif getattr(config.option, "dist", "no") != "no" and getattr(config.option, "tx", None):
        _configure_controller(config)


def _configure_controller(config: pytest.Config) -> None:
    from suites.parallel.controller import Controller  # noqa: PLC0415  for runs in several processes alone
    from targets.board import Board  # noqa: PLC0415

    option, setting, stack = config.option, config.stash[SETTING], config.stash[RUN]
    workers, allowed = len(option.tx), setting.target.limits.connections
    if any(each != LOCAL for each in option.tx) or option.dist == "each":
        raise pytest.UsageError("a run is shared among processes of this machine: say how many by -n alone")
    if option.maxfail:
        raise pytest.UsageError("-x and --maxfail stop one process, and not the others: leave out -n")
    if workers > allowed:
        raise pytest.UsageError(
            f"-n {workers}: the target may have {allowed} connections, and each process needs one: "
            f"give -n {allowed}, or raise limits.connections in the profile"
        )
    option.maxworkerrestart = "0"  # what a lost process was about to ask is not known
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
    board = Board(directory, 0, workers)
    stack.callback(board.close)
    config.stash[CONTROLLER] = Controller(board)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tell a worker what has been settled for all."""
    config = node.config
    controller, setting = config.stash.get(CONTROLLER, None), config.stash.get(SETTING, None)
    if controller is None or setting is None:
        return
    node.workerinput["settled"] = {
        "seed": setting.seed,
        "depth": setting.depth.name,
        "endpoint": setting.target.endpoint if setting.embedded else None,
        "board": str(controller.board.directory),
        "number": controller.number(node),
        "workers": controller.board.workers,
    }


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config) -> Any:
    """Have each worker know beforehand what it asks."""
    controller = config.stash.get(CONTROLLER, None)
    if controller is None:
        return None
    from suites.parallel.scheduling import Split  # noqa: PLC0415  for runs in several processes alone

    def begin() -> None:
        controller.begin(meet(config), config.stash[WIRE], config.stash[SETTING].max_time)

    return Split(controller.board.workers, controller.number, begin)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController, error: object | None) -> None:
    """Have nobody wait for a worker that is lost.

    Raises:
        pytest.UsageError: it could not find what the command line names.
    """
    controller = node.config.stash.get(CONTROLLER, None)
    if controller is not None and error:
        controller.lost(node, str(error))
    elif controller is not None and node.workeroutput["exitstatus"] == pytest.ExitCode.USAGE_ERROR:
        raise pytest.UsageError("what the command line names cannot be found: the same without -n says what")


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """End as one process does that was interrupted."""
    result = yield
    if CONTROLLER in session.config.stash and session.shouldstop:
        raise session.Interrupted(str(session.shouldstop))
    return result


def pytest_collection_finish(session: pytest.Session) -> None:
    """Work out what is for this process to ask."""
    together = session.config.stash.get(TOGETHER, None)
    if together is not None:
        together.divide(session.items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Begin with the first test, and each one when the others are as far."""
    together = item.config.stash.get(TOGETHER, None)
    if together is None:
        return
    if CAMPAIGN not in item.config.stash:
        begin(item.config, item.config.stash[SETTING])
    together.look_round()
    together.reach(item.nodeid)
