"""What the path says beside the project: left out, another value than the fixed one, or hard to digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.bodies import canary_id
from contracts.model import Kind, Side
from suites.addressing import PROJECT
from suites.outcomes import Case, Judged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.model import Contract
    from suites.campaign import Campaign

NOT_THERE = frozenset({400, 404})
"""A thing of another name does not exist, or the name is invalid: the page does not say which it is."""
NO_PATH = NOT_THERE | {301, 308, 401, 403, 405}
"""Where a segment is empty the path may be no operation's, or another's, or be corrected."""


@dataclass(frozen=True)
class Wrong:
    """One way in which a path is wrong: the clause that it breaks, the parameter, and what stands there instead."""

    clause: str
    label: str
    name: str
    value: str

    @property
    def id(self) -> str:
        """Clause and label, ASCII, unique among those of a contract."""
        return f"{self.clause}-{self.label}"


def wrong_paths(contract: Contract) -> tuple[Wrong, ...]:
    """Every way to be judged; what names something that does not exist is a look-up."""
    return tuple(_wrong_paths(contract))


def _wrong_paths(contract: Contract) -> Iterator[Wrong]:
    for name, schema in contract.in_path.items():
        missing = contract.at(Side.PATH, (name,), Kind.MANDATORY)
        if missing and name != PROJECT:
            yield Wrong(missing.id, "missing", name, "")
        fixed = contract.at(Side.PATH, (name,), Kind.VALUE)
        if fixed and "const" in schema:
            for label, value in _near(schema["const"]):
                yield Wrong(fixed.id, label, name, value)


def _near(const: str) -> Iterator[tuple[str, str]]:
    """Other values than the fixed one, near enough to pass a careless comparison."""
    half = len(const) // 2
    yield "other", canary_id(1)
    yield "other_end", const[:-1] + ("0" if const[-1] != "0" else "1")
    yield "other_start", ("0" if const[0] != "0" else "1") + const[1:]
    yield "other_middle", const[:half] + ("0" if const[half] != "0" else "1") + const[half + 1 :]
    yield "cut", const[:-1]
    yield "extended", f"{const}0"
    yield "wildcard", "*"


async def misname(campaign: Campaign, wrong: Wrong) -> list[Judged]:
    """Judge a request whose path is wrong, beside one that was accepted, or else one that names nothing."""
    last = campaign.contract.page.path.endswith("{" + wrong.name + "}")
    ground = campaign.accepted[0] if campaign.accepted else None
    sound = campaign.known(ground) if ground else campaign.request(campaign.canaries()[0])
    case = Case(
        id=wrong.id,
        clause=wrong.clause,
        request=campaign.elsewhere(sound, **{wrong.name: wrong.value}),
        expected=NOT_THERE if wrong.value else NO_PATH,
        ours=False,
        elsewhere=last and not wrong.value,
    )
    return await campaign.refused([(case, ground.exchange if ground else sound)])


HARD = {
    "long": "0" * 3000,
    "nul": "0\0",
    "not_utf8": "\udcff",
    "dots": "../..",
    "percent": "%s%n%",
    "script": "\u6771\u4eac",
}
"""Names that a service may refuse as it likes."""


def looked_up(contract: Contract) -> tuple[str, ...]:
    """The parameters of the path that a service looks up."""
    return tuple(name for name in contract.in_path if name in contract.identifiers)


async def endure_names(campaign: Campaign, name: str) -> list[Judged]:
    """Judge whether the service stands names that are hard to digest."""
    clause, request = f"{campaign.contract.operation}.s.500", campaign.request(campaign.canaries()[0])
    return await campaign.endured(
        [
            Case(
                id=f"{clause}-{name}_{label}",
                clause=clause,
                request=campaign.elsewhere(request, **{name: value}),
                expected=frozenset(),
                ours=False,
            )
            for label, value in HARD.items()
        ]
    )
