"""W1: every command in every state, as domain.md 1.4 prints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from server.claims.commands import AddNote, Command, RedactNote
from server.claims.model import TERMINAL, Claim, State
from server.claims.refusals import Refusal
from server.claims.workflow import ALLOWED
from tests.server.claims.cast import (
    ABE,
    STRICT,
    adjudicate,
    approve,
    assign,
    attach,
    breach,
    close,
    correct,
    decide_appeal,
    dismiss,
    expire,
    fail,
    file_appeal,
    finalize,
    hold,
    issue,
    note,
    overpaid,
    pend,
    receive_information,
    recoup,
    redact,
    release,
    release_hold,
    reopen,
    request_information,
    resolve,
    rework,
    submit,
    take_next,
    transfer,
    void,
    with_policy,
    withdraw,
)
from tests.server.claims.dsl import Story, given, play
from tests.server.claims.pasts import PASTS, with_note_and_lease
from tests.server.claims.prior_payers import record_prior_payer

STATES = tuple(State)

# Columns in the order of STATES: RCVD REJ ACC PEND INFO ADJ PAPR APPR DEN PAID CLOSED VOID REPL.
MATRIX: Mapping[str, str] = {
    "SubmitClaim": ". . . . . . . . . . . . .",
    "be replaced": ". . Y Y Y Y Y Y Y Y Y . .",
    "be voided": ". . Y Y Y Y Y Y Y Y Y . .",
    "VoidClaim": ". . Y Y Y Y Y Y Y Y Y . .",
    "PendClaim": ". . Y Y Y Y . . . . . . .",
    "ResolvePend": ". . . Y Y . . . . . . . .",
    "RequestInformation": ". . Y Y Y . . . . . . . .",
    "ReceiveInformation": ". . . . Y . . . . . . . .",
    "ExpireInformationRequest": ". . . . Y . . . . . . . .",
    "AdjudicateClaim": ". . Y . . Y . . . . . . .",
    "ApproveAdjudication": ". . . . . . Y . . . . . .",
    "ReturnForRework": ". . . . . . Y . . . . . .",
    "FinalizeClaim": ". . . . . Y . . . . . . .",
    "IssueRemittance": ". . . . . . . Y Y . . . .",
    "ReportPaymentFailure": ". . . . . . . . . Y . . .",
    "ReopenClaim": ". . . . . . . . Y Y Y . .",
    "FileAppeal": ". . . . . . . . Y Y Y . .",
    "WithdrawAppeal": ". . . . . . . . Y Y Y . .",
    "DismissAppeal": ". . . . . . . . Y Y Y . .",
    "DecideAppeal": ". . . . . . . . Y Y Y . .",
    "CloseClaim": ". . . . . . . . Y Y . . .",
    "AssignClaim": ". . Y Y Y Y Y . . . . . .",
    "TakeNextClaim": ". . Y Y Y Y Y . . . . . .",
    "ReleaseClaim": ". . Y Y Y Y Y . . . . . .",
    "TransferClaim": ". . Y Y Y Y Y . . . . . .",
    "AddNote": "Y Y Y Y Y Y Y Y Y Y Y Y Y",
    "RedactNote": "Y Y Y Y Y Y Y Y Y Y Y Y Y",
    "AddAttachment": ". . Y Y Y Y Y Y Y Y Y . .",
    "PlaceHold": ". . Y Y Y Y Y Y Y Y Y . .",
    "ReleaseHold": ". . Y Y Y Y Y Y Y Y Y . .",
    "RecordPriorPayer": ". . Y Y . . . . . . . . .",
    "RecordOverpayment": ". . . . . . . . . Y Y . .",
    "RecoupOverpayment": ". . . . . . . . . Y Y . .",
    "RecordBreach": ". . Y Y Y Y Y . . . . . .",
}

# An open request would keep a claim from being late.
NO_PAUSES = with_policy(clocks=replace(STRICT.policy.clocks, pauses=False))


def _plainly(command: Callable[[Claim], Command]) -> Callable[[Claim], Story]:
    return lambda claim: given(claim).when(command(claim))


def _told(claim: Claim) -> Claim:
    """A denial is closed once a remittance has told it."""
    return play(issue(claim), claim=claim) if claim.state is State.DENIED else claim


def _with_appeal(command: Command) -> Callable[[Claim], Story]:
    def story(claim: Claim) -> Story:
        told = claim.state in {State.DENIED, State.PAID, State.CLOSED}
        return given(play(file_appeal(), claim=claim) if told else claim).when(command)

    return story


def _take_next(claim: Claim) -> Story:
    free = play(release(), claim=claim) if claim.assignee else claim
    return given(free).when(take_next(who=ABE))


def _release_hold(claim: Claim) -> Story:
    may_be_held = claim.state not in TERMINAL | {State.RECEIVED}
    held = play(hold(), claim=claim) if may_be_held else claim
    return given(held).when(release_hold())


def _recoup(claim: Claim) -> Story:
    paid = claim.state in {State.PAID, State.CLOSED}
    return given(play(overpaid(), claim=claim) if paid else claim).when(recoup())


def _breach(claim: Claim) -> Story:
    return given(claim, facts=NO_PAUSES).when(breach())


# Commands that nothing but the state can be against.
FITTING: Mapping[str, Callable[[Claim], Story]] = {
    "SubmitClaim": _plainly(lambda claim: submit()),
    "be replaced": _plainly(lambda claim: correct(claim, "7")),
    "be voided": _plainly(lambda claim: correct(claim, "8")),
    "VoidClaim": _plainly(lambda claim: void()),
    "PendClaim": _plainly(lambda claim: pend("PRICING")),
    "ResolvePend": _plainly(lambda claim: resolve()),
    "RequestInformation": _plainly(lambda claim: request_information()),
    "ReceiveInformation": _plainly(lambda claim: receive_information()),
    "ExpireInformationRequest": _plainly(lambda claim: expire()),
    "AdjudicateClaim": _plainly(lambda claim: adjudicate()),
    "ApproveAdjudication": _plainly(approve),
    "ReturnForRework": _plainly(lambda claim: rework()),
    "FinalizeClaim": _plainly(lambda claim: finalize()),
    "IssueRemittance": _plainly(issue),
    "ReportPaymentFailure": _plainly(lambda claim: fail()),
    "ReopenClaim": _plainly(lambda claim: reopen()),
    "FileAppeal": _plainly(lambda claim: file_appeal()),
    "WithdrawAppeal": _with_appeal(withdraw()),
    "DismissAppeal": _with_appeal(dismiss()),
    "DecideAppeal": _with_appeal(decide_appeal()),
    "CloseClaim": lambda claim: given(_told(claim)).when(close()),
    "AssignClaim": _plainly(lambda claim: assign()),
    "TakeNextClaim": _take_next,
    "ReleaseClaim": _plainly(lambda claim: release()),
    "TransferClaim": _plainly(lambda claim: transfer()),
    "AddNote": _plainly(lambda claim: note()),
    "RedactNote": _plainly(lambda claim: redact()),
    "AddAttachment": _plainly(lambda claim: attach()),
    "PlaceHold": _plainly(lambda claim: hold()),
    "ReleaseHold": _release_hold,
    "RecordPriorPayer": _plainly(lambda claim: record_prior_payer()),
    "RecordOverpayment": _plainly(lambda claim: overpaid()),
    "RecoupOverpayment": _recoup,
    "RecordBreach": _breach,
}


CELLS = [
    pytest.param(
        state,
        row,
        cell == "Y",
        id=f"{state}-{row.replace(' ', '_')}-{'allowed' if cell == 'Y' else 'refused'}",
    )
    for row, cells in MATRIX.items()
    for state, cell in zip(STATES, cells.split(), strict=True)
]


@pytest.mark.parametrize(("state", "row", "allowed"), CELLS)
def test_w1_a_command_is_allowed_in_its_states_alone(state: State, row: str, allowed: bool) -> None:
    story = FITTING[row](with_note_and_lease(state))
    if allowed:
        assert story.decided()
    elif row == "SubmitClaim":
        story.refuses(Refusal.CLAIM_ALREADY_EXISTS)
    elif row in ("be replaced", "be voided"):
        refused = story.refuses(Refusal.ORIGINAL_NOT_REPLACEABLE)
        assert refused.facts == {"state": state}
        assert refused.field_path == "document.original_claim_number"
    else:
        facts = story.refuses(Refusal.TRANSITION_NOT_ALLOWED).facts
        named = ",".join(
            one for one, cell in zip(STATES, MATRIX[row].split(), strict=True) if cell == "Y"
        )
        assert facts == {"state": state, "command": row, "allowed": named}


def test_the_matrix_names_every_command() -> None:
    assert set(MATRIX) - {"be replaced", "be voided"} == {kind.__name__ for kind in ALLOWED}
    assert set(FITTING) == set(MATRIX)


def test_every_state_has_a_past_that_commands_have_made() -> None:
    assert {state: claim.state for state, claim in PASTS.items()} == {one: one for one in State}


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_w6_a_terminal_claim_takes_notes_alone(state: State) -> None:
    kinds = {kind for kind, states in ALLOWED.items() if state in states}
    assert kinds == {AddNote, RedactNote}


@pytest.mark.parametrize("row", ["IssueRemittance", "ReportPaymentFailure"])
def test_w1_a_remittance_says_which_claim_is_in_its_way(row: str) -> None:
    refused = FITTING[row](PASTS[State.ACCEPTED]).refuses(Refusal.TRANSITION_NOT_ALLOWED)
    path = {"IssueRemittance": "claim_ids[0]", "ReportPaymentFailure": "remittance_id"}
    assert refused.field_path == path[row]


def test_m19_a_denial_is_told_once() -> None:
    told = play(issue(PASTS[State.DENIED]), claim=PASTS[State.DENIED])
    assert told.state is State.DENIED
    refused = given(told).when(issue(told)).refuses(Refusal.ALREADY_REMITTED)
    assert refused.field_path == "claim_ids[0]"
