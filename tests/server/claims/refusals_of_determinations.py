"""Refusals of determinations and of their approval: amounts, reasons, limits and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from server.claims.benefits import Used
from server.claims.document import Adjustment
from server.claims.facts import Facts
from server.claims.model import AdjudicationLine
from server.claims.refusals import Refusal
from tests.server.claims.cast import (
    ANA,
    MIA,
    NOW,
    PAYS_ALL,
    STRICT,
    SUE,
    TIMER,
    TODAY,
    adjudicate,
    adjusted,
    approve,
    decided,
    denied,
    finalize,
    overpaid,
    recoup,
    submit,
    with_policy,
    with_tables,
)
from tests.server.claims.documents import SERVICE_DAY, money, professional, service_line
from tests.server.claims.dsl import Story, given, play
from tests.server.claims.pasts import (
    ACCEPTED,
    ADJUDICATED,
    PAID,
    PENDING_APPROVAL,
    PENDING_ONE_APPROVAL,
)
from tests.server.claims.rates import POLICY, YEAR, Loaded
from tests.server.claims.refusal_pasts import OVERPAID

ONCE_APPROVED = play(approve(PENDING_APPROVAL), claim=PENDING_APPROVAL)
VERY_BIG = play(
    submit(professional("200000.00")),
    adjudicate(decided(1, "200000.00", "200000.00", "200000.00")),
)
BIGGEST = play(
    submit(professional("250000.01")),
    adjudicate(decided(1, "250000.01", "250000.01", "250000.01")),
)
NO_CARC_29 = with_tables({"CARC": {"45": (SERVICE_DAY, TODAY)}})
NO_RARC = with_tables({"RARC": {"N14": (SERVICE_DAY, TODAY)}})
SECOND = PAYS_ALL[1]


def with_plan(deductible: str = "0.00", out_of_pocket: str = "0.00") -> Facts:
    """A plan with limits of 500.00 and 4000.00, of which so much is used."""
    used = Used(deductible=money(deductible), out_of_pocket=money(out_of_pocket))
    return Facts(POLICY, STRICT.codes, benefits=Loaded(), used={("PLAN", YEAR): used})


DEDUCTIBLE_40 = decided(1, "100.00", "100.00", "60.00", {"PR-1": "40.00"})
COINSURANCE_40 = decided(1, "100.00", "100.00", "60.00", {"PR-2": "40.00"})
FREE_OF_SHARE = decided(2, "50.00", "50.00", "40.00", {"PR-1": "10.00"})


def deciding(
    first: AdjudicationLine, second: AdjudicationLine | None = SECOND, **fields: Any
) -> Story:
    """The adjudication of a claim of 100.00 and 50.00."""
    lines = tuple(one for one in (first, second) if one is not None)
    return given(ACCEPTED).when(adjudicate(*lines, **fields))


DETERMINATION_STORIES: Mapping[Refusal, Mapping[str, Story]] = {
    Refusal.LINES_INCOMPLETE: {
        "missing": deciding(PAYS_ALL[0], None),
        "twice": given(ACCEPTED).when(adjudicate(*PAYS_ALL, PAYS_ALL[1])),
        "no lines at all": given(
            play(
                submit(professional("0.00", service_lines=())),
                facts=with_policy(severities={"E01": "WARN", "E04": "WARN"}),
            )
        ).when(replace(adjudicate(), lines=())),
        "line numbers repeat": given(
            play(
                submit(
                    professional(
                        "3.00", service_lines=(service_line(1, "1.00"), service_line(1, "2.00"))
                    )
                ),
                facts=with_policy(severities={"E01": "WARN"}),
            )
        ).when(adjudicate(decided(1, "2.00", "2.00", "2.00"))),
    },
    Refusal.LINE_CHARGE_CHANGED: {"less": deciding(decided(1, "99.00", "99.00", "99.00"))},
    Refusal.AMOUNT_OUT_OF_RANGE: {
        "three decimals": deciding(decided(1, "100.00", "100.00", "99.999", {"CO-45": "0.001"})),
        "an adjustment": deciding(decided(1, "100.00", "100.00", "99.99", {"CO-45": "0.010001"})),
        "too large": deciding(decided(1, "100.00", "100000000.00", "100.00")),
        "too small": deciding(decided(1, "100.00", "100.00", "100.00", {"OA-94": "-1E+30"})),
        "no number": deciding(decided(1, "100.00", "NaN", "100.00")),
        "the claim's payment": deciding(PAYS_ALL[0], paid=Decimal("Infinity")),
        "the patient's": deciding(PAYS_ALL[0], patient_responsibility=money("0.001")),
        "a claim-level adjustment": deciding(
            PAYS_ALL[0], adjustments={"CO-97": "0.005", "CO-A2": "0.005"}
        ),
        "an overpayment": given(PAID).when(overpaid("0.001")),
        "a recoupment": given(OVERPAID).when(recoup("NaN")),
    },
    Refusal.LINE_NOT_BALANCED: {
        "a cent off": deciding(decided(1, "100.00", "80.00", "80.00", {"CO-45": "19.99"}))
    },
    Refusal.CLAIM_NOT_BALANCED: {
        "a cent off": deciding(PAYS_ALL[0], paid=money("149.99")),
        "without the claim's own adjustment": deciding(
            PAYS_ALL[0], adjustments={"CO-A2": "5.00"}, paid=money("150.00")
        ),
    },
    Refusal.PATIENT_RESPONSIBILITY_MISMATCH: {
        "too little": deciding(
            decided(1, "100.00", "100.00", "90.00", {"PR-1": "10.00"}),
            patient_responsibility=money("0.00"),
        ),
        "too much": deciding(PAYS_ALL[0], patient_responsibility=money("0.01")),
        "a claim-level one": deciding(
            PAYS_ALL[0], adjustments={"PR-1": "5.00"}, patient_responsibility=money("0.00")
        ),
    },
    Refusal.ALLOWED_MISMATCH: {
        "more than explained": deciding(decided(1, "100.00", "90.00", "80.00", {"CO-45": "20.00"})),
        "less than paid and shares": deciding(
            decided(1, "100.00", "80.00", "80.00", {"PR-2": "20.00"})
        ),
    },
    Refusal.CONTRACTUAL_MISMATCH: {
        "negative": deciding(decided(1, "100.00", "110.00", "110.00", {"CO-45": "-10.00"})),
        "beyond charge less allowed": deciding(
            decided(1, "100.00", "90.00", "90.00", {"CO-45": "15.00", "OA-94": "-5.00"})
        ),
    },
    Refusal.ADJUSTMENT_ZERO: {
        "on a line": deciding(decided(1, "100.00", "100.00", "100.00", {"CO-45": "0.00"})),
        "on the claim": deciding(PAYS_ALL[0], adjustments={"CO-A2": "0.00"}),
    },
    Refusal.ADJUSTMENT_REPEATED: {
        "on a line": deciding(
            replace(
                decided(1, "100.00", "80.00", "80.00"),
                adjustments=(adjusted("CO-45", "10.00"), adjusted("CO-45", "10.00")),
            )
        )
    },
    Refusal.DENIED_LINE_INVALID: {
        "pays": deciding(decided(1, "100.00", "1.00", "1.00", {"CO-29": "99.00"}, denied=True)),
        "the patient's share alone": deciding(
            decided(1, "100.00", "0.00", "0.00", {"PR-1": "100.00"}, denied=True)
        ),
    },
    Refusal.ADJUSTMENT_REASON_REQUIRED: {
        "paid less, said nothing": deciding(decided(1, "100.00", "80.00", "80.00"))
    },
    Refusal.REMARK_REQUIRED: {
        "on a line": deciding(denied(1, "100.00", "CO-16")),
        "on the claim": deciding(PAYS_ALL[0], adjustments={"CO-A1": "5.00"}),
    },
    Refusal.GROUP_CODE_NOT_ALLOWED: {
        "18 outside OA": deciding(denied(1, "100.00", "CO-18")),
        "1 outside PR": deciding(decided(1, "100.00", "90.00", "90.00", {"CO-1": "10.00"})),
        "23 outside OA": deciding(decided(1, "100.00", "90.00", "90.00", {"PI-23": "10.00"})),
        "45 in OA": deciding(decided(1, "100.00", "90.00", "90.00", {"OA-45": "10.00"})),
        "no group of ours": deciding(denied(1, "100.00", "CR-29")),
    },
    Refusal.AMOUNT_OUT_OF_BOUNDS: {
        "paid above allowed": deciding(decided(1, "100.00", "70.00", "80.00", {"CO-45": "20.00"})),
        "negative payment": deciding(decided(1, "100.00", "0.00", "-1.00", {"CO-45": "101.00"})),
        "patient above charge": deciding(
            decided(1, "100.00", "110.00", "0.00", {"PR-1": "110.00", "OA-94": "-10.00"})
        ),
        "patient below nothing": deciding(
            decided(1, "100.00", "100.00", "100.00", {"PR-1": "-10.00", "CO-97": "10.00"})
        ),
        "negative units": deciding(replace(PAYS_ALL[0], units_paid=Decimal(-1))),
        "the claim takes back more than it pays": deciding(
            PAYS_ALL[0], adjustments={"CO-A2": "150.01"}
        ),
        "a denied line too": deciding(
            decided(1, "100.00", "-1.00", "0.00", {"CO-29": "100.00"}, denied=True)
        ),
        "less than no deductible": given(ACCEPTED, facts=with_plan()).when(
            adjudicate(*PAYS_ALL, adjustments={"PR-1": "-0.01"})
        ),
        "more deductible than patient's share": given(ACCEPTED, facts=with_plan()).when(
            adjudicate(PAYS_ALL[0], FREE_OF_SHARE, adjustments={"PR-3": "-0.01"})
        ),
    },
    Refusal.REASON_CODE_UNKNOWN: {
        "no shape": deciding(
            replace(
                denied(1, "100.00"),
                adjustments=(
                    Adjustment(group_code="CO", reason_code="29X", amount=money("100.00")),
                ),
            )
        ),
        "not in the table": given(ACCEPTED, facts=NO_CARC_29).when(
            adjudicate(denied(1, "100.00"), SECOND)
        ),
        "no longer in the table": given(ACCEPTED, facts=NO_CARC_29).when(
            adjudicate(
                decided(1, "100.00", "90.00", "90.00", {"CO-45": "10.00"}),
                SECOND,
                now=NOW + timedelta(days=1),
            )
        ),
        "a remark without shape": deciding(replace(PAYS_ALL[0], remark_codes=("X1",))),
        "a remark not in the table": given(ACCEPTED, facts=NO_RARC).when(
            adjudicate(replace(PAYS_ALL[0], remark_codes=("N15",)), SECOND)
        ),
    },
    Refusal.MEDICAL_REVIEW_REQUIRED: {
        "an examiner denies": deciding(denied(1, "100.00", "CO-50")),
        "or cuts": deciding(decided(1, "100.00", "90.00", "90.00", {"CO-50": "10.00"})),
    },
    Refusal.ADJUDICATION_CHANGED: {
        "another number": given(PENDING_APPROVAL).when(
            approve(PENDING_APPROVAL, adjudication_number=2)
        ),
        "another hash": given(PENDING_APPROVAL).when(
            approve(PENDING_APPROVAL, adjudication_hash="0" * 64)
        ),
    },
    Refusal.APPROVER_IS_ADJUDICATOR: {
        "in another role": given(PENDING_APPROVAL).when(
            replace(approve(PENDING_APPROVAL), actor=ANA.actor)
        )
    },
    Refusal.APPROVER_ALREADY_COUNTED: {
        "twice": given(ONCE_APPROVED).when(approve(ONCE_APPROVED)),
        "in another role": given(ONCE_APPROVED).when(
            replace(approve(ONCE_APPROVED), role="SUPERVISOR")
        ),
    },
    Refusal.APPROVER_ROLE_NOT_ALLOWED: {
        "not the tier's": given(PENDING_APPROVAL).when(approve(PENDING_APPROVAL, MIA))
    },
    Refusal.APPROVALS_REQUIRED: {
        # An adjudication that needs approval is in PENDING_APPROVAL, where FinalizeClaim is not
        # allowed; the guard holds should a state ever lie.
        "the state lies": given(replace(PENDING_ONE_APPROVAL, state=ADJUDICATED.state)).when(
            finalize()
        )
    },
    Refusal.DEDUCTIBLE_EXCEEDED: {
        "by a cent": given(ACCEPTED, facts=with_plan("460.01", "460.01")).when(
            adjudicate(DEDUCTIBLE_40, SECOND)
        )
    },
    Refusal.OUT_OF_POCKET_EXCEEDED: {
        "by a cent": given(ACCEPTED, facts=with_plan("0.00", "3960.01")).when(
            adjudicate(COINSURANCE_40, SECOND)
        )
    },
    Refusal.AMOUNT_AUTHORITY_EXCEEDED: {
        "approver": given(BIGGEST).when(approve(BIGGEST)),
        "supervisor": given(VERY_BIG).when(approve(VERY_BIG, SUE)),
        "system finalizes": given(
            play(
                submit(professional("1000.01")),
                adjudicate(decided(1, "1000.01", "1000.01", "1000.01")),
            )
        ).when(finalize(TIMER)),
        "no limit at all": given(ADJUDICATED, facts=with_policy(limits={})).when(finalize()),
    },
}
DETERMINATION_TELLS: Mapping[str, tuple[Mapping[str, str], str]] = {
    "LINES_INCOMPLETE": ({"line_number": "0"}, "lines"),
    "LINES_INCOMPLETE missing": ({"line_number": "2"}, "lines"),
    "LINES_INCOMPLETE twice": ({"line_number": "2"}, "lines[1]"),
    "LINE_CHARGE_CHANGED": ({"line_number": "1"}, "lines[0].charge"),
    "AMOUNT_OUT_OF_RANGE": ({"line_number": "1"}, "lines[0].adjustments[0].amount"),
    "AMOUNT_OUT_OF_RANGE three decimals": ({"line_number": "1"}, "lines[0].paid"),
    "AMOUNT_OUT_OF_RANGE too large": ({"line_number": "1"}, "lines[0].allowed"),
    "AMOUNT_OUT_OF_RANGE no number": ({"line_number": "1"}, "lines[0].allowed"),
    "AMOUNT_OUT_OF_RANGE the claim's payment": ({"line_number": "0"}, "paid"),
    "AMOUNT_OUT_OF_RANGE the patient's": ({"line_number": "0"}, "patient_responsibility"),
    "AMOUNT_OUT_OF_RANGE a claim-level adjustment": ({"line_number": "0"}, "adjustments[0].amount"),
    "AMOUNT_OUT_OF_RANGE an overpayment": ({}, "amount"),
    "AMOUNT_OUT_OF_RANGE a recoupment": ({}, "amount"),
    "LINE_NOT_BALANCED": ({"line_number": "1"}, "lines[0]"),
    "CLAIM_NOT_BALANCED": ({}, "paid"),
    "PATIENT_RESPONSIBILITY_MISMATCH": ({}, "patient_responsibility"),
    "ALLOWED_MISMATCH": ({"line_number": "1"}, "lines[0].allowed"),
    "CONTRACTUAL_MISMATCH": ({"line_number": "1"}, "lines[0]"),
    "ADJUSTMENT_ZERO": ({"line_number": "1"}, "lines[0]"),
    "ADJUSTMENT_ZERO on the claim": ({"line_number": "0"}, "adjustments"),
    "ADJUSTMENT_REPEATED": ({"line_number": "1"}, "lines[0]"),
    "DENIED_LINE_INVALID": ({"line_number": "1"}, "lines[0]"),
    "ADJUSTMENT_REASON_REQUIRED": ({"line_number": "1"}, "lines[0].adjustments"),
    "REMARK_REQUIRED": ({"line_number": "1", "reason_code": "16"}, "lines[0]"),
    "REMARK_REQUIRED on the claim": ({"line_number": "0", "reason_code": "A1"}, "adjustments"),
    "GROUP_CODE_NOT_ALLOWED": ({"line_number": "1", "reason_code": "18"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED 1 outside PR": ({"line_number": "1", "reason_code": "1"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED 23 outside OA": ({"line_number": "1", "reason_code": "23"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED 45 in OA": ({"line_number": "1", "reason_code": "45"}, "lines[0]"),
    "GROUP_CODE_NOT_ALLOWED no group of ours": (
        {"line_number": "1", "reason_code": "29"},
        "lines[0]",
    ),
    "AMOUNT_OUT_OF_BOUNDS": ({"line_number": "1"}, "lines[0]"),
    "AMOUNT_OUT_OF_BOUNDS the claim takes back more than it pays": ({"line_number": "0"}, "paid"),
    "AMOUNT_OUT_OF_BOUNDS less than no deductible": ({"line_number": "0"}, ""),
    "AMOUNT_OUT_OF_BOUNDS more deductible than patient's share": ({"line_number": "0"}, ""),
    "REASON_CODE_UNKNOWN": ({"line_number": "1"}, "lines[0]"),
    "REASON_CODE_UNKNOWN a remark without shape": ({"line_number": "1"}, "lines[0].remark_codes"),
    "REASON_CODE_UNKNOWN a remark not in the table": (
        {"line_number": "1"},
        "lines[0].remark_codes",
    ),
    "MEDICAL_REVIEW_REQUIRED": ({"line_number": "1"}, "lines[0]"),
    "ADJUDICATION_CHANGED": ({}, "adjudication_hash"),
    "APPROVALS_REQUIRED": ({"approvals_needed": "1"}, ""),
    "DEDUCTIBLE_EXCEEDED": ({"benefit_year": "2026"}, ""),
    "OUT_OF_POCKET_EXCEEDED": ({"benefit_year": "2026"}, ""),
}
