"""The embedded service as a process of its own: it starts, or says why not, and ends with whoever started it."""

from __future__ import annotations

import json
import threading

import pytest
import requests

from targets.embedded import world
from targets.embedded.launch import LaunchError, launch
from targets.embedded.rules import PROVIDER

ENOUGH = 30
"""Seconds, many times what an end takes."""
RESOURCE = world.RESOURCES[0]
BODY = {
    "restore": {
        "checkpoint_id": RESOURCE["checkpoint_id"],
        "provider_id": PROVIDER,
        "parameters": {
            "checkpoint_item_id": RESOURCE["checkpoint_item_id"],
            "power_on": True,
            "targets": {"server_id": RESOURCE["server_id"], "volumes": RESOURCE["volumes"]},
        },
    }
}


def test_service_ends_with_an_answer_still_to_be_given() -> None:
    listening, asked = threading.Event(), threading.Event()
    endpoint = ""

    def serve() -> None:
        nonlocal endpoint
        with launch(["hangs-once-accepted"]) as endpoint:
            listening.set()
            asked.wait(ENOUGH)

    service = threading.Thread(target=serve, daemon=True)
    service.start()
    assert listening.wait(ENOUGH)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{endpoint}/v1/{world.PROJECT}/restores",
            data=json.dumps(BODY),
            headers={"X-Auth-Token": world.OPERATOR_TOKEN, "Content-Type": "application/json"},
            timeout=0.5,
        )
    asked.set()
    service.join(ENOUGH)
    assert not service.is_alive()


def test_service_that_cannot_start_says_why() -> None:
    with pytest.raises(LaunchError, match="no flaw 'gzip': did you mean"), launch(["gzip"]):
        pass
