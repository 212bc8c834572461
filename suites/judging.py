"""Case and exchange in, findings out: pure, and the only place where an answer is held against the contract.

A refusal proves something only beside its *control*, the same request without the fault: an answer that both get alike
shows nothing of the fault. That is ``masked``, and blocked rather than passed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from contracts.model import Strength
from suites.outcomes import Finding, Outcome, found
from suites.pointing import values_at
from targets.exchange import NOT_JSON, Break, Exchange

if TYPE_CHECKING:
    from collections.abc import Collection

    from contracts.model import Contract
    from suites.outcomes import Case

MASKED = "masked"
SUCCESS = range(200, 300)
INTERNAL = range(500, 600)
THROTTLED = frozenset({429, 503})
UNKNOWN = frozenset({400, 404})
"""What a body gets in which everything is sound but what it names: a code of the appendix, or the page's 404."""


def starting(contract: Contract) -> frozenset[int]:
    """The statuses by which a target says that it has started something; none where nothing can start."""
    return frozenset(SUCCESS) if contract.starts else frozenset()


def unknown_to(contract: Contract) -> frozenset[int]:
    """What a request gets in which everything is sound but what it names: a success may say no as well."""
    return UNKNOWN | ({*contract.page.success} if contract.denial else set())


Refusal = tuple[int | None, str | None]
"""Status and error code of a refusal."""


def refusal(
    contract: Contract,
    case: Case,
    exchange: Exchange,
    control: Exchange | None,
    unknown: Collection[Refusal] = (),
) -> tuple[Finding, ...]:
    """What the answer to a request that must be refused says, beside the answer to its control.

    A request that was taken breaks the clause of the case. One that was refused by another status than the page's
    breaks the status' clause as well, unless its own is only advisory, and one that brought the service down breaks
    the clause of internal errors. ``unknown`` are the refusals by which this target says that a name is unknown:
    beside a control that is refused so, they show nothing of the fault.
    """
    unjudged = _unjudged(contract, exchange, control)
    if unjudged:
        return (_blocked(case, unjudged),)
    broken = (case.clause, *case.beside)
    internal = _status_clause(contract, 500)
    down = failed_service(contract, exchange)
    if down:
        return _fail((*broken, internal), down)
    sound = found(internal)
    status = exchange.status
    if status in SUCCESS:
        said_no = status in case.expected and _denied(contract, exchange)
        if said_no or (case.elsewhere and not _answers(contract, exchange)):
            return (found(case.clause), sound)
        return (*_fail(broken, f"accepted with {_accepted(contract, status)}; expected {_any_of(case)}"), sound)
    if control is None or _shows_nothing(contract, case, exchange, control, unknown):
        without = f"; {_answer(control)}" if control and shows_nothing(control) else " and"
        return (_blocked(case, f"{MASKED}: {_answer(exchange)} with{without} without the fault"), sound)
    if status in case.expected:
        met = (case.clause, *case.shows, _status_clause(contract, status))
        return (*map(found, dict.fromkeys(met)), sound)
    why = f"refused with {_answer(exchange)}; expected {_any_of(case)}"
    advisory = contract.clause(case.clause).strength is Strength.ADVISORY
    promised = case.beside or (() if advisory else (_status_clause(contract, min(case.expected)),))
    return (*_fail((case.clause, *promised), why), sound)


def shows_nothing(control: Exchange) -> bool:
    """Whether a control was not answered for what it is, so that a refusal beside it may have any reason."""
    return control.answer is None or control.status in THROTTLED


def _shows_nothing(
    contract: Contract, case: Case, exchange: Exchange, control: Exchange, unknown: Collection[Refusal]
) -> bool:
    """Whether something else than the fault may have refused the request, as it refused the control.

    Where both name what does not exist, the target may have told of another name each time.
    """
    if case.first and exchange.status not in case.expected:
        return False
    if shows_nothing(control):
        return exchange.status not in case.expected
    if same_refusal(exchange, control):
        return True
    told_of_names = exchange.status in UNKNOWN and control.status in UNKNOWN
    if not told_of_names or case.expected in (UNKNOWN, unknown_to(contract)):
        # where that is what the case asks for, it has its answer
        return False
    listed = {code for lookup in contract.lookups for code in lookup.codes}
    code = exchange.answer.code if exchange.answer else None
    return exchange.status not in case.expected or code in listed or (exchange.status, code) in unknown


def acceptance(contract: Contract, case: Case, exchange: Exchange, control: Exchange | None) -> tuple[Finding, ...]:
    """What the answer to an acceptable request says of the success status and of internal errors.

    The control is a request that was to be refused: a target that answers it and not this one is not throttling.
    """
    unjudged = _unjudged(contract, exchange, control)
    if unjudged:
        return (_blocked(case, unjudged),)
    internal = _status_clause(contract, 500)
    down = failed_service(contract, exchange)
    if down:
        return _fail((case.clause, internal), down)
    sound = found(internal)
    if exchange.status in case.expected:
        return (found(case.clause), sound)
    verb = "accepted" if exchange.status in SUCCESS else "refused"
    why = f"an acceptable request was {verb} with {_answer(exchange)}; expected {_any_of(case)}"
    return (found(case.clause, why), sound)


