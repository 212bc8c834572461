"""A server that answers with given bytes, for what no well-behaved server would do."""

from __future__ import annotations

import select
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    Script = Callable[[socket.socket, bytes], None]
    Part = Literal["nothing", "head", "all"]


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


def keep(data: bytes) -> Script:
    """A script that sends these bytes and leaves the connection open."""

    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)

    return play


def reset(data: bytes = b"") -> Script:
    """A script that sends these bytes and resets the connection."""

    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return play


def drip(data: bytes, byte: bytes, pause: float = 0.02) -> Script:
    """A script that sends these bytes and then a single one after each pause, until the client has gone."""

    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        while True:
            if not select.select([connection], [], [], pause)[0]:
                connection.sendall(byte)
            elif not connection.recv(65536):
                return

    return play


def pour(data: bytes, piece: bytes, gone: threading.Event | None = None) -> Script:
    """A script that sends these bytes and then a piece again and again; ``gone`` is set when the client has left."""

    def play(connection: socket.socket, _: bytes) -> None:
        try:
            connection.sendall(data)
            while True:
                connection.sendall(piece)
        finally:
            if gone is not None:
                gone.set()

    return play


def silence(connection: socket.socket, _: bytes) -> None:
    """A script that waits until the client gives up."""
    while connection.recv(65536):
        pass


def close(connection: socket.socket, _: bytes) -> None:
    """A script that closes the connection without an answer."""
    connection.shutdown(socket.SHUT_RDWR)


class RawServer:
    """Plays one script a request, the last one for ever; ``requests`` are the bytes that came.

    With a context of ``tls`` it speaks that. ``reads`` is the part of a request that is read before the script begins.
    """

    def __init__(self, *scripts: Script, tls: ssl.SSLContext | None = None, reads: Part = "all") -> None:
        self._scripts = list(scripts)
        self._tls = tls
        self._reads = reads
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self.requests: list[bytes] = []
        self.connections = 0
        self.endpoint = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):  # closed already
            self._listener.shutdown(socket.SHUT_RDWR)  # closing alone would leave a thread that waits in accept()
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
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                if self._reads == "nothing":
                    self._scripts[0](connection, b"")
                    return
                while request := _read_request(connection, self._reads):
                    with self._lock:
                        self.requests.append(request)
                        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
                    script(connection, request)
        except OSError:
            return


@contextmanager
def raw_server(*scripts: Script, tls: ssl.SSLContext | None = None, reads: Part = "all") -> Iterator[RawServer]:
    """A raw server for the length of a block."""
    server = RawServer(*scripts, tls=tls, reads=reads)
    try:
        yield server
    finally:
        server.close()


def _read_request(connection: socket.socket, wanted: Part) -> bytes:
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
    while len(body) < length and wanted == "all":
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
