"""Serves Keystone on a free loopback port until its standard input ends: ``python serve.py KEYSTONE_CONF``."""

from __future__ import annotations

import os
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Quiet(WSGIRequestHandler):
    """Answers without telling of it."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def stop_at_eof(server: WSGIServer) -> None:
    """End the serving with the standard input."""
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = sys.argv.pop()  # Keystone reads the arguments as its own
    from keystone.server.wsgi import initialize_public_application  # type: ignore[import-not-found]

    server = make_server("127.0.0.1", 0, initialize_public_application(), handler_class=Quiet)
    threading.Thread(target=stop_at_eof, args=(server,), daemon=True).start()
    sys.stdout.write(f"listening at http://127.0.0.1:{server.server_port}/v3\n")
    sys.stdout.flush()
    server.serve_forever(0.1)
