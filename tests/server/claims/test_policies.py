"""The shipped policies are whole: what the rules look up is there."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from server.claims import codec
from server.claims.codes import CARC, GROUP_CODES, fits
from server.claims.commands import PlaceHold
from server.claims.document import ClaimType
from server.claims.facts import Facts
from server.claims.intake import EDITS
from server.claims.model import Severity
from server.claims.permissions import PERMISSIONS
from server.claims.policy import Policy, policy_from_json
from server.claims.ranges import in_range
from server.claims.refusals import Refusal, Refused
from tests.server.claims.cast import (
    BEA,
    BOB,
    POLICIES,
    Tables,
    adjudicate,
    approve,
    decided,
    shipped,
    submit,
)
from tests.server.claims.documents import professional
from tests.server.claims.dsl import play

SETS = ["strict", "sandbox"]
ROLES = {role for permission in PERMISSIONS.values() for role in permission.roles}


@pytest.fixture(params=SETS)
def policy(request: pytest.FixtureRequest) -> Policy:
    return shipped(request.param)


def test_every_edit_has_a_severity_and_an_answer(policy: Policy) -> None:
    assert {edit.partition("/")[0] for edit in policy.severities} == set(EDITS)
    assert set(policy.edit_answers) == set(EDITS)
    assert all(len(answer) == 2 for answer in policy.edit_answers.values())


def test_strict_rejects_where_sandbox_warns() -> None:
    strict, sandbox = dict(shipped("strict").severities), dict(shipped("sandbox").severities)
    assert {edit for edit in strict if strict[edit] == Severity.DENY} == {"E09", "E10"}
    assert {edit for edit in strict if strict[edit] == Severity.PEND} == {"E11"}
    assert {strict[edit] for edit in strict if edit not in ("E09", "E10", "E11")} == {
        Severity.REJECT
    }
    assert {edit for edit in sandbox if sandbox[edit] == Severity.REJECT} == {"E07", "E14"}
    assert {sandbox[edit] for edit in sandbox if edit not in ("E07", "E14")} == {Severity.WARN}


def test_e10_an_institutional_duplicate_is_rejected_and_another_one_denied() -> None:
    strict = shipped("strict")
    assert strict.severity("E10", "INSTITUTIONAL") == Severity.REJECT
    assert strict.severity("E10", "PROFESSIONAL") == Severity.DENY
    assert strict.severity("E10", "DENTAL") == Severity.DENY


def test_an_edit_that_a_policy_does_not_name_rejects() -> None:
    assert replace(shipped("strict"), severities={}).severity("E01", "DENTAL") == "REJECT"


def test_w5_tiers_begin_at_nothing_and_ascend(policy: Policy) -> None:
    froms = [tier.basis_from for tier in policy.tiers]
    assert froms[0] == 0
    assert froms == sorted(set(froms))
    assert all(tier.approvals == 0 or tier.roles for tier in policy.tiers)


def test_every_role_that_is_named_exists(policy: Policy) -> None:
    named = set(policy.limits)
    named |= {role for tier in policy.tiers for role in tier.roles}
    named |= {role for reason in policy.pend_reasons.values() for role in reason.resolvers}
    named |= {role for kind in policy.hold_kinds.values() for role in kind.roles}
    assert named <= ROLES


def test_every_kind_of_hold_has_a_role_that_may_place_it(policy: Policy) -> None:
    placing = PERMISSIONS[PlaceHold].roles
    assert all(kind.roles and placing.issuperset(kind.roles) for kind in policy.hold_kinds.values())


def test_every_pend_can_be_resolved(policy: Policy) -> None:
    named = {*policy.edit_pends.values(), *policy.pricing.pends.values()}
    assert named <= set(policy.pend_reasons)
    assert all(reason.resolvers for reason in policy.pend_reasons.values())


def test_every_claim_type_takes_originals_in(policy: Policy) -> None:
    for kind in set(ClaimType) - {ClaimType.UNSPECIFIED}:
        assert "1" in policy.frequencies[kind]


def test_e14_replacements_and_voids_are_taken_in_of_every_type(policy: Policy) -> None:
    assert all({"7", "8"} <= set(codes) for codes in policy.frequencies.values())


def test_c5_a_remittance_has_a_status_for_each_place_in_the_sequence(policy: Policy) -> None:
    assert dict(policy.payment.claim_statuses) == {
        "P": "1",
        "S": "2",
        "T": "3",
        "DENIED": "4",
        "REVERSAL": "22",
    }


def test_w13_the_appeal_levels_count_from_one_and_late_filing_is_not_appealable(
    policy: Policy,
) -> None:
    assert [one.level for one in policy.appeals.levels] == [1, 2, 3, 4, 5]
    assert policy.pricing.denials["K5"].reason_code in policy.not_appealable


def test_m12_reasons_and_groups_have_their_shapes(policy: Policy) -> None:
    for reason, groups in policy.reason_groups.items():
        assert fits(CARC, reason)
        assert set(groups) <= set(GROUP_CODES)


def test_a_policy_is_stored_and_read_as_it_is(policy: Policy) -> None:
    payload, _ = codec.encode(policy)
    assert policy_from_json(json.dumps(payload), policy.version) == policy


def test_an_edit_opens_its_own_pend_or_that_of_all_others() -> None:
    policy = replace(shipped("strict"), edit_pends={"E08": "COVERAGE", "*": "INTAKE_EDIT"})
    assert policy.edit_pend("E08") == "COVERAGE"
    assert policy.edit_pend("E09") == "INTAKE_EDIT"


@pytest.mark.parametrize(
    ("amount", "fits"),
    [("100.00", True), ("-100.00", True), ("100.01", False), ("1.001", False), ("NaN", False)],
)
def test_m1_the_widest_amount_is_still_one(amount: str, fits: bool) -> None:
    assert in_range(Decimal(amount), Decimal("100.00")) is fits


def test_a_refusal_reads_as_its_name() -> None:
    assert str(Refused(Refusal.APPEAL_OPEN)) == "APPEAL_OPEN"


def test_the_row_gives_the_version() -> None:
    assert policy_from_json((POLICIES / "strict.json").read_text("utf-8"), 12).version == 12


def test_what_is_no_policy_is_refused() -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        policy_from_json('{"no_such_field": 1}', 1)


def test_w5_a_claim_of_30000_is_paid_by_two_approvers(policy: Policy) -> None:
    facts = Facts(policy, Tables())
    line = decided(1, "30000.00", "30000.00", "30000.00")
    claim = play(submit(professional("30000.00")), adjudicate(line), facts=facts)
    assert claim.adjudication is not None and claim.adjudication.approvals_needed == 2
    once = play(approve(claim, BOB), claim=claim, facts=facts)
    assert play(approve(once, BEA), claim=once, facts=facts).final_paid == Decimal("30000.00")
