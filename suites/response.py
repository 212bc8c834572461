"""The body of an accepted request, held against the response tables: present, type, echo and value of every row."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

from contracts.model import Kind, Side
from suites.judging import json_type
from suites.outcomes import found
from suites.pointing import value_at
from targets.exchange import NOT_JSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.model import Clause, Contract, Pointer
    from suites.outcomes import Finding

_ABSENT = object()
_PYTHON_TYPES: dict[str, type] = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}
NOTHING_TO_SAY = "no answer of this target has one"
"""Why nothing can be said of what an answer may leave out, or of the items of a list that may be empty."""


def response_clauses(contract: Contract) -> tuple[Clause, ...]:
    """The clauses that an accepted answer is held against."""
    return tuple(clause for clause in contract.clauses if clause.side is Side.RESPONSE)


def response(contract: Contract, sent: Any, path: Mapping[str, str], document: Any) -> tuple[Finding, ...]:
    """What the parsed body of an accepted request says of every response clause.

    ``sent`` is the request's document and ``path`` the values in its path. A member that the request may leave out
    is expected, and held against the request, only where it was sent. Nothing is said of members whose parent is
    missing: that is the parent's failure.
    """
    body = None if document is NOT_JSON else document
    told = repeated(contract.asking.echoes, sent, path) if contract.asking and contract.asking.echoes else sent
    walk = _Walk(contract, told, path)
    walk.object(contract.response_schema, body, told, ())
    return tuple(walk.findings)


def repeated(echoes: Mapping[Pointer, Pointer], sent: Any, path: Mapping[str, str]) -> Any:
    """What a response has to repeat of a request under other names, in the shape of the response."""
    document: dict[str, Any] = {}
    for told, said in echoes.items():
        source = sent if isinstance(sent, dict) and said[0] in sent else path
        _put(document, told, _gathered(source, said))
    return document


def _gathered(value: Any, pointer: Pointer) -> Any:
    """What stands at a pointer; a list of it for each ``"*"``, and of a list only how long it is."""
    if not pointer:
        return [{} for _ in value] if isinstance(value, list) else value
    if pointer[0] == "*":
        return [_gathered(item, pointer[1:]) for item in value]
    return _gathered(value[pointer[0]], pointer[1:])


def _put(document: Any, pointer: Pointer, value: Any) -> None:
    name, *rest = pointer
    if not rest:
        document[name] = value
    elif rest[0] == "*":
        for item, each in zip(document.setdefault(name, [{} for _ in value]), value):
            _put(item, tuple(rest[1:]), each)
    else:
        _put(document.setdefault(name, {}), tuple(rest), value)


@cache
def _by_place(contract: Contract) -> Mapping[Pointer, Mapping[Kind, Clause]]:
    clauses: defaultdict[Pointer, dict[Kind, Clause]] = defaultdict(dict)
    for clause in response_clauses(contract):
        clauses[clause.pointer][clause.kind] = clause
    return clauses


class _Walk:
    """Descends through schema, answer and request side by side and collects findings."""

    def __init__(self, contract: Contract, sent: Any, path: Mapping[str, str]) -> None:
        self.findings: list[Finding] = []
        self._contract = contract
        self._path = path
        self._clauses = _by_place(contract)
        self._sent = sent

    def object(self, schema: Mapping[str, Any], got: Any, sent: Any, pointer: Pointer) -> int:
        """Hold an object against its rows; the number of rows below it that are not echoed."""
        lost = 0
        for name, node in schema.get("properties", {}).items():
            mine = got[name] if isinstance(got, dict) and name in got else _ABSENT
            theirs = sent.get(name, _ABSENT) if isinstance(sent, dict) else _ABSENT
            optional = name not in schema.get("required", ())  # nor is what the request may leave out
            lost += self._member(node, mine, theirs, (*pointer, name), optional=optional)
        return lost

    def _member(self, node: Mapping[str, Any], got: Any, sent: Any, here: Pointer, *, optional: bool) -> bool:
        """Hold one member against its clauses; whether it is not the echo that it should be."""
        clauses = self._clauses[here]
        if sent is _ABSENT and Kind.ECHO in clauses and len(here) == len(_root(self._contract)) + 1:
            sent = self._path.get(here[-1], _ABSENT)
        if got is _ABSENT or (got is None and optional and sent is _ABSENT):
            if not optional or sent is not _ABSENT:
                self._say(clauses, Kind.PRESENT, f"{here[-1]} is missing")
                return True
            return False
        self._say(clauses, Kind.PRESENT)
        if not _is_a(got, node["type"]):
            self._say(clauses, Kind.TYPE, f"{here[-1]} is {json_type(got)}, not of type {node['type']}")
            return True
        self._say(clauses, Kind.TYPE)
        self._say(clauses, Kind.VALUE, _wrong_value(node, got, here[-1]))
        return self._echo(clauses, node, got, sent, here)

    def _echo(
        self, clauses: Mapping[Kind, Clause], node: Mapping[str, Any], got: Any, sent: Any, here: Pointer
    ) -> bool:
        if node["type"] == "object" and "properties" in node:
            lost = self.object(node, got, sent, here)
            why = f"{lost} members of {here[-1]} are not as sent" if lost > 1 else ""
        elif node["type"] == "array":
            lost, why = self._items(node["items"], got, sent, here)
        else:
            lost = sent is not _ABSENT and Kind.ECHO in clauses and not _equal(got, sent)
            why = f"{here[-1]} is {_shown(got)}, sent as {_shown(sent)}" if lost else ""
        if sent is not _ABSENT:
            self._say(clauses, Kind.ECHO, why)
        return bool(lost)

    def _items(self, node: Mapping[str, Any], got: list[Any], sent: Any, here: Pointer) -> tuple[int, str]:
        """Hold a list's items against the ones sent, in whatever order they come back."""
        if not isinstance(sent, list):
            for item in got:
                self._item(node, item, _ABSENT, here)
            return 0, ""
        left = list(sent)
        unmatched = []
        for item in got:
            match = next((each for each in left if _contains(item, each)), _ABSENT)
            if match is _ABSENT:
                unmatched.append(item)
            else:
                left.remove(match)
                self._item(node, item, match, here)
        lost = 0
        for item, match in zip(unmatched, [*left, *[_ABSENT] * len(unmatched)]):
            lost = max(lost, self._item(node, item, match, here))
        if len(got) != len(sent):
            return len(sent), f"{here[-1]} has {len(got)} items, sent with {len(sent)}"
        return lost, f"items of {here[-1]} are not as sent" if lost > 1 else ""

    def _item(self, node: Mapping[str, Any], item: Any, sent: Any, here: Pointer) -> int:
        if not _is_a(item, node["type"]):
            self._say(self._clauses[here], Kind.TYPE, f"an item of {here[-1]} is {json_type(item)}, not {node['type']}")
            return 0
        return self.object(node, item, sent, (*here, "*"))

    def _say(self, clauses: Mapping[Kind, Clause], kind: Kind, why: str = "") -> None:
        if kind in clauses:
            self.findings.append(found(clauses[kind].id, why))


