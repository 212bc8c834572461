"""Certificates for servers and clients on loopback, made afresh for each run of the tests."""

from __future__ import annotations

import ssl
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import trustme

if TYPE_CHECKING:
    from pathlib import Path

AUTHORITY = trustme.CA()
HOST = AUTHORITY.issue_cert("127.0.0.1")


def write_authority(folder: Path) -> Path:
    """The file of the authority that a profile names as ``ca_file``."""
    path = folder / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(path))
    return path


def write_host(folder: Path) -> Path:
    """The file of a server's certificate and of its key."""
    path = folder / "host.pem"
    HOST.private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


def write_client(folder: Path, authority: trustme.CA = AUTHORITY) -> tuple[Path, Path]:
    """The files of a client's certificate and of its key."""
    certificate = authority.issue_cert("client.example")
    cert, key = folder / "client.pem", folder / "client.key"
    certificate.cert_chain_pems[0].write_to_path(str(cert))
    certificate.private_key_pem.write_to_path(str(key))
    return cert, key


def server_side(certificate: trustme.LeafCert = HOST) -> ssl.SSLContext:
    """The context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def asking_for_a_certificate(version: ssl.TLSVersion) -> ssl.SSLContext:
    """The context of a server that lets in nobody without a certificate of the authority."""
    context = server_side()
    context.verify_mode = ssl.CERT_REQUIRED
    context.maximum_version = version
    AUTHORITY.configure_trust(context)
    return context


def expired() -> ssl.SSLContext:
    """The context of a server whose certificate has expired."""
    past = datetime(2001, 1, 1, tzinfo=timezone.utc)
    return server_side(AUTHORITY.issue_cert("127.0.0.1", not_before=past.replace(year=2000), not_after=past))


def not_yet_valid() -> ssl.SSLContext:
    """The context of a server whose certificate will be valid one day."""
    future = datetime(2998, 1, 1, tzinfo=timezone.utc)
    return server_side(AUTHORITY.issue_cert("127.0.0.1", not_before=future, not_after=future.replace(year=2999)))


def self_signed() -> ssl.SSLContext:
    """The context of a server that has signed its certificate itself."""
    context, alone = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    with alone.private_key_pem.tempfile() as key, alone.cert_pem.tempfile() as cert:
        context.load_cert_chain(cert, key)
    return context
