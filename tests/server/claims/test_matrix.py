"""W1: every command in every state, as domain.md 1.4 prints it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.claims.commands import (
    AddAttachment,
    AddNote,
    AdjudicateClaim,
    ApproveAdjudication,
    AssignClaim,
    CloseClaim,
    Command,
    ExpireInformationRequest,
    FinalizeClaim,
    PendClaim,
    ReceiveInformation,
    RedactNote,
    ReleaseClaim,
    RequestInformation,
    ResolvePend,
    ReturnForRework,
    SubmitClaim,
    TakeNextClaim,
    TransferClaim,
)
from server.claims.model import TERMINAL, Claim, State
from server.claims.refusals import Refusal
from server.claims.workflow import ALLOWED
from tests.server.claims.cast import (
    ABE,
    adjudicate,
    approve,
    assign,
    attach,
    close,
    expire,
    finalize,
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
)
from tests.server.claims.dsl import given, play
from tests.server.claims.pasts import with_note_and_lease

STATES = tuple(State)

# Columns in the order of STATES: RCVD REJ ACC PEND INFO ADJ PAPR APPR DEN PAID CLOSED VOID REPL.
MATRIX: Mapping[type[Command], str] = {
    SubmitClaim: ". . . . . . . . . . . . .",
    PendClaim: ". . Y Y Y Y . . . . . . .",
    ResolvePend: ". . . Y Y . . . . . . . .",
    RequestInformation: ". . Y Y Y . . . . . . . .",
    ReceiveInformation: ". . . . Y . . . . . . . .",
    ExpireInformationRequest: ". . . . Y . . . . . . . .",
    AdjudicateClaim: ". . Y . . Y . . . . . . .",
    ApproveAdjudication: ". . . . . . Y . . . . . .",
    ReturnForRework: ". . . . . . Y . . . . . .",
    FinalizeClaim: ". . . . . Y . . . . . . .",
    CloseClaim: ". . . . . . . . Y Y . . .",
    AssignClaim: ". . Y Y Y Y Y . . . . . .",
    TakeNextClaim: ". . Y Y Y Y Y . . . . . .",
    ReleaseClaim: ". . Y Y Y Y Y . . . . . .",
    TransferClaim: ". . Y Y Y Y Y . . . . . .",
    AddNote: "Y Y Y Y Y Y Y Y Y Y Y Y Y",
    RedactNote: "Y Y Y Y Y Y Y Y Y Y Y Y Y",
    AddAttachment: ". . Y Y Y Y Y Y Y Y Y . .",
}


def fitting(kind: type[Command], claim: Claim) -> tuple[Claim, Command]:
    """A command that nothing but the state can be against."""
    if kind is TakeNextClaim and claim.assignee:
        claim = play(release(), claim=claim)
    commands: Mapping[type[Command], Command] = {
        SubmitClaim: submit(),
        PendClaim: pend("PRICING"),
        ResolvePend: resolve(),
        RequestInformation: request_information(),
        ReceiveInformation: receive_information(),
        ExpireInformationRequest: expire(),
        AdjudicateClaim: adjudicate(),
        ApproveAdjudication: approve(claim),
        ReturnForRework: rework(),
        FinalizeClaim: finalize(),
        CloseClaim: close(),
        AssignClaim: assign(),
        TakeNextClaim: take_next(who=ABE),
        ReleaseClaim: release(),
        TransferClaim: transfer(),
        AddNote: note(),
        RedactNote: redact(),
        AddAttachment: attach(),
    }
    return claim, commands[kind]


CELLS = [
    pytest.param(
        state,
        kind,
        cell == "Y",
        id=f"{state}-{kind.__name__}-{'allowed' if cell == 'Y' else 'refused'}",
    )
    for kind, row in MATRIX.items()
    for state, cell in zip(STATES, row.split(), strict=True)
]


@pytest.mark.parametrize(("state", "kind", "allowed"), CELLS)
def test_w1_a_command_is_allowed_in_its_states_alone(
    state: State, kind: type[Command], allowed: bool
) -> None:
    claim, command = fitting(kind, with_note_and_lease(state))
    story = given(claim).when(command)
    if allowed:
        assert story.decided()
    elif kind is SubmitClaim:
        story.refuses(Refusal.CLAIM_ALREADY_EXISTS)
    else:
        facts = story.refuses(Refusal.TRANSITION_NOT_ALLOWED).facts
        named = ",".join(one for one in STATES if one in ALLOWED[kind])
        assert facts == {"state": state, "command": kind.__name__, "allowed": named}


def test_the_matrix_names_every_command() -> None:
    assert set(MATRIX) == set(ALLOWED)


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_w6_a_terminal_claim_takes_notes_alone(state: State) -> None:
    kinds = {kind for kind, states in ALLOWED.items() if state in states}
    assert kinds == {AddNote, RedactNote}
