"""Schemathesis as a program of its own: what it is told of a service beside the document, and what came of it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from targets import lines
from targets.embedded import world

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = Path(sys.executable).with_name("schemathesis")
SEED = "20"
MEMBERS = {
    "checkpoint_id": "restore.checkpoint_id",
    "checkpoint_item_id": "restore.parameters.checkpoint_item_id",
    "server_id": "restore.parameters.targets.server_id",
    "backup_id": "restore.parameters.targets.volumes[*].backup_id",
    "volume_id": "restore.parameters.targets.volumes[*].volume_id",
}
"""Where a body names what has to exist, as the tool writes it."""
CONFORMANCE = ("response_schema_conformance", "status_code_conformance", "content_type_conformance")
"""The tool's checks that hold an answer to the document."""
PATIENCE = 60
"""Seconds after which a run is given up."""


@dataclass(frozen=True)
class Case:
    """A request that the tool made up, the status of its answer, and which of the checks failed."""

    operation: str
    valid: bool
    """Whether it follows the document in all of its parts."""
    body: Any
    body_valid: bool | None
    """Whether the body does; None without one."""
    status: int | None
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """How a run of the tool ended."""

    exit: int
    said: str
    summary: dict[str, Any]
    """Its own report in JSON."""
    loaded: dict[str, Any]
    """What it says of the document once that is loaded."""
    cases: tuple[Case, ...]

    @property
    def warnings(self) -> set[str]:
        """The kinds of its warnings."""
        return {kind for kind, operations in self.summary["warnings"].items() if operations}


def settings(endpoint: str, *, known: bool = True) -> str:
    """The tool's configuration file: endpoint, token, and, where known, what exists in the embedded service."""
    text = [f'base-url = "{endpoint}"', "[auth.openapi.token]", 'api_key = "${CSBS_TOKEN}"']
    text += ["[parameters]", f'"path.project_id" = "{world.PROJECT}"']
    if known:
        text += [f'"body.{where}" = {{ dictionary = "{name}" }}' for name, where in MEMBERS.items()]
        for name in MEMBERS:
            text += [f"[dictionaries.{name}]", f"values = {json.dumps(sorted(_values(name)))}"]
    return "\n".join([*text, ""])


def _values(name: str) -> set[str]:
    volumes = [volume for resource in world.RESOURCES for volume in resource["volumes"]]
    return {each[name] for each in (*world.RESOURCES, *volumes) if name in each}


def run(directory: Path, document: Path, configuration: str, *more: str) -> Outcome:
    """Let the tool fire at a service, with everything that it reads or writes in ``directory``."""
    directory.mkdir()
    (directory / "tool.toml").write_text(configuration, encoding="utf-8")
    summary, events = directory / "summary.json", directory / "events.ndjson"
    command = [str(COMMAND), "--config-file", "tool.toml", "run", str(document), "--seed", SEED, *more]
    command += ["--report-json-path", str(summary), "--report-ndjson-path", str(events)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "CSBS_TOKEN": world.OPERATOR_TOKEN}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    said = done.stdout + done.stderr
    assert summary.exists(), said
    seen = list(lines.read(events))
    loaded = next(event["LoadingFinished"] for event in seen if "LoadingFinished" in event)
    cases = tuple(case for event in seen if "ScenarioFinished" in event for case in _cases(event["ScenarioFinished"]))
    return Outcome(done.returncode, said, json.loads(summary.read_text(encoding="utf-8")), loaded, cases)


def _cases(scenario: dict[str, Any]) -> Iterator[Case]:
    recorder = scenario["recorder"]
    for number, each in recorder.get("cases", {}).items():
        value = each["value"]
        meta = value["meta"]
        mode = meta["components"].get("body", {}).get("mode") if "body" in value else None
        answer = recorder["interactions"].get(number, {}).get("response")
        yield Case(
            operation=recorder["label"],
            valid=meta["generation"]["mode"] == "positive",
            body=value.get("body"),
            body_valid=None if mode is None else mode == "positive",
            status=answer and answer["status_code"],
            failed=tuple(check["name"] for check in recorder["checks"].get(number, ()) if check["status"] != "success"),
        )
