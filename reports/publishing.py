"""Report files under their names only once they are whole.

pytest-html and JUnit are told to write to ``NAME.part`` in the same directory; after both have written, the files are
renamed. What an earlier run left under the final names is taken away first, so that whatever stands there belongs to
the run that just ended.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.dressing import dress

if TYPE_CHECKING:
    from collections.abc import Iterable

PENDING = pytest.StashKey[dict[str, Path]]()
"""The final path by option (``htmlpath``, ``xmlpath``) of every report that this run has still to write."""

_NAMES = {"htmlpath": "report.html", "xmlpath": "junit.xml"}
_BARE = ("help", "markers", "showfixtures", "show_fixtures_per_test", "collectonly", "plan")
_BROKEN_OFF = (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)


def runs_tests(config: pytest.Config) -> bool:
    """Whether this process is to run tests and report on them; not so for ``--help``, ``--plan``, workers."""
    asks_only = any(config.getoption(name, default=False) for name in _BARE)
    return not asks_only and not hasattr(config, "workerinput")


def configure(config: pytest.Config, directory: Path) -> None:
    """Have the run leave ``report.html`` and ``junit.xml`` in this directory, made if need be.

    To be called in a ``pytest_configure`` that is not marked ``trylast``. pytest-html and JUnit read their options in
    their own ``pytest_configure``; the one of a plugin that a conftest registers comes before, since pytest calls the
    last registered first, but a ``trylast`` comes after all others, and then neither report is written. A path given
    on the command line (``--html``, ``--junit-xml``) is kept. Without effect where no tests are run.

    Raises:
        pytest.UsageError: the directory cannot be made.
    """
    if not runs_tests(config):
        return
    pending = {}
    for option, name in _NAMES.items():
        if not hasattr(config.option, option):
            raise pytest.UsageError(f"{name} cannot be written: its plugin is switched off or not installed")
        given = getattr(config.option, option)
        pending[option] = _expanded(given) if given else (directory / name).absolute()
    for option, path in pending.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _no_place(path, error) from error
        setattr(config.option, option, str(_part(path)))
    config.option.self_contained_html = True
    config.stash[PENDING] = pending


def clear(config: pytest.Config, *others: Path) -> None:
    """Take away what an earlier run left: the reports that this run has still to write, and other files.

    Call this before anything that can end the run early.

    Raises:
        pytest.UsageError: one of them cannot be taken away.
    """
    for path in (*config.stash.get(PENDING, {}).values(), *others):
        _take_away(path)
        _take_away(_part(path))


def _take_away(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _no_place(path, error) from error


def _no_place(path: Path, error: OSError) -> pytest.UsageError:
    return pytest.UsageError(f"{path}: reports cannot be written there: {error.strerror}")


def publish(config: pytest.Config, exit_status: int) -> tuple[Path, ...]:
    """Give the reports that were written their final names, and return these. Once only; then there is nothing to do.

    The JUnit file of a run that was broken off keeps its provisional name: it lists the tests that came to their end
    and would read as a success. The page says in its first line that there is no verdict.

    Raises:
        OSError: a report was not written, or cannot be renamed.
        PageError: the page cannot be made safe; it keeps its provisional name.
    """
    pending = config.stash.get(PENDING, {})
    config.stash[PENDING] = {}
    if exit_status in _BROKEN_OFF:
        pending.pop("xmlpath", None)
    for option, path in pending.items():
        if option == "htmlpath":
            _dress(_part(path))
        _part(path).replace(path)
    _tell_new_names(config.pluginmanager.get_plugins(), {str(_part(path)): path for path in pending.values()})
    return tuple(pending.values())


def _dress(page: Path) -> None:
    page.write_text(dress(page.read_text(encoding="utf-8")), encoding="utf-8")


def _tell_new_names(plugins: Iterable[object], names: dict[str, Path]) -> None:
    """Have the writers name the final files in the terminal's summary, where they say what they have written."""
    for plugin in plugins:
        for attribute, kind in (("logfile", str), ("_report_path", Path)):
            final = names.get(str(vars(plugin).get(attribute))) if hasattr(plugin, "__dict__") else None
            if final is not None:
                setattr(plugin, attribute, kind(final))


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _expanded(path: str) -> Path:
    return Path(os.path.abspath(Path(os.path.expandvars(path)).expanduser()))  # noqa: PTH100  resolve() follows links
