"""A valid token is not enough: the role has to allow restoring, and the project has to be the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.logging_in import foreign_project, no_project, read_only, unknown_project
from targets.exchange import Role

if TYPE_CHECKING:
    from suites.campaign import Campaign
    from suites.plugin import Answer, Conclude


def _no_reader(campaign: Campaign) -> str:
    if not campaign.contract.starts:
        return "a role that may only read may ask this"
    return "" if Role.READ_ONLY in campaign.target.tokens else "needs [credentials.read_only] in the profile"


def _no_foreign_project(campaign: Campaign) -> str:
    return "" if campaign.target.foreign_project_id else "needs target.foreign_project_id in the profile"


@pytest.mark.clause("s.403")
@pytest.mark.question(ask=read_only, lacks=_no_reader)
def test_read_only_role_is_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer())


@pytest.mark.clause("t1.project_id.value")
@pytest.mark.question(ask=foreign_project, lacks=_no_foreign_project)
def test_foreign_project_is_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer())


@pytest.mark.clause("t1.project_id.value")
@pytest.mark.question(ask=unknown_project)
def test_unknown_project_is_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer())


@pytest.mark.clause("t1.project_id.mandatory")
@pytest.mark.question(ask=no_project)
def test_path_without_project_is_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer())
