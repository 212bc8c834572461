"""The shell line of a report sends, from a bash, the token that was sent, however it was come by."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from suites.logging_in import BAD_TOKENS
from suites.messages import curl
from targets.credentials import Token
from targets.exchange import Sent

if TYPE_CHECKING:
    from pathlib import Path

VALUE = "gAAAAABm-Good_Token-0123456789abcDEF"
CLOUD = 'it\'s "my" $HOME'
SHELLS = {
    "variable": "$SUITE_TOKEN",
    "cloud": f"$(openstack --os-cloud {shlex.quote(CLOUD)} token issue -f value -c id)",
}


def sent_by_bash(folder: Path, shell: str, body: bytes = b"{}") -> list[str]:
    """The arguments that curl gets when bash runs the line; ``openstack`` issues the token for the right cloud."""
    for name, script in (
        ("curl", "printf '%s\\n' \"$@\""),
        ("openstack", f'[ "$*" = {shlex.quote(f"--os-cloud {CLOUD} token issue -f value -c id")} ] && echo {VALUE}'),
    ):
        path = folder / name
        path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
    line = curl(Sent("POST", "http://127.0.0.1/v1/p/restores", (("X-Auth-Token", shell),), body))
    environment = {"PATH": f"{folder}:/usr/bin:/bin", "SUITE_TOKEN": VALUE}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS)
def test_good_token_stands_in_the_header(tmp_path: Path, shell: str) -> None:
    assert f"X-Auth-Token: {VALUE}" in sent_by_bash(tmp_path, shell)


@pytest.mark.parametrize("shell", SHELLS.values(), ids=SHELLS)
@pytest.mark.parametrize("kind", [kind for kind in BAD_TOKENS if kind != "missing"])
def test_bad_token_is_made_of_the_good_one(tmp_path: Path, kind: str, shell: str) -> None:
    bad = BAD_TOKENS[kind](Token(VALUE, shell))
    assert bad is not None
    assert bad.value != VALUE
    header = f"X-Auth-Token: {bad.value}" if bad.value else "X-Auth-Token;"
    assert header in sent_by_bash(tmp_path, bad.shell)
    assert VALUE not in bad.shell
