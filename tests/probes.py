"""A fixed list of requests, and what a service makes of them: whether a flaw shows at all."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import contracts
from contracts.bodies import encode
from contracts.malformed import leniencies, malformations, stresses
from targets.embedded import world
from targets.embedded.rules import MEMBERS, PROVIDER, parents
from targets.embedded.service import LOOKUPS, Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from targets.embedded.rules import Member
    from targets.embedded.service import Service

CONTRACT = contracts.load()
NOWHERE = "00c0ffee-0000-4000-8000-00000000000"
TARGETS = (
    "https://restore.example/v2.0/",
    "Restore  Target",
    " az-01 ",
    "",
    "007",
    'a&b <"c\\d"> {0} %s +\n',
    "Zürich 東京 \U0001f680",
    "x" * 300,
)
BAD_TOKENS = (
    None,
    "",
    "*",
    "null",
    "no-such-token-0123456789abcdef",
    "x" * 2000,
    "tök'en",
    world.OPERATOR_TOKEN[:-1],
    world.OPERATOR_TOKEN + "0",
    "0" + world.OPERATOR_TOKEN,
    "0" + world.OPERATOR_TOKEN[1:],
    world.OPERATOR_TOKEN[:9] + "00" + world.OPERATOR_TOKEN[11:],
    world.OPERATOR_TOKEN[4:-4],
    world.OPERATOR_TOKEN[: len(world.OPERATOR_TOKEN) // 2],
    world.OPERATOR_TOKEN[:-4] + "0000",
    world.OPERATOR_TOKEN.swapcase(),
    world.OPERATOR_TOKEN[::-1],
    world.OPERATOR_TOKEN.replace("-", ""),
    world.EXPIRED_TOKEN,
)
PROJECTS = ("", world.FOREIGN_PROJECT, "0" * 32, world.PROJECT[:-1] + "0", "0" + world.PROJECT[1:], world.PROJECT * 3)
FILLS: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    1.0,
    -1,
    1.5,
    1 << 40,
    1 << 70,
    "",
    "true",
    "True",
    "1",
    "yes",
    [],
    {},
    ["a"],
    {"id": 1},
)
PROVIDERS = (
    "",
    NOWHERE + "1",
    PROVIDER[:-1],
    PROVIDER[9:],
    PROVIDER + "0",
    "0" + PROVIDER[1:],
    PROVIDER[:-1] + "0",
    f"{PROVIDER[:14]}0000{PROVIDER[18:]}",
    PROVIDER[::-1],
    f" {PROVIDER} ",
    f"{PROVIDER}\n",
    f"{PROVIDER}\0x",
    PROVIDER.replace("-", ""),
    f"{{{PROVIDER}}}",
    f"{NOWHERE}1,{PROVIDER}",
)
RAW = (
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"42",
    b'"x"',
    b"true",
    b"\xff",
    b"{,}",
    b"[" * 20_000 + b"]" * 20_000,
    b"<restore/>",
)


def answers(service: Service, times: int = 1) -> Iterator[str]:
    """What the service makes of every probe, one after another, each fresh id told by when it was given first."""
    ids: dict[bytes, bytes] = {}

    def known(match: re.Match[bytes]) -> bytes:
        return b'"id": "%s"' % ids.setdefault(match.group(1), b"number %d" % len(ids))

    for probe in PROBES * times:
        reply = service.answer(replace(probe, headers=dict(probe.headers)))
        body = re.sub(rb'"id": "([0-9a-f-]{36})"', known, reply.body)
        yield repr((reply.status, sorted(reply.headers.items()), body, reply.cut, reply.drop, reply.delay))


def valid(number: int = 0, *, power_on: bool = True, **more: Any) -> Any:
    """An acceptable document."""
    resource = copy.deepcopy(world.RESOURCES[number])
    return {
        "restore": {
            "provider_id": PROVIDER,
            "checkpoint_id": resource["checkpoint_id"],
            "parameters": {
                "checkpoint_item_id": resource["checkpoint_item_id"],
                "power_on": power_on,
                "targets": {"server_id": resource["server_id"], "volumes": resource["volumes"]},
            },
            **more,
        }
    }


def call(
    document: Any,
    *,
    token: str | None = world.OPERATOR_TOKEN,
    project: str = world.PROJECT,
    method: str = "POST",
    headers: dict[str, str | None] | None = None,
) -> Call:
    """The operation's request; ``document`` may be the bytes themselves, and a header None to be left out."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    spelled = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "probe",
        "X-Auth-Token": token,
        **(headers or {}),
    }
    sent = {name: value for name, value in spelled.items() if value is not None}
    lower = {name.lower(): value for name, value in sent.items()}
    names = tuple({name.lower(): name for name in sent}.values())
    return Call(method, f"/v1/{project}/restores", lower, body, spelled=names)


