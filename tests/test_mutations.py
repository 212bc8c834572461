"""The suite with one of its rules switched off misses a flaw: nothing that it asks or judges is there in vain.

Each row names a rule and a flaw that nothing else finds at smoke depth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contracts.catalogue import catalogue
from contracts.faults import Position
from contracts.malformed import leniencies, malformations, stresses
from suites import accepting, campaign, conducting, judging, logging_in, looking_up, rejecting, spelling, varying
from suites.outcomes import Finding, Judged, Outcome
from suites.spelling import EVERY_SPELLING
from tests.power import CONTRACT
from tests.power.measuring import FOUND, Trial, measure

if TYPE_CHECKING:
    from collections.abc import Callable

    Switch = Callable[[pytest.MonkeyPatch], None]

DEPTH = "smoke"


def without_fault(operator: str) -> Switch:
    """Takes the faults of this label out of the catalogue, wherever in a list they stand."""

    def kept(label: str) -> bool:
        return label.removesuffix(Position.MIDDLE.value).removesuffix(Position.LAST.value) != operator

    return _filtered("catalogue", lambda fault: kept(fault.label))


def without_position(position: Position) -> Switch:
    """Takes the faults at this position of a list out of the catalogue."""
    return _filtered("catalogue", lambda fault: fault.position is not position)


def without_body(family: str, operator: str) -> Switch:
    """Takes a malformation, leniency or stress out of its family."""
    return _filtered(family, lambda each: each.label != operator)


def _filtered(name: str, keeps: Callable[[Any], bool]) -> Switch:
    def switch(patch: pytest.MonkeyPatch) -> None:
        for module in (conducting, rejecting, campaign):
            if hasattr(module, name):
                whole = getattr(module, name)
                patch.setattr(module, name, lambda contract, whole=whole: tuple(filter(keeps, whole(contract))))

    return switch


def without_token(kind: str) -> Switch:
    """Takes a kind of bad token away."""
    return _lacking("BAD_TOKENS", kind)


def without_identifier(kind: str) -> Switch:
    """Takes a kind of what is no identifier away."""
    return _lacking("NO_IDENTIFIERS", kind)


def without_text(kind: str) -> Switch:
    """Takes a kind of free string away."""
    return _lacking("TEXTS", kind)


def _lacking(name: str, key: str) -> Switch:
    def switch(patch: pytest.MonkeyPatch) -> None:
        for module in (varying, conducting, logging_in, looking_up):
            if hasattr(module, name):
                patch.setattr(module, name, {each: what for each, what in getattr(module, name).items() if each != key})

    return switch


def without_spelling(name: str) -> Switch:
    """Takes a spelling away, of acceptable requests and of faulty ones."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        for module, constant in (
            (spelling, "SPELLINGS"),
            (rejecting, "EVERY_SPELLING"),
            (conducting, "EVERY_SPELLING"),
        ):
            kept = tuple(each for each in getattr(module, constant) if each.name != name)
            patch.setattr(module, constant, kept)

    return switch


def without(module: Any, name: str, neutral: Any = ()) -> Switch:
    """Has a function of judging or asking say nothing."""
    return lambda patch: patch.setattr(module, name, lambda *_, **__: neutral)


def without_question(name: str) -> Switch:
    """Has a question ask nothing."""

    async def nothing(*_: Any) -> list[Judged]:
        return []

    return lambda patch: patch.setattr(conducting, name, nothing)


