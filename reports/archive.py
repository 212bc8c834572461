"""The journal of a run as an HTTP Archive (HAR 1.2), for the tools that show and replay exchanges."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import harfile

from reports import NAME, VERSION
from reports.text import printable
from targets.journal import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HTTP = "HTTP/1.1"
_CUT = re.compile(r"\.\.\. \((\d+) bytes\)\Z")


def write(entries: Iterable[Mapping[str, Any]], file: IO[str]) -> int:
    """Write exchanges, as the journal has them, as an archive; returns how many.

    What the journal does not know is -1 (sizes of heads) or one number (the time of an answer, all of it told as
    waiting). A request that met no answer has the status 0 and says why in its comment. Secrets are as the journal has
    them: replaced by the names of their variables.
    """
    written = 0
    with harfile.open(file, creator=harfile.Creator(NAME, VERSION)) as archive:
        for entry in entries:
            _add(archive, entry)
            written += 1
    return written


def _add(archive: harfile.HarFile, entry: Mapping[str, Any]) -> None:
    milliseconds = round((entry["seconds"] or 0.0) * 1000, 3)
    unanswered = "" if entry["seconds"] is not None else "left, and what became of it was not written down"
    archive.add_entry(
        startedDateTime=entry["started"],
        time=milliseconds,
        request=_request(entry["request"]),
        response=_response(entry["response"]),
        timings=harfile.Timings(send=0, wait=milliseconds, receive=0),
        comment=printable(": ".join(filter(None, (entry["case"], entry["why"] or unanswered)))),
    )


def _request(request: Mapping[str, Any]) -> harfile.Request:
    body = printable(request["body"])
    url = printable(request["url"])
    return harfile.Request(
        method=request["method"],
        url=url,
        httpVersion=HTTP,
        headers=_headers(request),
        queryString=[harfile.Record(name, value) for name, value in parse_qsl(urlsplit(url).query, True)],
        postData=harfile.PostData(_media_type(request), text=body) if body else None,
        bodySize=_size(request["body"]),
    )


def _response(response: Mapping[str, Any] | None) -> harfile.Response:
    if response is None:
        return harfile.Response(0, "", HTTP)
    size = _size(response["body"])
    return harfile.Response(
        status=response["status"],
        statusText=_phrase(response["status"]),
        httpVersion=HTTP,
        headers=_headers(response),
        content=harfile.Content(size=size, mimeType=_media_type(response), text=printable(response["body"])),
        redirectURL=_header(response, "location"),
        bodySize=size,
    )


def _headers(message: Mapping[str, Any]) -> list[harfile.Record]:
    return [harfile.Record(printable(name), printable(value)) for name, value in message["headers"]]


def _header(message: Mapping[str, Any], wanted: str) -> str:
    return next((printable(value) for name, value in message["headers"] if name.lower() == wanted), "")


def _media_type(message: Mapping[str, Any]) -> str:
    return _header(message, "content-type") or "application/octet-stream"


def _size(body: str) -> int:
    """Bytes of a body, of which the journal keeps the first and tells the number."""
    content = body.encode("utf-8", "surrogatepass")
    cut = _CUT.search(body) if len(content) > SHOWN else None
    return int(cut[1]) if cut else len(content)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
