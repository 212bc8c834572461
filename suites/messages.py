"""What a failure says: what was asked, what came, which row of which table it breaks, and how to see it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from targets.journal import SHOWN

if TYPE_CHECKING:
    from contracts.model import Clause
    from suites.evidence import Document, Evidence
    from targets.exchange import Sent

LINE = 300
"""Bytes of a body that one line of a terminal shows."""


def broken_contract(clause: Clause, shown: Evidence, failed: int, cases: int) -> str:
    """The failure of one clause, shown by one of its cases, over several lines."""
    request = shown.request
    lines = [
        f"{clause.id} ({clause.strength.value}{place(clause)}) fails in {failed} of {cases} cases",
        f"  promised:  {clause.statement}",
        f"  seen:      {shown.why}",
        f"  asked:     {request['method']} {request['url']}",
        f"  sent:      {line(request['body']) or '(no body)'}",
    ]
    if shown.fault:
        lines.append(f"  fault:     {shown.fault['label']} at {shown.fault['pointer'] or 'the whole body'}")
    if shown.expected:
        lines.append(f"  expected:  {' or '.join(map(str, shown.expected))}")
    lines.append(f"  came:      {came(shown.response)}")
    if shown.control:
        lines.append(f"  beside it: {came(shown.control['response'])}, without the fault")
    lines.append(f"  again:     {shown.curl}")
    return "\n".join(lines)


def place(clause: Clause) -> str:
    """Where the page says it, behind a semicolon; empty for what no table says."""
    return f"; Table {clause.source.table}, row {clause.source.row}" if clause.source.table else ""


def came(response: Document | None) -> str:
    """The answer in one line."""
    return f"{response['status']} {line(response['body'])}".rstrip() if response else "no answer"


def line(body: str) -> str:
    """The beginning of a body, as evidence has it, as one printable line."""
    return _printable(body) if len(body) <= LINE else f"{_printable(body[:LINE])}..."


def text(body: bytes, limit: int) -> str:
    """Bytes of any kind as one printable line, cut at the limit."""
    shown = _printable(body[:limit].decode("utf-8", "backslashreplace"))
    return shown if len(body) <= limit else f"{shown}... ({len(body)} bytes)"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def curl(sent: Sent) -> str:
    """A line for bash that sends the request again; tokens stand in it as variables or as commands that fetch them."""
    words = ["curl", "-sS", "-i", "-X", sent.method]
    for name, value in sent.headers:
        line = f"{name}: {value}" if value else f"{name};"  # with a colon curl would leave out a header without value
        words += ["-H", f'"{line}"' if value.startswith("$") else shlex.quote(line)]
    if len(sent.body) > SHOWN:
        return f"# a body of {len(sent.body)} bytes, too long for a line: run the test again by its id"
    words += ["--data-binary", _quoted(sent.body), shlex.quote(sent.url)]
    return " ".join(words)


def _quoted(body: bytes) -> str:
    """The body as a word for bash: quoted plainly where that is enough, else with escapes."""
    if all(0x20 <= byte < 0x7F for byte in body):  # noqa: PLR2004  printable ASCII
        return shlex.quote(body.decode("ascii"))
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\" else f"\\x{byte:02x}"  # noqa: PLR2004
        for byte in body
    )
    return f"$'{escaped}'"
