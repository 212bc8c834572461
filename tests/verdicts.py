"""Verdicts that the tests of the reports are made of: the sample, changes to it, and texts that mean harm."""

from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports import formats
from targets.exchange import Break, Request
from targets.journal import Journal
from tests.samples import answered, broke

if TYPE_CHECKING:
    from targets.exchange import Exchange

PATH = Path(__file__).parent / "data" / "verdict.json"
SAMPLE: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
FAILING = ["restores.t3.provider_id.mandatory", "restores.t4.power_on.type"]
FAILURE = next(clause["failures"][0] for clause in SAMPLE["clauses"] if clause["failures"])
EVIL = (
    "</td></table><script>alert(1)</script> | `code` ``x`` *a* _b_ **c** ~~d~~ [l](http://127.0.0.1) ![i](x) <b> &amp;"
    " $x$ \\`\n# heading\n- item\n::error title=x::y\r::set-output name=a::b\n| a | b |\n%0A::error::z\x1b[31m\ud800"
)


def unlike(target: str, **outcomes: str) -> dict[str, Any]:
    """The sample as the verdict on another target, with other outcomes of some clauses."""
    document = copy.deepcopy(SAMPLE)
    document["target"]["name"] = target
    for clause in document["clauses"]:
        if clause["id"] in outcomes:
            fails = outcomes[clause["id"]] == "fail"
            clause.update(
                outcome=outcomes[clause["id"]],
                cases=max(clause["cases"], 1),
                failed=int(fails),
                reason="" if outcomes[clause["id"]] == "pass" else "as the test has it",
                failures=[copy.deepcopy(FAILURE)] if fails else [],
            )
    return document


def poisoned() -> dict[str, Any]:
    """The sample with a harmful text wherever there is text."""
    document = copy.deepcopy(SAMPLE)
    document["reason"] = EVIL
    document["target"] |= {"name": EVIL, "endpoint": EVIL}
    document["observations"] = [{"point": EVIL, "seen": EVIL, "cases": 1}]
    for clause in document["clauses"]:
        clause.update(reason=EVIL, statement=EVIL)
        clause["source"]["row"] = EVIL
    document["deviations"][0] |= {"reason": EVIL, "reference": EVIL, "clause": EVIL, "days_left": 1}
    return document


def night(directory: Path, day: int, document: dict[str, Any] = SAMPLE, **changes: Any) -> Path:
    """The verdict of the run of one night, in a directory of its own."""
    path = directory / f"{day:02}" / "verdict.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    times = {"started": f"2026-11-{day:02}T02:10:00Z", "finished": f"2026-11-{day:02}T02:12:00+00:00"}
    path.write_text(json.dumps({**document, **times, **changes}), encoding="utf-8")
    return path


def journal(directory: Path, *exchanges: tuple[str, Exchange]) -> None:
    """Write the journal of these exchanges, each with the name of its case."""
    book = Journal(directory / "exchanges.jsonl")
    for case, exchange in exchanges:
        book.came(Request("POST", "/", b"{}", case=case), exchange, accepted=False)
    book.close()


EXCHANGES = [
    (f"{FAILING[0]}-missing.0", answered(400, {"error_code": "CSBS.0400"})),
    (f"{FAILING[0]}-as-sent.1", answered(204, body=b"")),
    ("control", answered(200, body=EVIL.encode("utf-8", "surrogatepass") * 100, location="http://127.0.0.1/x")),
    ("restores.s.404-preflight", broke(Break.SILENT, "no answer within 5 s")),
]


def told(form: str, directory: Path, verdict: dict[str, Any]) -> str:
    """What a format makes of a verdict, and of the journal in this directory."""
    file = io.StringIO()
    formats.FORMATS[form](formats.Run(directory / "verdict.json", verdict), file)
    return file.getvalue()
