"""What every exchange of the run has shown: statuses, error bodies, media type, discretion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suites.plugin import SETTING, by_clause

if TYPE_CHECKING:
    import pytest

    from suites.plugin import Sum


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    contract = metafunc.config.stash[SETTING].contract
    metafunc.parametrize("clause", by_clause(clause.id for clause in contract.clauses if not clause.source.table))


def test_clause_is_kept_throughout(clause: str, sum_up: Sum) -> None:
    sum_up(clause)
