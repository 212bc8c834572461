"""A server that answers with given bytes, for what no well-behaved server would do."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Script = Callable[[socket.socket, bytes], None]


def answer(status: str, body: bytes = b"{}", *headers: str) -> Script:
    """A script that sends one well-formed answer."""

    def play(connection: socket.socket, _: bytes) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return play


def send(data: bytes) -> Script:
    """A script that sends these bytes and closes the connection."""

    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return play


def silence(connection: socket.socket, _: bytes) -> None:
    """A script that waits until the client gives up."""
    connection.recv(1)


def close(connection: socket.socket, _: bytes) -> None:
    """A script that closes the connection without an answer."""
    connection.shutdown(socket.SHUT_RDWR)


class RawServer:
    """Plays one script a request, the last one for ever; ``requests`` are the bytes that came."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self.requests: list[bytes] = []
        self.connections = 0
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                while request := _read_request(connection):
                    with self._lock:
                        self.requests.append(request)
                        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
                    script(connection, request)
            except OSError:
                return


@contextmanager
def raw_server(*scripts: Script) -> Iterator[RawServer]:
    """A raw server for the length of a block."""
    server = RawServer(*scripts)
    try:
        yield server
    finally:
        server.close()


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
