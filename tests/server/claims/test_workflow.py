"""How a claim moves: W1-W7, W10, W12, W17 by their ids."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from server.claims.adjudication import adjudication_hash
from server.claims.approvals import basis
from server.claims.assignment import leased
from server.claims.events import (
    AdjudicationRecorded,
    AdjudicationWithdrawn,
    ApprovalGranted,
    ApprovalRefused,
    AttachmentLinked,
    ClaimApproved,
    ClaimAssigned,
    ClaimClosed,
    ClaimDenied,
    ClaimPartiallyApproved,
    ClaimPended,
    ClaimQueued,
    ClaimReleased,
    Event,
    InformationReceived,
    InformationRequestExpired,
    NoteAdded,
    PendResolved,
)
from server.claims.model import (
    Adjudication,
    AdjudicationLine,
    Approval,
    Decision,
    InformationItem,
    InformationRequestStatus,
    State,
)
from server.claims.permissions import PERMISSIONS
from server.claims.policy import Tier
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    ABE,
    ADAM,
    ANA,
    AUDREY,
    BEA,
    BOB,
    CLARA,
    FIRST_NOTE,
    FIRST_REQUEST,
    IDA,
    MIA,
    NOW,
    PAYS_ALL,
    PAYS_NOTHING,
    PAYS_SOME,
    STRICT,
    SUE,
    TODAY,
    Who,
    adjudicate,
    approve,
    assign,
    attach,
    close,
    decided,
    expire,
    finalize,
    money,
    note,
    pend,
    receive_information,
    redact,
    release,
    request_information,
    resolve,
    rework,
    submit,
    take_next,
    transfer,
    with_policy,
    with_tables,
)
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import (
    ACCEPTED,
    ADJUDICATED,
    APPROVED,
    BIG_LINE,
    DENIED,
    INFO_REQUESTED,
    PENDED,
    PENDING_APPROVAL,
    PENDING_ONE_APPROVAL,
    TOLD,
)

LATER = NOW + timedelta(minutes=STRICT.policy.lease_minutes)


def test_w2_the_version_counts_events() -> None:
    assert ACCEPTED.version == 2
    assert PENDED.version == 3
    assert PENDING_APPROVAL.version == 4


def test_w5_an_approval_that_is_not_the_last_waits() -> None:
    given(PENDING_APPROVAL).when(approve(PENDING_APPROVAL)).then(
        ApprovalGranted(number=1, approver="bob", role="APPROVER", at=NOW)
    )


def test_w5_the_last_approval_decides() -> None:
    once = play(approve(PENDING_APPROVAL), claim=PENDING_APPROVAL)
    given(once).when(approve(once, SUE)).then(
        ApprovalGranted(number=1, approver="sue", role="SUPERVISOR", at=NOW),
        ClaimApproved(number=1, by="sue", at=NOW),
    )


def test_w5_a_decided_claim_shows_decision_and_approvers() -> None:
    assert APPROVED.state is State.APPROVED
    assert APPROVED.decision is Decision.APPROVED
    assert APPROVED.final_paid == money("30000.00")
    assert APPROVED.adjudication is not None and APPROVED.adjudication.final
    assert [one.approver for one in APPROVED.adjudication.approvals] == ["bob", "bea"]


def test_w5_an_approver_at_the_limit_decides() -> None:
    facts = with_policy(limits={"APPROVER": money("6000.00")})
    assert given(PENDING_ONE_APPROVAL, facts=facts).when(approve(PENDING_ONE_APPROVAL)).decided()


def test_w5_the_basis_is_the_payment_or_its_change() -> None:
    assert basis(money("40.00"), None) == money("40.00")
    assert basis(money("0.00"), None) == money("0.00")
    assert basis(money("0.00"), money("0.00")) == money("0.00")
    assert basis(money("40.00"), money("100.00")) == money("60.00")
    assert basis(money("100.00"), money("90.00")) == money("100.00")
    assert basis(money("0.00"), money("30000.00")) == money("30000.00")


def test_w5_a_reduction_of_a_large_payment_needs_approvals_too() -> None:
    reopened = replace(ACCEPTED, final_paid=money("26000.00"))
    claim = play(adjudicate(*PAYS_NOTHING), claim=reopened)
    assert claim.state is State.PENDING_APPROVAL
    once = play(approve(claim, BOB), claim=claim)
    assert play(approve(once, BEA), claim=once).state is State.DENIED


@pytest.mark.parametrize(("before", "within"), [("100.00", True), ("100.01", False)])
def test_w5_the_change_of_a_payment_counts_against_the_limit(before: str, within: bool) -> None:
    facts = with_policy(limits={"EXAMINER": money("100.00")})
    reopened = replace(ACCEPTED, final_paid=money(before))
    story = given(play(adjudicate(*PAYS_NOTHING), claim=reopened), facts=facts).when(finalize())
    if within:
        assert story.decided()
    else:
        story.refuses(Refusal.AMOUNT_AUTHORITY_EXCEEDED)


@pytest.mark.parametrize(
    ("paid", "approvals"),
    [("0.00", 0), ("4999.99", 0), ("5000.00", 1), ("24999.99", 1), ("25000.00", 2)],
)
def test_w5_tiers_begin_at_their_basis(paid: str, approvals: int) -> None:
    assert STRICT.policy.tier(money(paid)).approvals == approvals


def test_w5_a_policy_may_ask_approvals_of_every_decision() -> None:
    facts = with_policy(tiers=(Tier(basis_from=money("0.00"), approvals=1, roles=("SUPERVISOR",)),))
    claim = play(adjudicate(*PAYS_NOTHING), claim=ACCEPTED, facts=facts)
    given(claim, facts=facts).when(approve(claim, SUE)).then(
        ApprovalGranted(number=1, approver="sue", role="SUPERVISOR", at=NOW),
        ClaimDenied(number=1, by="sue", at=NOW),
    )


def test_w5_an_approval_is_void_after_rework() -> None:
    once = play(approve(PENDING_APPROVAL), claim=PENDING_APPROVAL)
    reworked = play(rework(BEA), claim=once)
    assert (reworked.state, reworked.adjudication) == (State.ACCEPTED, None)
    again = play(adjudicate(BIG_LINE), claim=reworked)
    assert again.adjudication is not None
    assert again.adjudication.approvals == ()
    assert again.adjudication.number == 2


def test_w5_rework_refuses_and_withdraws() -> None:
    given(PENDING_APPROVAL).when(rework()).then(
        ApprovalRefused(number=1, by="bob", at=NOW), AdjudicationWithdrawn(number=1)
    )


@pytest.mark.parametrize(
    ("lines", "event", "state"),
    [
        ((), ClaimApproved(number=1, by="ana", at=NOW), State.APPROVED),
        (PAYS_SOME, ClaimPartiallyApproved(number=1, by="ana", at=NOW), State.APPROVED),
        (PAYS_NOTHING, ClaimDenied(number=1, by="ana", at=NOW), State.DENIED),
    ],
    ids=["approved", "partial", "denied"],
)
def test_m16_finalize_tells_the_decision(
    lines: tuple[AdjudicationLine, ...], event: Event, state: State
) -> None:
    claim = play(adjudicate(*lines), claim=ACCEPTED)
    given(claim).when(finalize()).then(event)
    assert play(finalize(), claim=claim).state is state


@pytest.mark.parametrize("who", [ADAM, AUDREY], ids=lambda who: who.role)
def test_w5_admin_and_auditor_change_no_claim(who: Who) -> None:
    assert all(who.role not in permission.roles for permission in PERMISSIONS.values())


def test_w5_the_hash_is_of_the_determinations_alone() -> None:
    made = Adjudication(
        number=2,
        hash="anything",
        lines=(decided(1, "100.00", "80.00", "80.00", {"CO-45": "20.00"}),),
        paid=money("80.00"),
        allowed=money("80.00"),
        decision=Decision.APPROVED,
        by="ana",
        at=NOW,
    )
    text = (
        '{"allowed":"80.00","by":"","decision":"APPROVED","hash":"","lines":[{"adjustments":'
        '[{"amount":"20.00","group_code":"CO","reason_code":"45"}],"allowed":"80.00",'
        '"charge":"100.00","line_number":1,"paid":"80.00"}],"number":2,"paid":"80.00"}'
    )
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert adjudication_hash(made) == expected
    seen = Approval(approver="bob", role="APPROVER", approved_at=NOW)
    aside: dict[str, Any] = {
        "by": "abe",
        "at": LATER,
        "final": True,
        "approvals_needed": 2,
        "approvals": (seen,),
    }
    for name, value in aside.items():
        assert adjudication_hash(replace(made, **{name: value})) == expected
    assert adjudication_hash(replace(made, paid=money("80.01"))) != expected
    assert adjudication_hash(replace(made, number=3)) != expected


def test_m1_amounts_are_recorded_in_cents() -> None:
    line = decided(1, "1E2", "80", "80.0", {"CO-45": "20"})
    (event,) = given(ACCEPTED).when(adjudicate(line, PAYS_ALL[1])).decided()
    assert isinstance(event, AdjudicationRecorded)
    first = event.adjudication.lines[0]
    told = (first.charge, first.allowed, first.paid, first.adjustments[0].amount)
    assert [str(amount) for amount in told] == ["100.00", "80.00", "80.00", "20.00"]


def test_m11_a_remark_on_any_line_stands_for_a_claim_level_reason() -> None:
    remarked = replace(PAYS_ALL[0], remark_codes=("N15",))
    assert (
        given(ACCEPTED)
        .when(adjudicate(remarked, PAYS_ALL[1], adjustments={"CO-A1": "5.00"}))
        .decided()
    )


def test_m12_reasons_and_remarks_that_are_in_the_tables_today_are_known() -> None:
    today = {"CARC": {"45": (TODAY, TODAY)}, "RARC": {"N15": (TODAY, TODAY)}}
    line = decided(1, "100.00", "80.00", "80.00", {"CO-45": "20.00"}, remark_codes=("N15",))
    assert given(ACCEPTED, facts=with_tables(today)).when(adjudicate(line, PAYS_ALL[1])).decided()


def test_w7_a_pend_takes_an_adjudication_back() -> None:
    given(ADJUDICATED).when(pend()).then(
        AdjudicationWithdrawn(number=1),
        ClaimPended(code="SUSPECT_DUPLICATE", by="ana", at=NOW),
    )
    claim = play(pend(), claim=ADJUDICATED)
    assert (claim.state, claim.adjudication) == (State.PENDED, None)


def test_w7_the_last_pend_that_closes_lets_the_claim_go_on() -> None:
    twice = play(pend("PRICING"), claim=PENDED)
    once = play(resolve("PRICING"), claim=twice)
    assert once.state is State.PENDED
    given(once).when(resolve()).then(PendResolved(code="SUSPECT_DUPLICATE", by="ana", at=NOW))
    assert play(resolve(), claim=once).state is State.ACCEPTED


def test_w7_a_resolved_code_may_be_opened_again() -> None:
    again = play(resolve(), pend(), claim=PENDED)
    assert [one.resolved_by for one in again.pends] == ["ana", ""]
    resolved = play(resolve(who=SUE), claim=again)
    assert [one.resolved_by for one in resolved.pends] == ["ana", "sue"]


def test_w7_a_request_outranks_a_pend() -> None:
    both = play(pend(), claim=INFO_REQUESTED)
    assert both.state is State.INFO_REQUESTED
    assert play(resolve(), claim=both).state is State.INFO_REQUESTED
    assert play(receive_information(), claim=both).state is State.PENDED


def test_w7_a_supervisor_ends_a_pend_whose_code_left_the_policy() -> None:
    facts = with_policy(pend_reasons={})
    assert play(resolve(who=SUE), claim=PENDED, facts=facts).state is State.ACCEPTED


def test_an_answer_links_its_documents() -> None:
    received, linked = given(INFO_REQUESTED).when(receive_information()).decided()
    assert received == InformationReceived(information_request_id=FIRST_REQUEST, at=NOW)
    assert isinstance(linked, AttachmentLinked)
    claim = play(receive_information(who=CLARA), claim=INFO_REQUESTED)
    assert claim.state is State.ACCEPTED
    assert claim.information_requests[0].status is InformationRequestStatus.RECEIVED
    assert len(claim.attachments) == 1


def test_a_request_expires_the_day_after_its_due_date() -> None:
    late = NOW + timedelta(days=31)
    given(INFO_REQUESTED).when(expire()).then(
        InformationRequestExpired(information_request_id=FIRST_REQUEST, at=late)
    )
    claim = play(expire(), claim=INFO_REQUESTED)
    assert claim.information_requests[0].status is InformationRequestStatus.EXPIRED
    assert claim.state is State.ACCEPTED


@pytest.mark.parametrize("days", [1, STRICT.policy.information_due_days_max])
def test_a_due_date_within_the_policy(days: int) -> None:
    assert (
        given(ACCEPTED).when(request_information(due_date=TODAY + timedelta(days=days))).decided()
    )


def test_an_item_may_be_a_text_alone_and_name_a_line() -> None:
    items = (InformationItem(text="operative report", line_number=2),)
    assert given(ACCEPTED).when(request_information(items=items)).decided()


def test_w12_a_lease_runs_out() -> None:
    claim = play(assign(), claim=ACCEPTED)
    assert leased(claim, NOW)
    assert not leased(claim, LATER)
    assert given(claim).when(adjudicate(who=ABE, now=LATER)).decided()


def test_w12_the_holder_works_and_renews() -> None:
    claim = play(assign(), claim=ACCEPTED)
    assert given(claim).when(adjudicate()).decided()
    given(claim).when(assign(now=NOW + timedelta(minutes=1))).then(
        ClaimAssigned(assignee="ana", lease_until=LATER + timedelta(minutes=1))
    )


def test_w12_a_supervisor_assigns_anybody_and_steps_in() -> None:
    claim = play(assign(), claim=ACCEPTED)
    given(claim).when(assign("abe", who=SUE)).then(ClaimAssigned(assignee="abe", lease_until=LATER))
    given(claim).when(release(SUE)).then(ClaimReleased(by="sue"))


def test_w12_take_next_leases_what_nobody_holds() -> None:
    given(ACCEPTED).when(take_next(who=ABE)).then(ClaimAssigned(assignee="abe", lease_until=LATER))
    given(ACCEPTED).when(take_next("", who=ABE)).then(
        ClaimAssigned(assignee="abe", lease_until=LATER)
    )


def test_w12_a_transfer_ends_the_lease() -> None:
    claim = play(assign(), claim=ACCEPTED)
    given(claim).when(transfer("SIU")).then(ClaimQueued(queue="SIU"))
    moved = play(transfer("SIU"), claim=claim)
    assert (moved.queue, moved.assignee, moved.lease_until) == ("SIU", "", None)


def test_w17_a_redacted_note_keeps_its_hash() -> None:
    noted = play(note(), claim=ACCEPTED)
    redacted = play(redact(who=SUE), claim=noted).notes[0]
    assert (redacted.text, redacted.redacted) == ("", True)
    assert redacted.text_hash == noted.notes[0].text_hash


def test_w17_the_hash_proves_the_text_to_who_has_the_salt() -> None:
    (added,) = given(ACCEPTED).when(note()).decided()
    assert isinstance(added, NoteAdded)
    assert added.note.note_id == FIRST_NOTE
    expected = hashlib.sha256(bytes(range(16)) + b"called the practice").hexdigest()
    assert (added.note.text_hash, added.salt) == (expected, bytes(range(16)))


def test_a_denied_claim_is_closed() -> None:
    given(TOLD).when(close()).then(ClaimClosed(by="ana", at=NOW))


def test_a_submitter_adds_documents_to_its_own_claim() -> None:
    assert given(ACCEPTED).when(attach(who=CLARA)).decided()


def test_no_control_number_is_fine_for_what_is_kept_at_hand() -> None:
    command = attach(transmission_code="AA", control_number="")
    assert given(ACCEPTED).when(command).decided()


def test_staff_works_on_everybodys_claims() -> None:
    other = play(submit(who=replace(CLARA, actor="otto")))
    assert given(other).when(attach(who=IDA)).decided()


def test_evolve_takes_the_past_as_it_is() -> None:
    # An event of a later release on a decided claim: the fold keeps the decision.
    (requested,) = given(ACCEPTED).when(request_information()).decided()
    claim = given(DENIED, requested).claim
    assert claim is not None and claim.state is State.DENIED
    assert claim.open_information_requests


def test_w1_a_medical_reviewer_pends_and_asks() -> None:
    assert given(ACCEPTED).when(pend(who=MIA)).decided()
    assert given(ACCEPTED).when(request_information(who=MIA)).decided()


def test_finalizing_leaves_the_adjudicator_on_record() -> None:
    claim = play(finalize(ABE), claim=ADJUDICATED)
    assert claim.adjudication is not None and claim.adjudication.by == ANA.actor
