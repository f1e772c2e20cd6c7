"""Refusals of remittances, of earlier payers and of recoveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from server.claims.document import Payer, Provider, Source
from server.claims.facts import Other
from server.claims.model import Claim
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    NOW,
    ONE_DAY,
    PAYDAY,
    SANDBOX,
    STRICT,
    adjudicate,
    close,
    fail,
    finalize,
    hold,
    issue,
    overpaid,
    recoup,
    submit,
)
from tests.server.claims.documents import money, professional
from tests.server.claims.dsl import Story, given, play, remittance_of
from tests.server.claims.pasts import ACCEPTED, DENIED, PAID, PARTIAL, TOLD
from tests.server.claims.prior_payers import prior_line, prior_payer, record_prior_payer
from tests.server.claims.refusal_pasts import OTHER, OVERPAID

ON_PAPER = play(submit(professional(source=Source(system="Paper"))), adjudicate(), finalize())
NAMELESS = play(
    submit(professional(billing_provider=None)), adjudicate(), finalize(), facts=SANDBOX
)


def approved(**changes: Any) -> Claim:
    """Another claim to be paid."""
    ready = play(submit(professional(**changes), numbered=OTHER.int))
    lines = adjudicate(claim_id=OTHER), finalize(claim_id=OTHER)
    return play(*lines, claim=ready)


# Claims that are not paid together with another one.
STRANGERS = {
    "another provider": approved(billing_provider=Provider(npi="1993999998")),
    "another to be paid": approved(pay_to_provider=Provider(npi="1993999998")),
    "another payer": approved(payer=Payer(payer_id="PAYER2")),
    "another payer by name": approved(payer=Payer(name="PAYER2")),
    "another currency": approved(currency_code="EUR"),
}
PAYMENT_STORIES: Mapping[Refusal, Mapping[str, Story]] = {
    Refusal.REMITTANCE_CLAIMS_REQUIRED: {"none": given(PARTIAL).when(issue())},
    Refusal.REMITTANCE_CLAIM_REPEATED: {"twice": given(PARTIAL).when(issue(PARTIAL, PARTIAL))},
    Refusal.ALREADY_REMITTED: {"a denial": given(TOLD).when(issue(TOLD))},
    Refusal.PAYEE_MISMATCH: {
        name: given(
            PARTIAL, facts=replace(STRICT, others={OTHER: Other(claim, STRICT.policy)})
        ).when(issue(PARTIAL, claim))
        for name, claim in STRANGERS.items()
    }
    | {"nobody": given(NAMELESS).when(issue(NAMELESS))},
    Refusal.PAYMENT_ON_HOLD: {
        "a payment": given(play(hold(), claim=PARTIAL)).when(issue(PARTIAL)),
        "a denial": given(play(hold(), claim=DENIED)).when(issue(DENIED)),
    },
    Refusal.PAYMENT_DATE_OUT_OF_RANGE: {
        "yesterday": given(PARTIAL).when(issue(PARTIAL, payment_date=(PAYDAY - ONE_DAY).date())),
        "too far ahead": given(PARTIAL).when(
            issue(PARTIAL, payment_date=(PAYDAY + 11 * ONE_DAY).date())
        ),
    },
    Refusal.PAYMENT_FLOOR_NOT_REACHED: {
        "by wire": given(PARTIAL).when(issue(PARTIAL, now=PAYDAY - ONE_DAY)),
        "on paper": given(ON_PAPER).when(issue(ON_PAPER, now=NOW + timedelta(days=28))),
    },
    Refusal.TRACE_NUMBER_USED: {
        "by another": given(PARTIAL, facts=replace(STRICT, trace_number_used=True)).when(
            issue(PARTIAL)
        )
    },
    Refusal.TRACE_NUMBER_MISMATCH: {"another": given(PAID).when(fail(trace_number="T0"))},
    Refusal.REMITTANCE_NOT_FOUND: {"unknown": given().when(fail())},
    Refusal.PAYMENT_ALREADY_FAILED: {
        "twice": given(PAID, facts=replace(STRICT, payment_failed=True)).when(fail())
    },
    Refusal.NOTHING_WAS_PAID: {
        "an advice": given(
            PAID,
            facts=replace(
                STRICT, remittance=replace(remittance_of(PAID, fail()), amount=money("0.00"))
            ),
        ).when(fail())
    },
    Refusal.PRIOR_PAYER_UNKNOWN: {
        "no payer": given(ACCEPTED).when(record_prior_payer(prior_payer(payer=None))),
        "no id": given(ACCEPTED).when(
            record_prior_payer(prior_payer(payer=Payer(name="Another Plan")))
        ),
        "a line of another": given(ACCEPTED).when(
            record_prior_payer(
                prior_payer(),
                prior_line(1, "100.00", {}),
                prior_line(2, "50.00", {}, payer_id="LATER"),
            )
        ),
    },
    Refusal.PRIOR_PAYER_ALREADY_RECORDED: {
        "twice": given(play(record_prior_payer(), claim=ACCEPTED)).when(record_prior_payer())
    },
    Refusal.PRIOR_PAYER_NOT_BALANCED: {
        "the claim": given(ACCEPTED).when(record_prior_payer(prior_payer("120.01"))),
        "a line": given(ACCEPTED).when(
            record_prior_payer(
                prior_payer("150.00", {}),
                prior_line(1, "99.99", {}),
                prior_line(2, "50.01", {}),
            )
        ),
    },
    Refusal.AMOUNT_NOT_POSITIVE: {
        "nothing overpaid": given(PAID).when(overpaid("0.00")),
        "nothing recouped": given(OVERPAID).when(recoup("0.00")),
        "less than nothing": given(PAID).when(overpaid("-0.01")),
    },
    Refusal.OVERPAYMENT_EXCEEDS_PAID: {
        "at once": given(PAID).when(overpaid("80.01")),
        "together": given(OVERPAID).when(overpaid("50.01", OTHER)),
        "nothing was paid": given(play(close(), claim=TOLD)).when(overpaid("0.01")),
    },
    Refusal.OVERPAYMENT_NOT_FOUND: {
        "none": given(PAID).when(recoup()),
        "another": given(OVERPAID).when(recoup(overpayment_id=OTHER)),
    },
    Refusal.RECOUPMENT_EXCEEDS_OVERPAYMENT: {
        "at once": given(OVERPAID).when(recoup("30.01")),
        "together": given(play(recoup("20.00"), claim=OVERPAID)).when(
            recoup("10.01", entry_id=OTHER)
        ),
    },
}
PAYMENT_TELLS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "REMITTANCE_CLAIMS_REQUIRED": ({}, "claim_ids"),
    "REMITTANCE_CLAIM_REPEATED": ({}, "claim_ids[1]"),
    "ALREADY_REMITTED": ({}, "claim_ids[0]"),
    "PAYEE_MISMATCH": ({}, "claim_ids[1]"),
    "PAYEE_MISMATCH nobody": ({}, "claim_ids[0]"),
    "PAYMENT_ON_HOLD": ({}, "claim_ids[0]"),
    "PAYMENT_DATE_OUT_OF_RANGE": ({}, "payment_date"),
    "PAYMENT_FLOOR_NOT_REACHED": ({"earliest_payment_date": "2026-03-16"}, "claim_ids[0]"),
    "PAYMENT_FLOOR_NOT_REACHED on paper": ({"earliest_payment_date": "2026-03-31"}, "claim_ids[0]"),
    "TRACE_NUMBER_USED": ({}, "trace_number"),
    "TRACE_NUMBER_MISMATCH": ({}, "trace_number"),
    "REMITTANCE_NOT_FOUND": ({}, "remittance_id"),
    "PRIOR_PAYER_UNKNOWN": ({}, "prior_payer.payer.payer_id"),
    "PRIOR_PAYER_UNKNOWN a line of another": ({}, "lines[1].decision.payer_id"),
    "PRIOR_PAYER_ALREADY_RECORDED": ({}, "prior_payer.payer.payer_id"),
    "PRIOR_PAYER_NOT_BALANCED": ({}, "prior_payer"),
    "PRIOR_PAYER_NOT_BALANCED a line": ({}, "lines"),
    "AMOUNT_NOT_POSITIVE": ({}, "amount"),
    "OVERPAYMENT_EXCEEDS_PAID": ({}, "amount"),
    "OVERPAYMENT_NOT_FOUND": ({}, "overpayment_id"),
    "RECOUPMENT_EXCEEDS_OVERPAYMENT": ({}, "amount"),
}