def endurance(contract: Contract, case: Case, exchange: Exchange) -> tuple[Finding, ...]:
    """What the answer to a request that is only hard to digest says: anything but a failure of the service will do."""
    unjudged = _unjudged(contract, exchange, None)
    if unjudged:
        return (_blocked(case, unjudged),)
    down = failed_service(contract, exchange)
    return (found(case.clause, down),)


def failed_service(contract: Contract, exchange: Exchange) -> str:
    """How the service itself failed in this exchange; empty where it did not.

    A 5xx whose code the appendix lists for a caller's fault is a refusal, if an odd one. A 503 that outlasts the waits
    is judged as the status that it is.
    """
    if exchange.broke is not None:
        return exchange.why or f"no answer ({exchange.broke.value})"
    answer = exchange.answer
    if answer is None or answer.status not in INTERNAL or answer.status in THROTTLED:
        return ""
    if answer.code in contract.callers_fault:
        return ""
    return f"answered {_answer(exchange)}, an internal error"


def error_body(contract: Contract, exchange: Exchange) -> tuple[Finding, ...]:
    """What a refusal of the service itself says of the error body's clauses."""
    answer = exchange.answer
    if answer is None:
        return ()
    document = answer.document
    findings = list(media_type(contract, exchange))
    for name in contract.error_schema["properties"]:
        here = f"{contract.operation}.e.{name}"
        if answer.unread:
            why = unread(exchange)
            findings += [Finding(f"{here}.{kind}", Outcome.BLOCKED, why) for kind in ("present", "type")]
            continue
        if not isinstance(document, dict) or name not in document:
            lacks = "is not a JSON object" if not isinstance(document, dict) else f"has no {name}"
            findings.append(found(f"{here}.present", f"the body of the {answer.status} {lacks}"))
            continue
        findings.append(found(f"{here}.present"))
        value = document[name]
        sound = isinstance(value, str)
        why = "" if sound else f"{name} of the {answer.status} is {json_type(value)}, not a string"
        findings.append(found(f"{here}.type", why))
    return tuple(findings)


def error_code(contract: Contract, exchange: Exchange) -> tuple[Finding, ...]:
    """Whether a code of the appendix came with a status that it is listed under; nothing is said of other codes."""
    answer = exchange.answer
    listed = _listed(contract, answer.code or "") if answer else ()
    if answer is None or not listed:
        return ()
    wrong = "" if answer.status in listed else f"{answer.code} came with {answer.status}, listed under {_list(listed)}"
    return (found(f"{contract.operation}.a.error_code.status", wrong),)


def _listed(contract: Contract, code: str) -> tuple[int, ...]:
    """The statuses that a code may come with: the appendix's, and those that meet the look-up which it tells of."""
    own = contract.error_codes.get(code, ())
    looked_up = (status for lookup in contract.lookups if code in lookup.codes for status in lookup.statuses)
    return tuple(dict.fromkeys((*own, *looked_up)))


def media_type(contract: Contract, exchange: Exchange) -> tuple[Finding, ...]:
    """What an answer with a body says of its being JSON and declaring so."""
    answer = exchange.answer
    if answer is None:
        return ()
    declared = answer.header("Content-Type")
    essence = (declared or "").partition(";")[0].strip().lower()
    named = essence == "application/json" or (essence.startswith("application/") and essence.endswith("+json"))
    json_text = f"{contract.operation}.p.json"
    text = answer.document is not NOT_JSON
    why = "" if text else f"the body of the {answer.status} is not one JSON text"
    return (
        Finding(json_text, Outcome.BLOCKED, unread(exchange)) if answer.unread else found(json_text, why),
        found(
            f"{contract.operation}.p.content_type",
            "" if named else f"the {answer.status} declares {declared or 'no content type'}",
        ),
    )


def unread(exchange: Exchange) -> str:
    """Why nothing can be said of the body of an answer; empty where it is there."""
    answer = exchange.answer
    return f"the body of the {answer.status} {answer.unread}" if answer and answer.unread else ""


_INTERNALS = re.compile(
    rb"Traceback \(most recent call last\)"
    rb'|File "/|\.java:\d|goroutine \d|Exception in thread|\.rb:\d+:in |\bin /[\w./-]+\.\w+(:| on line )\d'
    rb"|(^|\\n|\\r|\s)(\\t|\s)*at [\w.$<>]+( ?\(|\.)"
)
"""What stack traces look like in Python, Java, Go, JavaScript, C#, PHP and Ruby, as such or inside a JSON string."""


