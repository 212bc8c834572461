"""What a report keeps of a case that fails: plain values without secrets, as ``verdict.json`` shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from suites.messages import curl
from targets.journal import text, transcript

if TYPE_CHECKING:
    from collections.abc import Mapping

    from suites.outcomes import Fault, Finding, Judged
    from targets.exchange import Exchange

Document = dict[str, Any]
ACCEPTANCE = "suites/test_acceptance.py"
"""What asks all acceptable requests of a run."""


@dataclass(frozen=True)
class Evidence:
    """One failing case.

    ``request`` and ``response`` are a :func:`~targets.journal.transcript`, as are those of ``control``, the same
    request without the fault. ``broke`` says how the exchange ended where there was no response. ``tests`` are the ids
    of those that ask it again, in this order; none for an acceptable request, which several tests share.
    """

    case: str
    expected: tuple[int, ...]
    why: str
    request: Document
    response: Document | None
    broke: str | None
    fault: Document | None
    control: Document | None
    curl: str
    tests: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How long the body of the request is, as far as it is kept: the shorter, the more telling."""
        return len(self.request["body"])

    def document(self) -> Document:
        """The case as a JSON object: a *failure* of ``verdict.schema.json``."""
        got = self.response["status"] if self.response else None
        return {**vars(self), "expected": list(self.expected), "got": got, "tests": list(self.tests)}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Evidence:
        """The case that such an object shows. Raises TypeError or KeyError for any other."""
        fields = {name: value for name, value in document.items() if name != "got"}
        listed = {name: tuple(document[name]) for name in ("expected", "tests") if name in document}
        return cls(**{**fields, **listed})


def evidence(judged: Judged, finding: Finding) -> Evidence:
    """What is kept of a case for one of its failures."""
    case, exchange = judged.case, judged.exchange
    fault = case.fault
    return Evidence(
        case=case.id,
        expected=tuple(sorted(case.expected)),
        why=finding.why,
        **transcript(exchange),
        broke=exchange.broke.value if exchange.broke else None,
        fault=_fault(fault, exchange) if fault else None,
        control=transcript(judged.control) if judged.control else None,
        curl=curl(exchange.sent),
        tests=_tests(judged),
    )


def _tests(judged: Judged) -> tuple[str, ...]:
    """What has to be run to see a case again: a body that was accepted before may be the ground that it stands on."""
    ground = (ACCEPTANCE,) if judged.part is None and judged.case.request.resource else ()
    return (*ground, judged.test) if judged.test else ground


def _fault(fault: Fault, exchange: Exchange) -> Document:
    return {
        "pointer": fault.pointer,
        "label": fault.label,
        "before": text(fault.before),
        "after": text(exchange.sent.body),
    }
