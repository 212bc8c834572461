"""What a failure says: what was asked, what came, which row of which table it breaks, and how to see it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contracts.model import Clause
    from suites.outcomes import Finding, Judged
    from targets.exchange import Exchange, Sent

SHOWN = 4096
"""Bytes of a body that a report keeps, and that fit a shell line."""
LINE = 300
"""Bytes of a body that one line of a terminal shows."""


def broken_contract(clause: Clause, judged: Judged, finding: Finding, failed: int, cases: int) -> str:
    """The failure of one clause, shown by one of its exchanges, over several lines."""
    case = judged.case
    lines = [
        f"{clause.id} ({clause.strength.value}{place(clause)}) fails in {failed} of {cases} cases",
        f"  promised:  {clause.statement}",
        f"  seen:      {finding.why}",
        f"  asked:     {judged.exchange.sent.method} {judged.exchange.sent.url}",
        f"  sent:      {text(judged.exchange.sent.body, LINE) or '(no body)'}",
    ]
    if case.fault:
        lines.append(f"  fault:     {case.fault.label} at {case.fault.pointer or 'the whole body'}")
    if case.expected:
        lines.append(f"  expected:  {' or '.join(map(str, sorted(case.expected)))}")
    lines.append(f"  came:      {came(judged.exchange)}")
    if judged.control:
        lines.append(f"  beside it: {came(judged.control)}, without the fault")
    lines.append(f"  again:     {curl(judged.exchange.sent)}")
    return "\n".join(lines)


def place(clause: Clause) -> str:
    """Where the page says it, behind a semicolon; empty for what no table says."""
    return f"; Table {clause.source.table}, row {clause.source.row}" if clause.source.table else ""


def came(exchange: Exchange) -> str:
    """The answer in one line."""
    if exchange.answer is None:
        return f"no answer ({exchange.why})"
    return f"{exchange.answer.status} {text(exchange.answer.body, LINE)}".rstrip()


def text(body: bytes, limit: int) -> str:
    """Bytes of any kind as one printable line, cut at the limit."""
    shown = body[:limit].decode("utf-8", "backslashreplace")
    line = "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in shown)
    return line if len(body) <= limit else f"{line}... ({len(body)} bytes)"


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
