"""``python -m targets.embedded``: serves the embedded service until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import math
import shlex
import socket
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn

from targets.embedded import world
from targets.embedded.build import CATALOGUE, build
from targets.embedded.launch import READY
from targets.embedded.rules import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Sequence

UNUSABLE = 2
OCCUPIED = 1
PATIENCE = 1
"""Seconds that answers on their way are waited for at the end."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the exit status."""
    options = _parser().parse_args(arguments)
    if options.list_flaws:
        for name, change in CATALOGUE.items():
            print(f"{name:<44} {change.doc}")
        return 0
    for name in (*options.flaw, *options.variation):
        if name not in CATALOGUE:
            print(_unknown(name), file=sys.stderr)
            return UNUSABLE
    app = build([*options.flaw, *options.variation], world.World(lasting=options.lasting))
    try:
        listener = listen(options.port)
    except (OSError, OverflowError) as error:
        print(f"port {options.port} cannot be used: {error}", file=sys.stderr)
        return OCCUPIED
    endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=PATIENCE,  # a flaw may answer hours later
    )
    server = uvicorn.Server(config)
    print(f"{READY}{endpoint}", flush=True)
    if options.until_eof:
        threading.Thread(target=_stop_at_eof, args=(server,), daemon=True).start()
    else:
        print(_usage(endpoint), flush=True)
    asyncio.run(server.serve([listener]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m targets.embedded", description="Serve the embedded service.")
    parser.add_argument("--port", type=int, default=8774, help="loopback port, 0 for any free one (default: 8774)")
    parser.add_argument("--flaw", action="append", default=[], metavar="NAME", help="serve with this flaw")
    parser.add_argument("--variation", action="append", default=[], metavar="NAME", help="use this freedom of the page")
    parser.add_argument(
        "--lasting",
        type=_seconds,
        default=0,
        metavar="SECONDS",
        help="how long a restoration keeps its server busy (default: it is over at once)",
    )
    parser.add_argument("--list-flaws", action="store_true", help="list flaws and variations, and end")
    parser.add_argument("--until-eof", action="store_true", help="end with the standard input")
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def listen(port: int) -> socket.socket:
    """A listening socket that names TCP as its protocol: asyncio sends without delay only then, 40 ms an answer."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def _stop_at_eof(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name, CATALOGUE, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "--list-flaws lists them"
    return f"the embedded service has no flaw {name!r}: {hint}"


def _usage(endpoint: str) -> str:
    """What a person can paste to see an answer."""
    resource = world.RESOURCES[0]
    volumes = ",".join(
        f'{{"backup_id":"{each["backup_id"]}","volume_id":"{each["volume_id"]}"}}' for each in resource["volumes"]
    )
    body = (
        f'{{"restore":{{"provider_id":"{PROVIDER}","checkpoint_id":"{resource["checkpoint_id"]}","parameters":'
        f'{{"checkpoint_item_id":"{resource["checkpoint_item_id"]}","power_on":true,"targets":'
        f'{{"server_id":"{resource["server_id"]}","volumes":[{volumes}]}}}}}}}}'
    )
    headers = '-H "X-Auth-Token: $CSBS_TOKEN" -H "Content-Type: application/json"'
    return "\n".join(
        [
            f"export CSBS_TOKEN={world.OPERATOR_TOKEN}",
            f"curl -i {endpoint}/v1/{world.PROJECT}/restores {headers} -d {shlex.quote(body)}",
            "Ctrl-C ends it.",
        ]
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