def discretion(contract: Contract, exchange: Exchange, known: frozenset[str]) -> tuple[Finding, ...]:
    """What any answer says of secrets, internals and ``known`` identifiers that it should keep to itself."""
    answer = exchange.answer
    if answer is None:
        return ()
    trace = _INTERNALS.search(answer.body)
    shown = trace[0].decode("ascii", "replace").strip() if trace else ""
    named = _named_unasked(exchange, known) if answer.status not in SUCCESS else ""
    return (
        found(f"{contract.operation}.a.disclosure", named),
        found(f"{contract.operation}.a.secrets", "the answer repeats a token" if answer.leaked else ""),
        found(
            f"{contract.operation}.a.internals",
            f"the {answer.status} shows internals of the service ({shown})" if shown else "",
        ),
    )


def _named_unasked(exchange: Exchange, known: frozenset[str]) -> str:
    """Which existing object a refusal names though the request did not; empty where it names none."""
    told = exchange.answer.body.decode("latin-1") if exchange.answer else ""
    there = sorted(each for each in known if each in told)
    if not there:
        return ""
    asked = exchange.sent.url + exchange.sent.body.decode("latin-1") + _unescaped(exchange.sent.body)
    named = next((each for each in there if each not in asked), None)
    return f"the {exchange.status} names {named}, which the request did not" if named else ""


def _unescaped(body: bytes) -> str:
    """The body's document with its strings as they are meant, empty where it is no JSON."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""


def contradiction(contract: Contract, exchange: Exchange) -> tuple[Finding, ...]:
    """Whether a refusal carries what only an accepted request gets; nothing is said where it does not."""
    answer = exchange.answer
    document = answer.document if answer else None
    root = next(iter(contract.response_schema.get("properties", ())), None)
    inner = document.get(root) if isinstance(document, dict) else None
    told = contract.response_schema["properties"][root].get("required", ()) if root else ()
    asked = contract.request_schema.get("properties", {}).get(root, {}).get("properties", ())
    own = [name for name in told if name not in asked]
    if isinstance(inner, dict) and own and all(name in inner for name in own):
        why = f"the {exchange.status} carries a {root} with {own[0]}, as if the request had been accepted"
        return (found(_status_clause(contract, exchange.status), why),)
    return ()


def same_refusal(exchange: Exchange, control: Exchange) -> bool:
    """Whether both were refused alike: the same status and, where both carry one, the same error code."""
    if exchange.answer is None or control.answer is None:
        return exchange.broke is control.broke
    if exchange.status != control.status or exchange.status in SUCCESS:
        return False
    return exchange.answer.code == control.answer.code


def json_type(value: object) -> str:
    """The JSON type of a parsed value, with its article."""
    for kind, name in (
        (bool, "a boolean"),
        (str, "a string"),
        ((int, float), "a number"),
        (list, "an array"),
        (dict, "an object"),
    ):
        if isinstance(value, kind):
            return name
    return "null"


def _unjudged(contract: Contract, exchange: Exchange, control: Exchange | None) -> str:
    """Why the exchange shows nothing; empty where it does."""
    if exchange.broke in (Break.WITHHELD, Break.REFUSED):
        return exchange.why
    answer = exchange.answer
    if answer is None:
        return ""
    alike = control is None or control.status == answer.status or answer.header("Retry-After") is not None
    if answer.status in THROTTLED and alike:
        return f"the target kept answering {answer.status} ({exchange.attempts} attempts)"
    if answer.code in contract.busy:
        return f"the resource stayed busy ({answer.code}, {exchange.attempts} attempts)"
    return ""


def _denied(contract: Contract, exchange: Exchange) -> bool:
    """Whether a success says no: whether one of the Booleans by which it can is false."""
    document = exchange.answer.document if exchange.answer else None
    return bool(contract.denial) and any(value is False for value in values_at(document, contract.denial))


def _answers(contract: Contract, exchange: Exchange) -> bool:
    """Whether a success is this operation's: whether it has the members that wrap its response."""
    document = exchange.answer.document if exchange.answer else None
    return isinstance(document, dict) and document.keys() >= set(contract.response_schema.get("required", ()))


def _accepted(contract: Contract, status: int | None) -> str:
    return f"{status} and no {contract.denial[-1]} that is false" if contract.denial else str(status)


def _status_clause(contract: Contract, status: int | None) -> str:
    return f"{contract.operation}.s.{status}"


def _answer(exchange: Exchange) -> str:
    code = exchange.answer.code if exchange.answer else None
    return f"{exchange.status} {code}" if code else str(exchange.status)


def _any_of(case: Case) -> str:
    return _list(case.expected)


def _list(statuses: frozenset[int] | tuple[int, ...]) -> str:
    return " or ".join(map(str, sorted(statuses)))


def _fail(clauses: tuple[str, ...], why: str) -> tuple[Finding, ...]:
    return tuple(found(clause, why) for clause in dict.fromkeys(clauses))


def _blocked(case: Case, why: str) -> Finding:
    return Finding(case.clause, Outcome.BLOCKED, why)