def _acceptable() -> Iterator[Call]:
    for number in range(len(world.RESOURCES)):
        for power_on in (True, False):
            yield call(valid(number, power_on=power_on))
            yield call(valid(number, power_on=power_on, restore_target=TARGETS[0]))
    for target in TARGETS:
        yield call(valid(1, restore_target=target))
        yield call(json.dumps(valid(1, restore_target=target), ensure_ascii=False).encode())
    document = valid(2, restore_target="a/b")
    yield call(json.dumps(document, indent=1).encode())
    yield call(json.dumps(document, separators=(" , ", " : ")).replace(", ", ",\r\n\t").encode())
    yield call(b"\n" + json.dumps(document).encode() + b"\n")
    yield call(json.dumps(document).replace("/", "\\/").encode())
    yield call(json.dumps(document).replace("a/b", "\\u002F").replace("_id", "\\u005fid").encode())
    yield call(_reversed(document))


def _spelled() -> Iterator[Call]:
    for media_type in (
        None,
        "json",
        "text/plain",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
        'application/json; charset="utf-8"',
        "application/json; charset=latin-1",
        "Application/JSON",
    ):
        yield call(valid(), headers={"Content-Type": media_type})
        yield call({"restore": {}}, headers={"Content-Type": media_type})
        yield call(valid(), headers={"Content-Type": media_type}, token="bad")
    for accept in (None, "*/*", "application/json, text/plain;q=0.5"):
        yield call(valid(), headers={"Accept": accept})
    yield call(valid(), headers={"User-Agent": None})
    yield call(valid(), headers={"User-Agent": "a test suite"})
    yield call(valid(), headers={"Content-Type": None, "content-type": "application/json"})
    yield call(valid(), headers={"X-Auth-Token": None, "x-auth-token": world.OPERATOR_TOKEN})


def _faulty() -> Iterator[Call]:
    for body in RAW:
        yield call(body)
        yield call(body, token="bad")
    for number, power_on, more in ((0, True, {}), (2, False, {"restore_target": "a"}), (3, True, {})):
        document = valid(number, power_on=power_on, **more)
        for member in MEMBERS:
            yield from (call(each) for each in _with_faults(document, member))
    for provider in PROVIDERS:
        yield call(_with(valid(), "provider_id", provider))
    lacking = _without(valid(), "power_on")
    yield call(json.dumps(lacking, indent=1).encode())
    yield call(json.dumps(lacking, indent=1).encode(), token="bad")
    for size in (10_000, 70_000, 120_000):
        yield call({**lacking, "x": "0" * size})
        yield call({**valid(), "x": "0" * size}, token="bad")
        yield call({**valid(), "x": "0" * size}, token=world.READ_ONLY_TOKEN)
        yield call(_with({**valid(), "x": "0" * size}, "server_id", NOWHERE + "1"))
    yield call(valid()["restore"])
    for name in ("parameters", "targets"):
        yield call(_flattened(name))
    for rename in (str.upper, str.title, _camel, lambda name: name.replace("_", "-"), lambda name: f" {name} "):
        yield call(_named(valid(), rename))
        for member in MEMBERS:
            yield call(_named(valid(), lambda name, m=member, r=rename: r(name) if name == m.name else name))


def _odd() -> Iterator[Call]:
    """What may be taken or refused, and should not bring a service down."""
    document = valid(1, restore_target="a")
    text = json.dumps(document)
    yield call(b"\xef\xbb\xbf" + text.encode())
    yield call(text.replace('"power_on": true', '"power_on": true, "power_on": false').encode())
    yield call({**document, "x": 1})
    yield call({"restore": {**document["restore"], "x": 1}})
    yield call(f'{{"x": {"9" * 1000}, {text[1:]}'.encode())
    yield call(f'{{"x": {"[" * 500}{"]" * 500}, {text[1:]}'.encode())
    yield call(text.replace('"a"', "[" * 200 + "]" * 200).encode())
    yield call(text.replace('"a"', '"\\ud800"').encode())
    yield call(text.replace('"a"', '"\\u0000"').encode())
    yield call(text.replace('"a"', f'"{"0" * 5000}"').encode())
    many = valid(3)
    many["restore"]["parameters"]["targets"]["volumes"] *= 4
    yield call(many)
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
        yield call(b"", method=method)


