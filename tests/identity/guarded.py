"""The embedded service behind a real Keystone: it asks about every token, as a service with a token middleware does."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import uvicorn
from keystoneauth1.exceptions import HttpError

from targets.embedded.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.identity.cloud import Cloud


class GuardedService(Service):
    """Takes what Keystone vouches for, until the end that it names. Who is no member of the project may only look.

    ``good`` are the tokens that were good once, ``outlived`` those of them that came once more when they had expired.
    """

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self.good: dict[str, datetime] = {}
        self.outlived: list[str] = []
        self._cloud = cloud

    def knows(self, token: str | None) -> bool:
        """Whether a token is valid now."""
        if not token:
            return False
        if token not in self.good and not self._ask(token):
            return False
        if datetime.now(timezone.utc) < self.good[token]:
            return True
        self.outlived.append(token)
        return False

    def forget(self) -> None:
        """Ask about every token anew."""
        self.good.clear()

    def _ask(self, token: str) -> bool:
        try:
            answer = self._cloud.admin.get(f"{self._cloud.url}/auth/tokens", headers={"X-Subject-Token": token})
        except HttpError as error:
            if error.http_status not in {400, 404}:
                raise
            return False
        said = answer.json()["token"]
        self.good[token] = datetime.fromisoformat(said["expires_at"].replace("Z", "+00:00"))
        self.world.owners[token] = said["project"]["id"]
        if "member" not in {role["name"] for role in said["roles"]}:
            self.world.read_only |= {token}
        return True


@contextmanager
def serve(service: Service, certificate: Path | None = None) -> Iterator[str]:
    """The endpoint of a service that answers for the length of a block, by TLS where it has a certificate with key."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        service, log_level="error", access_log=False, lifespan="off", ws="none", ssl_certfile=certificate
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
