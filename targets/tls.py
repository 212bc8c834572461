"""TLS to a target: who is trusted, what is shown, and why it could not be agreed. It is always verified."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

import certifi

if TYPE_CHECKING:
    from pathlib import Path


class TLSFileError(Exception):
    """A file of the profile that cannot be used; the message begins with its key."""


@dataclass(frozen=True)
class TLSFiles:
    """What the profile says of TLS, as PEM files.

    ``ca_file`` holds the authorities that are trusted, in place of the public ones. ``client_cert`` is shown to a
    target that asks for a certificate; its key is in ``client_key``, or in the same file.
    """

    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None


def context(files: TLSFiles) -> ssl.SSLContext:
    """A context that verifies the target's certificate and its host name.

    Raises:
        TLSFileError: a file is missing, unreadable, or not what its key says.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if files.ca_file:
        _readable("ca_file", files.ca_file)
        try:
            made.load_verify_locations(files.ca_file)
        except ssl.SSLError as error:
            raise TLSFileError(f"ca_file: {files.ca_file} holds no certificate in PEM format") from error
    else:
        made.load_verify_locations(certifi.where())
    if files.client_cert:
        _show(made, files.client_cert, files.client_key)
    elif files.client_key:
        raise TLSFileError("client_key: is of no use without client_cert")
    return made


def _show(made: ssl.SSLContext, cert: Path, key: Path | None) -> None:
    """Have a context show a client certificate."""
    holder = "client_key" if key else "client_cert"
    _readable("client_cert", cert)
    if key:
        _readable("client_key", key)
    try:
        made.load_cert_chain(cert, key, password=_no_passphrase)
    except _EncryptedError as error:
        raise TLSFileError(f"{holder}: {key or cert} is encrypted: give it without a passphrase") from error
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise TLSFileError(f"{holder}: {key or cert} is not the key of {cert}") from error
        beside = f", with its key in {key}," if key else " with its key"
        raise TLSFileError(f"client_cert: {cert} holds no certificate{beside} in PEM format") from error


class _EncryptedError(Exception):
    pass


def _no_passphrase() -> str:
    raise _EncryptedError  # without this, OpenSSL asks on the terminal and waits


def _readable(key: str, path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise TLSFileError(f"{key}: {path} cannot be read: {error.strerror or error}") from error


# -- why TLS could not be agreed

_UNTRUSTED = frozenset({18, 19, 20, 21})  # self-signed, alone or in its chain; issuer not known here
_NOT_YET, _EXPIRED = 9, 10
_OTHER_NAMES = frozenset({62, 64})  # host name, IP address


def why(error: BaseException | None) -> str:
    """A sentence on what kept TLS from being agreed, and on what to do."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {_certificate(error)}"
    if isinstance(error, TimeoutError):
        return "TLS: the handshake did not end in time"
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError)):
        return "TLS: the connection was closed during the handshake"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {_alert(error)}"
    return f"TLS: could not be agreed ({error})"


def refuses_us(error: ssl.SSLError) -> bool:
    """Whether the target ended TLS because of the certificate that it was shown, or not shown.

    By TLS 1.3 it says so when the handshake is over for the client, so that this comes as the first thing read.
    """
    return _reason(error) in _CLIENT


def _certificate(error: ssl.SSLCertVerificationError) -> str:
    code, message = error.verify_code, error.verify_message
    if code in _UNTRUSTED:
        return f"the certificate is of no authority trusted here ({message}): name its CA in target.tls.ca_file"
    if code == _EXPIRED:
        return "the certificate has expired: have it renewed (or is the clock here wrong?)"
    if code == _NOT_YET:
        return "the certificate is not valid yet: is a clock wrong, here or where it was made?"
    if code in _OTHER_NAMES:
        return f"the certificate is for another host ({message.rstrip('.')}): use a name that it holds as the endpoint"
    return f"the certificate cannot be verified ({message})"


_CLIENT = {
    "CERTIFICATE_REQUIRED": "the target asks for a client certificate: name one in target.tls.client_cert",
    "BAD_CERTIFICATE": "the target does not take the client certificate, or misses one: see target.tls.client_cert",
    "HANDSHAKE_FAILURE": "the target ended the handshake: it may ask for a client certificate (target.tls.client_cert),"
    " or share no cipher",
    "UNKNOWN_CA": "the target does not know the authority of the certificate in target.tls.client_cert",
    "CERTIFICATE_EXPIRED": "the target says that the certificate in target.tls.client_cert has expired",
    "CERTIFICATE_REVOKED": "the target says that the certificate in target.tls.client_cert is revoked",
    "UNSUPPORTED_CERTIFICATE": "the target cannot use the certificate in target.tls.client_cert",
    "CERTIFICATE_UNKNOWN": "the target does not take the certificate in target.tls.client_cert",
    "ACCESS_DENIED": "the target denies access to the certificate in target.tls.client_cert",
}
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"})


def _alert(error: ssl.SSLError) -> str:
    reason = _reason(error)
    if reason in _NO_TLS:
        return "the target does not speak it at this port: is it http://, or another port?"
    return _CLIENT.get(reason, f"could not be agreed ({reason.lower().replace('_', ' ')})")


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's name of what went wrong, without the protocol's version: ``TLSV13_ALERT_CERTIFICATE_REQUIRED``."""
    return (error.reason or "UNKNOWN").rpartition("ALERT_")[2]
