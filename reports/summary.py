"""The verdict in short, for where a CI system shows a run: one function a format, from the document to text.

Whatever stands in the document is shown as text: nothing in it is taken for Markdown, HTML or a command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reports import words
from reports.cases import fails_run
from reports.ending import Exit, exit_code, unjudged
from reports.text import in_markdown, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LISTED = 50
"""Clauses that a summary lists of a kind; the others are counted. A job summary holds 1 MiB."""
ANNOTATED = 10
"""Annotations of a kind that a step shows; the service drops what comes after."""


def markdown(verdict: Mapping[str, Any]) -> str:
    """A page in GitHub's Markdown: what came out, what to do next, what fails and what was not judged."""
    return "\n".join(_page(verdict)) + "\n"


def _page(verdict: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {words.VERDICTS[verdict['verdict']].sign} {in_markdown(words.headline(verdict))}"
    yield ""
    yield f"**Why:** {in_markdown(verdict['reason'])}"
    yield ""
    yield f"**Next:** {in_markdown(words.next_step(verdict).text)}"
    for line in (words.since(verdict), words.forgiveness(verdict), *words.declared(verdict)):
        if line:
            yield f"\n{in_markdown(line)}"
    for title, key in (("Fixed since the baseline", "fixed"), ("Judged in the baseline, not now", "lost")):
        clauses = verdict.get("baseline", {}).get(key)
        if clauses:
            yield f"\n**{title}:** {_ids(clauses)}"
    yield from _failing(words.failing(verdict), verdict["fail_on"])
    yield from _not_judged(verdict["clauses"])
    target, requests = verdict["target"], verdict["requests"]
    yield ""
    yield in_markdown(
        f"Target {target['name']} ({target['endpoint']}), depth {verdict['depth']}, seed {verdict['seed']}: "
        f"{requests['sent']} requests in {requests['seconds']:.1f} s, {requests['accepted']} restorations accepted"
    )


def _failing(clauses: Sequence[Mapping[str, Any]], fail_on: str) -> Iterator[str]:
    if not clauses:
        return
    yield "\n### Failing clauses\n"
    yield "| Clause | Where | Seen | |"
    yield "| --- | --- | --- | --- |"
    for clause in clauses[:LISTED]:
        remarks = [clause.get("finding", ""), "" if words.counts(clause, fail_on) else "does not count"]
        where = f"{words.place(clause)}, {clause['strength']}"
        yield (
            f"| `{clause['id']}` | {in_markdown(where)} | {in_markdown(clause['reason'])} "
            f"| {', '.join(filter(None, remarks))} |"
        )
    if clauses[LISTED:]:
        yield f"\nand {len(clauses) - LISTED} more"


def _not_judged(clauses: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    gaps = words.not_judged(clauses)
    if gaps:
        yield "\n### Not judged\n"
    for reason, members in gaps[:LISTED]:
        yield f"- {in_markdown(reason)}: {_ids([clause['id'] for clause in members])}"


def _ids(clauses: Sequence[str]) -> str:
    more = f" and {len(clauses) - LISTED} more" if clauses[LISTED:] else ""
    return ", ".join(f"`{clause}`" for clause in clauses[:LISTED]) + more


def github(verdict: Mapping[str, Any]) -> str:
    """Workflow commands by which GitHub Actions shows annotations.

    An error is what has to stop a nightly run: what fails it, and what kept it from judging a documented clause. All
    else is a warning: what does not count, what the baseline knows where only what is new fails the run, and what is
    skipped since the profile lacks what it needs. A run without an error has ended with 0 or 6.
    """
    errors: list[str] = []
    warnings = [_command("declared deviation", line) for line in words.declared(verdict)]
    lost = verdict.get("baseline", {}).get("lost", [])
    for clause in words.failing(verdict):
        title = f"{clause['id']} ({clause['finding']})" if "finding" in clause else clause["id"]
        (errors if fails_run(clause, verdict) else warnings).append(_command(title, clause["reason"]))
    if not errors and exit_code(verdict) not in (Exit.CONFORMANT, Exit.INCOMPLETE):
        errors.append(_command(words.VERDICTS[verdict["verdict"]].word, verdict["reason"]))
    for reason, members in words.not_judged(verdict["clauses"]):
        stops = any(clause["outcome"] == "blocked" or clause["id"] in lost for clause in unjudged(members))
        title = f"{words.number(len(members), 'clause')} not judged"
        (errors if stops else warnings).append(_command(title, reason))
    lines = [f"::error {each}" for each in errors[:ANNOTATED]] + [f"::warning {each}" for each in warnings[:ANNOTATED]]
    return "".join(f"{line}\n" for line in lines)


def _command(title: str, message: str) -> str:
    """Title and message of a workflow command; the title is one of ours, or a clause, and needs no escape."""
    return f"title={title}::{one_line(message).replace('%', '%25')}"
