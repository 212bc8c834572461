"""The service catalogue gives one endpoint without version and project, or says which key has to choose."""

from __future__ import annotations

from typing import Any

import pytest

from targets.catalogue import Catalogue, CatalogueError, root

PROJECT = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://csbs.example", "https://csbs.example"),
        ("https://csbs.example/", "https://csbs.example"),
        ("https://csbs.example/v1", "https://csbs.example"),
        (f"https://csbs.example/v1/{PROJECT}", "https://csbs.example"),
        (f"https://csbs.example:8443/prefix/v1/{PROJECT}/", "https://csbs.example:8443/prefix"),
        ("https://csbs.example/v1/$(project_id)s", "https://csbs.example"),
        ("https://csbs.example/v1/%(tenant_id)s", "https://csbs.example"),
        ("https://csbs.example/v1/AUTH_$(project_id)s", "https://csbs.example"),
        ("https://csbs.example/v1/{project_id}", "https://csbs.example"),
        (f"http://v1/v1/{PROJECT}", "http://v1"),
        (f"https://csbs.example/{PROJECT}", "https://csbs.example"),
    ],
)
def test_version_and_project_are_taken_off(url: str, endpoint: str) -> None:
    assert root(url, PROJECT) == endpoint


@pytest.mark.parametrize(
    "url",
    [
        "https://csbs.example/v2/$(project_id)s",
        "https://csbs.example/v1.0",
        "https://csbs.example/v1/another-project",
        "https://csbs.example/v1/gateway/csbs",
        "ftp://csbs.example/v1",
        "https://me:secret@csbs.example/v1",
        "https://csbs.example/v1?a=b",
        "csbs.example/v1",
    ],
)
def test_other_addresses_are_not_guessed_at(url: str) -> None:
    with pytest.raises(CatalogueError, match=r"set target\.endpoint") as caught:
        root(url, PROJECT)
    assert "secret" not in str(caught.value)


def endpoint(url: str, region: str = "r1", interface: str = "public") -> dict[str, Any]:
    return {"url": url, "region_name": region, "interface": interface}


SERVICES = [
    {"type": "identity", "endpoints": [endpoint("https://iam.example/v3")]},
    {
        "type": "csbs",
        "endpoints": [
            endpoint("https://one.example/v1/$(project_id)s"),
            endpoint("https://two.example/v1/$(project_id)s", "r2"),
            endpoint("https://inside.example/v1/$(project_id)s", interface="internal"),
        ],
    },
    {"type": "backup", "endpoints": [endpoint("https://backup.example/v1"), endpoint("https://backup.example/v1")]},
]


@pytest.mark.parametrize(
    ("wanted", "given", "expected"),
    [
        ({"region": "r1"}, {}, "https://one.example"),
        ({"region": "r2"}, {}, "https://two.example"),
        ({}, {"region": "r2"}, "https://two.example"),
        ({"region": "r1"}, {"region": "r2"}, "https://one.example"),
        ({"interface": "internal"}, {}, "https://inside.example"),
        ({}, {"interface": "internal"}, "https://inside.example"),
        ({"service_type": "backup"}, {}, "https://backup.example"),
        ({}, {"overrides": {"csbs": "https://override.example/v1"}}, "https://override.example"),
    ],
)
def test_profile_chooses_and_else_the_cloud(wanted: dict[str, str], given: dict[str, Any], expected: str) -> None:
    assert Catalogue(SERVICES, **given).endpoint(PROJECT, wanted) == expected


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"service_type": "csb"}, "no service of type 'csb' (it has backup, csbs, identity): set target.service_type"),
        ({}, "several addresses for 'csbs', in r1, r2: set target.region"),
        ({"region": "r3"}, "not as public in r3, but as internal in r1, public in r1, public in r2: set target."),
        ({"interface": "admin"}, "not as admin in any region, but as internal in r1"),
    ],
)
def test_choice_that_is_left_is_told(wanted: dict[str, str], complaint: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        Catalogue(SERVICES).endpoint(PROJECT, wanted)
    assert complaint in str(caught.value)


def test_empty_catalogue_is_told() -> None:
    with pytest.raises(CatalogueError, match=r"it has none"):
        Catalogue().endpoint(PROJECT, {})