def _malformed() -> Iterator[Call]:
    """An acceptable body, malformed in each way that the suite knows."""
    body = encode(valid())
    for each in (*malformations(CONTRACT), *leniencies(CONTRACT), *stresses(CONTRACT)):
        for variant in range(each.variants):
            yield call(each.put(body, variant).after)


def _unknown() -> Iterator[Call]:
    nothing = valid()
    for lookup in LOOKUPS:
        nothing = _with(nothing, lookup, NOWHERE + "1")
    yield call(nothing)
    for name in LOOKUPS:
        known = world.RESOURCES[0].get(name) or world.RESOURCES[0]["volumes"][0][name]
        for value in (
            NOWHERE + "1",
            "",
            "%",
            "null",
            "o'clock",
            known[:-1],
            known[:-1] + "0",
            "1" + known[1:],
            known + "0",
            "x" * 300,
            world.PROJECT,
            world.RESOURCES[1]["server_id"] if name != "server_id" else world.RESOURCES[1]["checkpoint_id"],
        ):
            yield call(_with(valid(), name, value))
        for number in (1, 2, 3):
            for power_on in (True, False):
                yield call(_with(valid(number, power_on=power_on, restore_target="a"), name, NOWHERE + "1"))
                yield call(_with(valid(number, power_on=power_on), name, NOWHERE + "1", last=True))
    document = valid(2)
    document["restore"]["parameters"]["targets"]["volumes"][1]["volume_id"] = NOWHERE + "1"
    yield call(document)


def _callers() -> Iterator[Call]:
    for token in BAD_TOKENS:
        yield call(valid(), token=token)
        yield call(_with(valid(), "server_id", NOWHERE + "1"), token=token)
        yield call({"restore": {}}, token=token)
    for number in (0, 3):
        for power_on in (True, False):
            document = valid(number, power_on=power_on, restore_target="a")
            yield call(document, token="bad")
            yield call(document, token=world.READ_ONLY_TOKEN)
    for project in PROJECTS:
        yield call(valid(), project=project)
        yield call(_with(valid(), "server_id", NOWHERE + "1"), project=project)
    for told in ("500", "503"):
        yield call(valid(), headers={"X-Fault-Inject": told})


def _with_faults(document: Any, member: Member) -> Iterator[Any]:
    yield _without(document, member.name)
    for fill in FILLS:
        yield _with(document, member.name, fill)
    original = _holders(document, member.name)[0].get(member.name)
    yield _with(document, member.name, [original])
    yield _with(document, member.name, json.dumps(original))
    if member.name == "volumes":
        for item in (None, "a", [], {}, 1, *original):
            yield _with(document, member.name, [*original, item])
            yield _with(document, member.name, [item, *original])
        yield _with(document, member.name, original[0])
        yield _with(document, member.name, dict(enumerate(original)))
    if "*" in member.parents:
        yield _without(document, member.name, last=True)
        yield _with(document, member.name, 7, last=True)
        yield _with(document, member.name, 7, every=True)
        if len(_holders(document, member.name)) > 2:
            middle = copy.deepcopy(document)
            del _holders(middle, member.name)[1][member.name]
            yield middle


def _holders(document: Any, name: str) -> list[Any]:
    """The objects that have, or lack, the member."""
    path = next(member.parents for member in MEMBERS if member.name == name)
    return list(parents(document, path))


def _with(document: Any, name: str, value: Any, *, last: bool = False, every: bool = False) -> Any:
    changed = copy.deepcopy(document)
    holders = _holders(changed, name)
    for holder in holders if every else [holders[-1 if last else 0]]:
        holder[name] = value
    return changed


def _without(document: Any, name: str, *, last: bool = False) -> Any:
    changed = copy.deepcopy(document)
    _holders(changed, name)[-1 if last else 0].pop(name, None)
    return changed


def _flattened(name: str) -> Any:
    document = valid()
    [parent] = _holders(document, name)
    parent.update(parent.pop(name))
    return document


def _named(value: Any, rename: Any) -> Any:
    if isinstance(value, list):
        return [_named(item, rename) for item in value]
    return {rename(key): _named(item, rename) for key, item in value.items()} if isinstance(value, dict) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _reversed(value: Any) -> Any:
    if isinstance(value, list):
        return [_reversed(item) for item in value]
    return {key: _reversed(value[key]) for key in reversed(value)} if isinstance(value, dict) else value


PROBES = (
    *_acceptable(),
    *_spelled(),
    *_faulty(),
    *_odd(),
    *_malformed(),
    *_unknown(),
    *_callers(),
)
