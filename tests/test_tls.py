"""TLS to a target: what is verified and shown, and the sentence for each way in which it cannot be agreed."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from targets import profile
from targets.exchange import Break, Request
from targets.profile import Limits
from targets.tls import TLSFiles
from targets.wire import Wire
from tests.certificates import (
    AUTHORITY,
    asking_for_a_certificate,
    expired,
    not_yet_valid,
    self_signed,
    server_side,
    write_authority,
    write_client,
)
from tests.raw import answer, close, drip, raw_server, reset, send, silence
from tests.samples import RESOURCE, target

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

ASK = Request("POST", "/v1/p/restores", b'{"a":1}')


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    return write_authority(tmp_path)


def wire(endpoint: str, files: TLSFiles, timeout: float = 5, **changes: Any) -> Wire:
    limits = Limits(connections=1, requests_per_second=None, timeout=timeout, busy_wait=0, throttle_wait=0)
    return Wire(target(endpoint, tls=files, limits=limits, **changes), frozenset({200}), frozenset())


def test_target_of_a_private_authority_is_asked(ca_file: Path) -> None:
    with (
        raw_server(answer("404 Not Found"), tls=server_side()) as server,
        wire(server.endpoint, TLSFiles(ca_file)) as line,
    ):
        assert [line.send(ASK).status for _ in range(3)] == [404] * 3
    assert server.connections == 1


UNTRUSTED = "TLS: the certificate is of no authority trusted here ("
REFUSED: dict[str, tuple[Callable[[], ssl.SSLContext], str]] = {
    "self-signed": (self_signed, UNTRUSTED),
    "of-another-authority": (lambda: server_side(trustme.CA().issue_cert("127.0.0.1")), UNTRUSTED),
    "expired": (expired, "TLS: the certificate has expired: have it renewed"),
    "not-yet-valid": (not_yet_valid, "TLS: the certificate is not valid yet"),
    "of-another-address": (
        lambda: server_side(AUTHORITY.issue_cert("127.0.0.2")),
        "TLS: the certificate is for another host (IP address mismatch, certificate is not valid for '127.0.0.1')",
    ),
    "client-certificate-required-1.2": (
        lambda: asking_for_a_certificate(ssl.TLSVersion.TLSv1_2),
        "TLS: the target ended the handshake: it may ask for a client certificate (target.tls.client_cert)",
    ),
    "client-certificate-required-1.3": (
        lambda: asking_for_a_certificate(ssl.TLSVersion.TLSv1_3),
        "TLS: the target asks for a client certificate: name one in target.tls.client_cert",
    ),
}


@pytest.mark.parametrize(("server_context", "sentence"), REFUSED.values(), ids=list(REFUSED))
def test_without_agreement_nothing_is_asked(
    server_context: Callable[[], ssl.SSLContext], sentence: str, ca_file: Path
) -> None:
    with (
        raw_server(answer("200 OK"), tls=server_context()) as server,
        wire(server.endpoint, TLSFiles(ca_file)) as line,
    ):
        exchanges = [line.send(ASK) for _ in range(3)]
    assert {exchange.broke for exchange in exchanges} == {Break.REFUSED}
    assert all(exchange.why.startswith(sentence) for exchange in exchanges), exchanges[0].why
    assert server.requests == []


def test_wrong_host_name(ca_file: Path) -> None:
    with raw_server(answer("200 OK"), tls=server_side(AUTHORITY.issue_cert("csbs.example"))) as server:
        endpoint = server.endpoint.replace("127.0.0.1", "localhost")
        with wire(endpoint, TLSFiles(ca_file)) as line:
            exchange = line.send(ASK)
    assert exchange.broke is Break.REFUSED
    assert exchange.why == (
        "TLS: the certificate is for another host (Hostname mismatch, certificate is not valid for 'localhost'):"
        " use a name that it holds as the endpoint"
    )


def test_public_authorities_alone_are_trusted_by_default() -> None:
    with raw_server(answer("200 OK"), tls=server_side()) as server, wire(server.endpoint, TLSFiles()) as line:
        exchange = line.send(ASK)
    assert exchange.broke is Break.REFUSED
    assert exchange.why.endswith("name its CA in target.tls.ca_file")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
@pytest.mark.parametrize("in_one_file", [False, True], ids=["two-files", "one-file"])
def test_client_certificate_is_shown(
    version: ssl.TLSVersion, ca_file: Path, tmp_path: Path, *, in_one_file: bool
) -> None:
    cert, key = write_client(tmp_path)
    if in_one_file:
        cert.write_bytes(cert.read_bytes() + key.read_bytes())
    files = TLSFiles(ca_file, cert, None if in_one_file else key)
    with (
        raw_server(answer("404 Not Found"), tls=asking_for_a_certificate(version)) as server,
        wire(server.endpoint, files) as line,
    ):
        assert line.send(ASK).status == 404


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_client_certificate_of_an_unknown_authority(version: ssl.TLSVersion, ca_file: Path, tmp_path: Path) -> None:
    files = TLSFiles(ca_file, *write_client(tmp_path, trustme.CA()))
    with (
        raw_server(answer("200 OK"), tls=asking_for_a_certificate(version)) as server,
        wire(server.endpoint, files) as line,
    ):
        exchange = line.send(ASK)
    assert exchange.broke is Break.REFUSED
    assert exchange.why == "TLS: the target does not know the authority of the certificate in target.tls.client_cert"


def hello_and_reset(connection: socket.socket, _: bytes) -> None:
    connection.recv(1)
    reset()(connection, b"")


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        (send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "TLS: the target does not speak it at this port: is it http://"),
        (close, "TLS: the connection was closed during the handshake"),
        (hello_and_reset, "TLS: the connection was closed during the handshake"),
        (silence, "TLS: the handshake did not end in time"),
        (drip(b"\x16\x03\x03\x40\x00", b"\x02"), "TLS: the handshake did not end in time"),
    ],
    ids=["http", "closed", "reset", "silent", "drip"],
)
def test_peer_that_does_not_speak_tls_is_told_apart(script: Any, sentence: str, ca_file: Path) -> None:
    with (
        raw_server(script, reads="nothing") as server,
        wire(server.endpoint.replace("http:", "https:"), TLSFiles(ca_file), timeout=0.5) as line,
    ):
        exchange = line.send(ASK)
    assert exchange.broke is Break.REFUSED
    assert exchange.why.startswith(sentence)


SLOW_AND_BROKEN = {
    "drip": (drip(b"HTTP/1.1 404 Not", b"x"), Break.SILENT, "no complete answer within 0.5 s: "),
    "silent": (silence, Break.SILENT, "no complete answer within 0.5 s"),
    "cut-off": (send(b"HTTP/1.1 404 Not"), Break.GARBLED, "the answer ends in the middle of its head"),
    "closed": (close, Break.RESET, "the connection was closed without an answer"),
    "reset": (reset(), Break.RESET, "the connection was closed without an answer"),
}


@pytest.mark.parametrize(("script", "how", "sentence"), SLOW_AND_BROKEN.values(), ids=list(SLOW_AND_BROKEN))
def test_bounds_hold_within_tls(script: Any, how: Break, sentence: str, ca_file: Path) -> None:
    with (
        raw_server(script, tls=server_side()) as server,
        wire(server.endpoint, TLSFiles(ca_file), timeout=0.5) as line,
    ):
        exchange = line.send(ASK)
    assert (exchange.broke, exchange.answer) == (how, None)
    assert exchange.why.startswith(sentence)
    assert len(server.requests) == (2 if how is Break.RESET else 1)


def test_kept_connection_that_ends_accuses_nobody_and_sends_no_restoration_twice(ca_file: Path) -> None:
    clients: set[object] = set()

    def play(connection: socket.socket, request: bytes) -> None:
        client = connection.getpeername()
        (close if client in clients else answer("404 Not Found"))(connection, request)
        clients.add(client)

    restoration = Request("POST", "/", b"{}", resource="r")
    with (
        raw_server(play, tls=server_side()) as server,
        wire(server.endpoint, TLSFiles(ca_file), budget=9, resources=(RESOURCE,)) as line,
    ):
        exchanges = [line.send(request) for request in (ASK, ASK, restoration, ASK, restoration)]
    assert [exchange.status for exchange in exchanges] == [404] * 5
    assert sum(b"\r\n\r\n{}" in request for request in server.requests) == 2


def test_answer_before_the_body_was_read_is_taken(ca_file: Path) -> None:
    def play(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\n{}")
        connection.close()

    large = Request("POST", "/v1/p/restores", b"x" * (1 << 20))
    with (
        raw_server(play, tls=server_side(), reads="head") as server,
        wire(server.endpoint, TLSFiles(ca_file)) as line,
    ):
        exchanges = [line.send(large) for _ in range(10)]
    assert [(exchange.status, exchange.why) for exchange in exchanges] == [(413, "")] * 10


# -- the profile

PROFILE = """
[target]
name = "staging"
endpoint = "{scheme}://csbs.example"
project_id = "p1"
[target.tls]
{keys}
[credentials.operator]
token_env = "SUITE_TOKEN"
"""


def load(tmp_path: Path, keys: str, scheme: str = "https") -> profile.Target:
    path = tmp_path / "staging.toml"
    path.write_text(PROFILE.format(keys=keys, scheme=scheme), encoding="utf-8")
    return profile.load(path)


@pytest.fixture
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUITE_TOKEN", "the-operators-token")


@pytest.mark.usefixtures("_token", "ca_file")
def test_files_are_found_beside_the_profile_or_by_their_whole_path(tmp_path: Path) -> None:
    cert, key = write_client(tmp_path)
    files = load(tmp_path, f'ca_file = "ca.pem"\nclient_cert = "client.pem"\nclient_key = "{key}"').tls
    assert files == TLSFiles(tmp_path / "ca.pem", cert, key)


def locked(key: bytes) -> bytes:
    """The same key behind a passphrase."""
    return load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"passphrase")
    )


@pytest.mark.usefixtures("_token", "ca_file")
@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ('ca_file = "absent.pem"', "target.tls.ca_file: {}/absent.pem cannot be read: No such file or directory"),
        ('ca_file = "."', "target.tls.ca_file: {} cannot be read: Is a directory"),
        ('ca_file = "staging.toml"', "target.tls.ca_file: {}/staging.toml holds no certificate in PEM format"),
        ('client_cert = "absent.pem"', "target.tls.client_cert: {}/absent.pem cannot be read"),
        (
            'client_cert = "client.pem"\nclient_key = "absent.key"',
            "target.tls.client_key: {}/absent.key cannot be read: No such file or directory",
        ),
        ('client_key = "client.key"', "target.tls.client_key: is of no use without client_cert"),
        (
            'client_cert = "client.pem"',
            "target.tls.client_cert: {}/client.pem holds no certificate with its key in PEM format",
        ),
        (
            'client_cert = "client.key"\nclient_key = "client.pem"',
            "target.tls.client_cert: {0}/client.key holds no certificate, with its key in {0}/client.pem,",
        ),
        (
            'client_cert = "client.pem"\nclient_key = "other.key"',
            "target.tls.client_key: {0}/other.key is not the key of {0}/client.pem",
        ),
        (
            'client_cert = "client.pem"\nclient_key = "locked.key"',
            "target.tls.client_key: {}/locked.key is encrypted: give it without a passphrase",
        ),
        ("verify = false", "target.tls.verify is an unknown key (known here: ca_file, client_cert, client_key)"),
        ("insecure = true", "target.tls.insecure is an unknown key"),
        ("ca_file = false", "target.tls.ca_file must be of type string"),
        ('ca_file = ""', "target.tls.ca_file: "),
    ],
)
def test_mistakes_are_named(tmp_path: Path, keys: str, complaint: str) -> None:
    write_client(tmp_path)
    AUTHORITY.issue_cert("other.example").private_key_pem.write_to_path(str(tmp_path / "other.key"))
    (tmp_path / "locked.key").write_bytes(locked((tmp_path / "client.key").read_bytes()))
    with pytest.raises(profile.ProfileError) as caught:
        load(tmp_path, keys)
    assert str(caught.value).startswith(f"{tmp_path / 'staging.toml'}: {complaint.format(tmp_path)}")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("_token")
def test_tls_for_a_plain_endpoint_is_a_mistake(tmp_path: Path, ca_file: Path) -> None:
    with pytest.raises(profile.ProfileError, match=r"target\.tls is of no use with an endpoint that does not begin"):
        load(tmp_path, f'ca_file = "{ca_file}"', scheme="http")
