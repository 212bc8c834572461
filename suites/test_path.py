"""What the path says beside the project has to be there, and to be what the page fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.in_path import misname, wrong_paths
from suites.plugin import SETTING, each_or_nothing

if TYPE_CHECKING:
    from suites.in_path import Wrong
    from suites.plugin import Answer, Conclude


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wrong = wrong_paths(metafunc.config.stash[SETTING].contract)
    params = [pytest.param(each, id=each.id, marks=pytest.mark.clause(each.clause)) for each in wrong]
    metafunc.parametrize("wrong", each_or_nothing(params))


@pytest.mark.question(ask=misname)
def test_wrong_path_is_refused(wrong: Wrong, answer: Answer, conclude: Conclude) -> None:
    conclude(answer(wrong))
