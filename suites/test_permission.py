"""A valid token is not enough: the role has to allow restoring, and the project has to be the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from suites.logging_in import foreign_project, no_project, read_only, unknown_project
from targets.exchange import Role

if TYPE_CHECKING:
    from suites.campaign import Campaign
    from suites.plugin import Answer, Conclude


@pytest.mark.clause("s.403")
def test_read_only_role_is_refused(campaign: Campaign, answer: Answer, conclude: Conclude) -> None:
    if not campaign.contract.starts:
        pytest.skip("a role that may only read may ask this")
    if Role.READ_ONLY not in campaign.target.tokens:
        pytest.skip("needs [credentials.read_only] in the profile")
    conclude(answer(read_only))


@pytest.mark.clause("t1.project_id.value")
def test_foreign_project_is_refused(campaign: Campaign, answer: Answer, conclude: Conclude) -> None:
    project = campaign.target.foreign_project_id
    if project is None:
        pytest.skip("needs target.foreign_project_id in the profile")
    conclude(answer(foreign_project, project))


@pytest.mark.clause("t1.project_id.value")
def test_unknown_project_is_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer(unknown_project))


@pytest.mark.clause("t1.project_id.mandatory")
def test_path_without_project_is_refused(answer: Answer, conclude: Conclude) -> None:
    conclude(answer(no_project))