def identity_clause(contract: Contract) -> Clause | None:
    """The clause of the member that names what the request started: a string that the page does not limit."""
    for clause in response_clauses(contract):
        if clause.kind is Kind.VALUE and not _LIMITS & _node(contract.response_schema, clause.pointer).keys():
            return clause
    return None


def identity_in(contract: Contract, document: Any) -> str:
    """The name that an answer gives to what was started; empty where there is none."""
    identity = identity_clause(contract)
    name = value_at(document, identity.pointer) if identity else None
    return name if isinstance(name, str) else ""


def twin(identity: Clause, name: str) -> Finding:
    """What it means that a name was given twice."""
    return found(identity.id, f"{identity.pointer[-1]} {name!r} was given to another one before")


def may_be_absent(contract: Contract, clause: Clause) -> bool:
    """Whether a sound answer may lack what a clause of the response speaks of: left out, or in a list without items."""
    schema: Mapping[str, Any] = contract.response_schema
    for name in clause.pointer:
        if name == "*" or name not in schema.get("required", ()):
            return True
        schema = schema["properties"][name]
    return False


def _node(schema: Mapping[str, Any], pointer: Pointer) -> Mapping[str, Any]:
    for name in pointer:
        schema = schema["items"] if name == "*" else schema["properties"][name]
    return schema


def _root(contract: Contract) -> Pointer:
    """The member that wraps the response, if there is just one."""
    names = tuple(contract.response_schema.get("properties", ()))
    return names if len(names) == 1 else ()


def _is_a(value: Any, kind: str) -> bool:
    """Whether a value is of a JSON Schema type: 4096.0 is an integer there, true is none."""
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _PYTHON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _equal(got: Any, sent: Any) -> bool:
    return bool(got == sent) and isinstance(got, bool) == isinstance(sent, bool)


def _contains(item: Any, sent: Any) -> bool:
    """Whether an item says all that the one sent says; it may say more."""
    if not isinstance(item, dict) or not isinstance(sent, dict):
        return _equal(item, sent)
    return all(name in item and _equal(item[name], value) for name, value in sent.items())


_LIMITS = {"const", "enum", "minimum", "maximum"}
"""The keywords by which a page limits values."""


def _wrong_value(node: Mapping[str, Any], got: Any, name: str) -> str:
    """What is wrong with a value of the right type; a limit that a page may not have is none."""
    if "const" in node and got != node["const"]:
        return f"{name} is {_shown(got)}, not the fixed {node['const']}"
    if "enum" in node and got not in node["enum"]:
        return f"{name} is {_shown(got)}, not one of {', '.join(map(str, node['enum']))}"
    if "minimum" in node and not node["minimum"] <= got <= node["maximum"]:
        return f"{name} is {_shown(got)}, not from {node['minimum']} to {node['maximum']}"
    return "" if got or _LIMITS & node.keys() else f"{name} is empty"


def _shown(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004  a line's worth
