"""What goes on between a restoration that was accepted and its end, told by several operations together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.plugin import SETTING, by_clause

if TYPE_CHECKING:
    import pytest

    from suites.plugin import View
    from suites.record import Tally


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    contract = metafunc.config.stash[SETTING].contract
    metafunc.parametrize("clause", by_clause(clause.id for clause in contract.clauses))


def test_restorations_live_as_promised(clause: str, lived: Tally, view: View) -> None:
    view([lived], clause)
