"""An identity service that issues the tokens it is told to: Keystone's v3 login over HTTP, and nothing else of it."""

from __future__ import annotations

import json
import threading
import warnings
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

PASSWORD = "marked-password-0123456789"


class FakeKeystone:
    """``tokens`` maps a user's name to its tokens, one a login, the last one for ever; ``logins`` keeps what came.

    Answered 401 are a user without tokens, another password than ``PASSWORD``, and every login after the first
    ``patience``; all logins by ``status`` where it is set. ``project_id`` is what every token is for, and ``life`` for
    how many seconds, by a clock that is ``skew`` seconds ahead.
    """

    def __init__(self) -> None:
        self.tokens: dict[str, list[str]] = {"operator": ["marked-token-one-0123456789"]}
        self.logins: list[Any] = []
        self.project_id: str | None = "p1"
        self.catalogue: list[dict[str, Any]] = []
        self.life = 3600.0
        self.skew = 0.0
        self.status = 0
        self.patience = 1000
        self.headers: dict[str, str] = {}
        self.url = ""

    def offer(self, service_type: str, url: str, region: str = "r1", interface: str = "public") -> None:
        """Add an endpoint to the catalogue."""
        endpoint = {"interface": interface, "region": region, "region_id": region, "url": url}
        self.catalogue.append({"type": service_type, "name": service_type, "endpoints": [endpoint]})

    def answer(self, asked: Any) -> tuple[int, dict[str, str], Any]:
        """The status, headers and document that a login gets."""
        self.logins.append(asked)
        if self.status:
            return self.status, self.headers, {"error": {"message": f"no: {json.dumps(asked)}"}}
        user = asked["auth"]["identity"]["password"]["user"]
        tokens = self.tokens.get(user["name"], [])
        if not tokens or user["password"] != PASSWORD or len(self.logins) > self.patience:
            return 401, {}, {"error": {"message": f"you said {json.dumps(asked)}"}}
        token = tokens.pop(0) if len(tokens) > 1 else tokens[0]
        now = datetime.now(timezone.utc) + timedelta(seconds=self.skew)
        document: dict[str, Any] = {
            "methods": ["password"],
            "user": {"id": "u1", "name": user["name"], "domain": {"id": "d1", "name": "Default"}},
            "issued_at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "expires_at": (now + timedelta(seconds=self.life)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "catalog": self.catalogue,
        }
        if self.project_id:
            document["project"] = {"id": self.project_id, "name": "demo", "domain": {"id": "d1", "name": "Default"}}
        return 201, {"X-Subject-Token": token}, {"token": document}


@contextmanager
def fake_keystone() -> Iterator[FakeKeystone]:
    """A fake identity service for the length of a block; its ``url`` ends in ``/v3``."""
    fake = FakeKeystone()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            version = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": fake.url}]}
            self._send(200, {}, {"version": version})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found = self.path == "/v3/auth/tokens"
            self._send(*(fake.answer(json.loads(body)) if found else (404, {}, {})))

        def _send(self, status: int, headers: dict[str, str], document: Any) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.url = f"http://127.0.0.1:{server.server_port}/v3"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield fake
        finally:
            server.shutdown()


def find_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let OpenStack's tools find this clouds.yaml, and none that lies about on this machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from openstack.config import loader  # noqa: PLC0415
    monkeypatch.setattr(loader, "CONFIG_FILES", [])
    monkeypatch.setattr(loader, "SECURE_FILES", [])
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(path))
