"""What a measurement comes to: ``power.json`` for programs, ``power.html`` and a few lines for people."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from targets.embedded.build import CATALOGUE
from tests.power import contract_of
from tests.power.measuring import FOUND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.power.measuring import Shown

SCHEMA_VERSION = 1
TOLD = 30
"""Services not judged as they should be that the terminal lists."""


def document(shown: Sequence[Shown], seconds: float) -> dict[str, Any]:
    """All that was measured, as ``power.json`` has it; ``seconds`` is the wall time of the whole."""
    return {
        "schema_version": SCHEMA_VERSION,
        "seconds": round(seconds, 1),
        "good": all(each.good for each in shown),
        "flaws": [_row(each) for each in shown if each.flawed],
        "sound": [_row(each) for each in shown if not each.flawed],
    }


def summary(shown: Sequence[Shown]) -> Iterable[str]:
    """The lines that say how well the suite did, and what it got wrong."""
    flaws = [each for each in shown if each.flawed]
    sound = [each for each in shown if not each.flawed]
    results = Counter(each.final.result for each in flaws)
    early = sum(each.attempts[0].good for each in flaws)
    yield f"flaws: {results[FOUND]} of {len(flaws)} found, {early} of them at smoke depth"
    yield f"sound services: {sum(not each.good for each in sound)} of {len(sound)} accused"
    wrong = [each for each in shown if not each.good]
    for each in wrong[:TOLD]:
        trial, clauses = each.final.trial, ", ".join(each.final.clauses)
        names = f"{' + '.join(trial.changes)} ({trial.operation}, seed {trial.seed})"
        yield f"  {names}: {each.final.result}; {clauses or 'nothing fails'}"
    if wrong[TOLD:]:
        yield f"  and {len(wrong) - TOLD} more"


def write(shown: Sequence[Shown], directory: Path, seconds: float) -> None:
    """Write ``power.json`` and ``power.html``.

    Raises:
        OSError: a file cannot be written.
    """
    measured = document(shown, seconds)
    directory.mkdir(parents=True, exist_ok=True)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("power.html.j2").render(
        measured=measured, operations=_clauses(measured), lines=list(summary(shown))
    )
    for name, text in (("power.json", json.dumps(measured, indent=1) + "\n"), ("power.html", page)):
        part = directory / f"{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(directory / name)


def _clauses(measured: Mapping[str, Any]) -> dict[str, list[str]]:
    """The clauses of each operation that has a flaw, without its name."""
    contracts = map(contract_of, dict.fromkeys(row["operation"] for row in measured["flaws"]))
    return {
        contract.operation: [clause.id.removeprefix(f"{contract.operation}.") for clause in contract.clauses]
        for contract in contracts
    }


def _row(shown: Shown) -> dict[str, Any]:
    final = shown.final
    changes = [CATALOGUE[name] for name in final.trial.changes]
    return {
        "changes": list(final.trial.changes),
        "doc": " ".join(change.doc for change in changes),
        "breaks": sorted({clause for change in changes for clause in change.breaks}),
        "operation": final.trial.operation,
        "depth": final.trial.depth,
        "seed": final.trial.seed,
        "sockets": final.trial.sockets,
        "result": final.result,
        "good": shown.good,
        "verdict": final.verdict,
        "clauses": list(final.clauses),
        "requests": final.requests,
        "seconds": final.seconds,
    }
