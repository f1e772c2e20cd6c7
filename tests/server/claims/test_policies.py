"""The shipped policies are whole: what the rules look up is there."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from server.claims import codec
from server.claims.codes import CARC, GROUP_CODES, fits
from server.claims.document import ClaimType
from server.claims.intake import EDITS, PEND_CODE
from server.claims.model import Facts, Severity
from server.claims.permissions import PERMISSIONS
from server.claims.policy import Policy, policy_from_json
from tests.server.claims.cast import (
    BEA,
    BOB,
    POLICIES,
    Tables,
    adjudicate,
    approve,
    decided,
    professional,
    shipped,
    submit,
)
from tests.server.claims.dsl import play

SETS = ["strict", "sandbox"]
ROLES = {role for permission in PERMISSIONS.values() for role in permission.roles}


@pytest.fixture(params=SETS)
def policy(request: pytest.FixtureRequest) -> Policy:
    return shipped(request.param)


def test_every_edit_has_a_severity_and_an_answer(policy: Policy) -> None:
    assert set(policy.severities) == set(policy.edit_answers) == set(EDITS)
    assert all(len(answer) == 2 for answer in policy.edit_answers.values())


def test_strict_rejects_where_sandbox_warns() -> None:
    assert set(shipped("strict").severities.values()) == {Severity.REJECT}
    sandbox = dict(shipped("sandbox").severities)
    assert sandbox.pop("E14") == Severity.REJECT
    assert set(sandbox.values()) == {Severity.WARN}


def test_w5_tiers_begin_at_nothing_and_ascend(policy: Policy) -> None:
    froms = [tier.basis_from for tier in policy.tiers]
    assert froms[0] == 0
    assert froms == sorted(set(froms))
    assert all(tier.approvals == 0 or tier.roles for tier in policy.tiers)


def test_every_role_that_is_named_exists(policy: Policy) -> None:
    named = set(policy.limits)
    named |= {role for tier in policy.tiers for role in tier.roles}
    named |= {role for reason in policy.pend_reasons.values() for role in reason.resolvers}
    assert named <= ROLES


def test_every_pend_can_be_resolved(policy: Policy) -> None:
    assert PEND_CODE in policy.pend_reasons
    assert all(reason.resolvers for reason in policy.pend_reasons.values())


def test_every_claim_type_takes_originals_in(policy: Policy) -> None:
    for kind in set(ClaimType) - {ClaimType.UNSPECIFIED}:
        assert "1" in policy.frequencies[kind]


def test_e14_replacements_and_voids_are_not_taken_in_yet(policy: Policy) -> None:
    assert not {"7", "8"} & {code for codes in policy.frequencies.values() for code in codes}


def test_m12_reasons_and_groups_have_their_shapes(policy: Policy) -> None:
    for reason, groups in policy.reason_groups.items():
        assert fits(CARC, reason)
        assert set(groups) <= set(GROUP_CODES)


def test_a_policy_is_stored_and_read_as_it_is(policy: Policy) -> None:
    payload, _ = codec.encode(policy)
    assert policy_from_json(json.dumps(payload), policy.version) == policy


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