def blind(module: Any, name: str, clause: str, why: str = "") -> Switch:
    """Has a function find no fault in clauses of this ending, or only none for reasons that begin so."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        whole = getattr(module, name)

        def seeing(*args: Any, **named: Any) -> tuple[Finding, ...]:
            return tuple(
                finding
                for finding in whole(*args, **named)
                if not (
                    finding.outcome is Outcome.FAIL and finding.clause.endswith(clause) and finding.why.startswith(why)
                )
            )

        patch.setattr(module, name, seeing)

    return switch


FAULTS = {
    "missing": "power-on-may-be-missing-but-not-misspelt",
    "emptied": "empty-restore-will-do",
    "misspelt": "names-in-camel-case",
    "flattened": "wrapper-may-be-missing",
    "as_string": "restore-may-be-string",
    "as_integer": "restore-may-be-integer",
    "as_fraction": "restore-may-be-number",
    "as_boolean": "restore-may-be-boolean",
    "as_null": "restore-may-be-null",
    "as_array": "restore-may-be-array",
    "as_object": "server-id-may-be-object",
    "item_as_string": "volumes-may-hold-string",
    "item_as_integer": "volumes-may-hold-integer",
    "item_as_fraction": "volumes-may-hold-number",
    "item_as_boolean": "volumes-may-hold-boolean",
    "item_as_null": "volumes-may-hold-null",
    "item_as_array": "volumes-may-hold-array",
    "other_end": "provider-ids-last-digit-ignored",
    "other_start": "provider-ids-first-digit-ignored",
    "other_middle": "provider-id-beginning-and-end-compared",
    "padded": "provider-id-may-have-blanks",
    "newline": "provider-id-may-end-in-a-newline",
    "nul": "provider-id-cut-at-nul",
    "bare": "provider-id-dashes-ignored",
    "listed": "provider-id-may-be-one-of-a-list",
    "cut": "provider-id-may-be-cut",
    "extended": "provider-id-may-have-more-digits",
    "empty": "provider-id-may-be-empty",
}
POSITIONS = {
    Position.MIDDLE: "volumes-are-checked-at-the-ends",
    Position.LAST: "only-the-first-volumes-types-are-checked",
}
MALFORMATIONS = {
    "empty": "falls-over-no-body",
    "blank": "falls-over-a-blank-body",
    "root_array": "takes-a-list-of-one-body",
    "root_empty_array": "falls-over-an-empty-list-as-body",
    "root_string": "takes-a-body-in-a-string",
    "root_number": "falls-over-a-number-as-body",
    "root_boolean": "falls-over-a-boolean-as-body",
    "root_null": "crashes-on-root-null",
    "cut": "takes-what-is-cut-short",
    "unquoted": "takes-bare-words",
    "single_quotes": "takes-single-quotes",
    "trailing_garbage": "takes-what-follows-a-body",
    "not_utf8": "takes-other-encodings",
}
LENIENCIES = {
    "trailing_comma": "takes-trailing-commas",
    "comment": "takes-comments",
    "nan": "takes-numbers-that-are-none",
    "two_documents": "takes-two-documents",
    "control_character": "takes-control-characters",
    "utf16": "takes-utf-16",
}
STRESSES = {
    "deep_root": "falls-over-deep-lists",
    "deep_member": "falls-over-very-deep-members",
    "deep_inside": "crashes-on-deep-members",
    "deep_objects": "falls-over-deep-objects",
    "nul": "crashes-on-early-nul",
    "lone_surrogate": "crashes-on-lone-surrogate",
    "long_string": "crashes-on-long-string",
    "huge_number": "crashes-on-huge-number",
    "many_members": "falls-over-hundreds-of-members",
    "empty_name": "falls-over-a-member-without-name",
}
TOKENS = {
    "missing": "missing-token-will-do",
    "empty": "blank-token-will-do",
    "unknown": "small-letters-will-do",
    "cut": "token-may-lack-its-end",
    "halved": "half-a-token-will-do",
    "extended": "token-may-have-a-digit-more",
    "other_end": "tokens-end-is-ignored",
    "other_start": "tokens-end-will-do",
    "wildcard": "wildcard-will-do",
    "nothing": "null-will-do",
    "quoted": "crashes-on-a-quote-in-a-token",
    "other_case": "tokens-case-is-ignored",
}
IDENTIFIERS = {
    "halved": "cut-names-are-found",
    "prolonged": "longer-names-are-found",
    "wildcard": "wildcards-are-found",
    "nothing": "words-for-nothing-are-found",
    "quoted": "crashes-on-quotes-in-ids",
    "empty": "empty-backup-id-will-do",
    "other_start": "names-are-found-by-their-end",
}
TEXTS = {
    "foreign": "writes-mojibake",
    "marked": "writes-markup",
    "long": "writes-targets-cut-at-255",
    "digits": "writes-digits-as-numbers",
    "broken": "crashes-on-line-breaks-in-strings",
    "empty": "crashes-on-an-empty-restore-target",
}
SPELLINGS = {
    "spaced": "refuses-tabs",
    "escaped": "refuses-escapes",
    "reversed": "refuses-another-order-in-lists",
    "charset": "refuses-unlisted-content-types",
    "charset_tight": "refuses-a-charset-without-blank",
    "lower_case_header": "refuses-small-token-header",
    "any_accept": "refuses-to-accept-nothing-but-anything",
    "weighed_accept": "refuses-several-accepted-types",
    "many_items": "only-ten-volumes-are-checked",
    "padded": "bodies-past-64-kib-are-not-checked",
    "text_plain": "bodies-of-another-media-type-are-not-checked",
    "no_type": "bodies-without-content-type-are-not-checked",
}
QUESTIONS = {
    "acceptance": (without(conducting, "accept_all", {}), "accepted-with-201"),
    "look-up of nothing": (without_question("look_up_nothing"), "everything-unknown-gets-409"),
    "look-up": (without_question("look_up"), "unknown-server-id-gets-200"),
    "role": (without_question("read_only"), "read-only-role-may-restore"),
    "another's project": (without_question("foreign_project"), "neighbours-project-will-do"),
    "unknown project": (without_question("unknown_project"), "unknown-project-will-do"),
    "no project": (without_question("no_project"), "project-may-be-missing"),
    "expired token": (without_question("expired"), "expired-token-will-do"),
    "provoked failure": (without_question("provoke"), "failure-500-told-by-502"),
    "open points": (without_question("ask"), "crashes-on-put"),
    "known ground": (
        without(campaign.Campaign, "known_ground", None),
        "looks-up-first-and-misses-no-power-on",
    ),
}
RULES = {
    "a fault is not accepted": (blind(judging, "refusal", "", "accepted with"), "provider-id-value-unchecked"),
    "a refusal has its status": (blind(judging, "refusal", "", "refused with"), "value-gets-422"),
    "the service does not fail": (without(judging, "failed_service", ""), "falls-over-deep-lists"),
    "an acceptable request gets 200": (blind(judging, "acceptance", "s.200"), "accepted-with-201"),
    "error_code is there": (blind(judging, "error_body", "error_code.present"), "error-lacks-error-code"),
    "error_code is a string": (blind(judging, "error_body", "error_code.type"), "error-mistypes-error-code"),
    "error_msg is there": (blind(judging, "error_body", "error_msg.present"), "error-lacks-error-msg"),
    "error_msg is a string": (blind(judging, "error_body", "error_msg.type"), "error-mistypes-error-msg"),
    "a code has its status": (without(judging, "error_code"), "code-3001-for-missing"),
    "a body is JSON": (blind(judging, "media_type", "p.json"), "answers-nan"),
    "a body is declared": (blind(judging, "media_type", "p.content_type"), "error-declared-as-html"),
    "no token comes back": (blind(judging, "discretion", "a.secrets"), "error-repeats-the-token"),
    "no stack trace": (blind(judging, "discretion", "a.internals"), "stack-trace-beside-the-message"),
    "no other names": (blind(judging, "discretion", "a.disclosure"), "names-what-exists-instead"),
    "no restoration in a refusal": (without(judging, "contradiction"), "restoration-for-missing"),
    "a member is there": (blind(accepting, "response", ".present"), "answer-lacks-status"),
    "a member has its type": (blind(accepting, "response", ".type"), "answer-mistypes-status"),
    "a member comes back as sent": (blind(accepting, "response", ".echo"), "answer-alters-checkpoint-id"),
    "an identity is not empty": (blind(accepting, "response", ".value"), "id-is-empty"),
    "an identity is given once": (without(accepting, "identity_clause", None), "id-is-constant"),
}
OPERATORS = [
    *(pytest.param(without_fault(name), flaw, id=f"fault {name}") for name, flaw in FAULTS.items()),
    *(pytest.param(without_position(each), flaw, id=f"position{each.value}") for each, flaw in POSITIONS.items()),
    *(
        pytest.param(without_body(family, name), flaw, id=f"{family} {name}")
        for family, flaws in (("malformations", MALFORMATIONS), ("leniencies", LENIENCIES), ("stresses", STRESSES))
        for name, flaw in flaws.items()
    ),
    *(
        pytest.param(switch(name), flaw, id=f"{switch.__name__} {name}")
        for switch, flaws in (
            (without_token, TOKENS),
            (without_identifier, IDENTIFIERS),
            (without_text, TEXTS),
            (without_spelling, SPELLINGS),
        )
        for name, flaw in flaws.items()
    ),
    *(pytest.param(switch, flaw, id=name) for name, (switch, flaw) in (*QUESTIONS.items(), *RULES.items())),
]


@pytest.mark.parametrize(("switch", "flaw"), OPERATORS)
def test_nothing_else_finds_it(switch: Switch, flaw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial((flaw,), DEPTH, seed=1)
    assert measure(trial).result == FOUND
    switch(monkeypatch)
    assert measure(trial).result != FOUND


def test_every_operator_has_its_flaw() -> None:
    contract = CONTRACT
    faults = {each.label.removesuffix(each.position.value) for each in catalogue(contract)}
    assert (set(FAULTS), set(POSITIONS)) == (faults, set(Position) - {Position.FIRST})
    assert {each.label for each in malformations(contract)} == set(MALFORMATIONS)
    assert {each.label for each in leniencies(contract)} == set(LENIENCIES)
    assert {each.label for each in stresses(contract)} == set(STRESSES)
    assert set(logging_in.BAD_TOKENS) == set(TOKENS)
    assert set(looking_up.NO_IDENTIFIERS) == set(IDENTIFIERS)
    assert set(varying.TEXTS) == set(TEXTS)
    assert {each.name for each in EVERY_SPELLING} == set(SPELLINGS)
