"""Whether a policy can work: what is wrong with one that cannot, in the words that are told."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from server.claims.policy_checks import UnworkablePolicy, workable_policy
from server.claims.policy_kinds import Fault, misfits
from tests.server.claims.cast import POLICIES

STRICT: dict[str, Any] = json.loads((POLICIES / "strict.json").read_text("utf-8"))
GONE = object()
ABOVE_ZERO = (
    "lease_minutes",
    "information_due_days_max",
    "attachment_bytes_max",
    "professional_lines_max",
    "institutional_lines_max",
    "professional_diagnoses_max",
    "institutional_diagnoses_max",
    "amount_max",
)


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The strict policy with other values at paths such as `tiers.1.basis_from`."""
    body = copy.deepcopy(STRICT)
    for path, value in changes:
        *above, name = path.split(".")
        place: Any = body
        for step in above:
            place = place[int(step) if isinstance(place, list) else step]
        if value is GONE:
            del place[name]
        else:
            place[int(name) if isinstance(place, list) else name] = value
    return body


def limited(**limits: str) -> dict[str, str]:
    return {**STRICT["limits"], **limits}


def tier(basis: str, approvals: int, *roles: str) -> dict[str, Any]:
    return {"basis_from": basis, "approvals": approvals, "roles": list(roles)}


def told(body: Any) -> str:
    with pytest.raises(UnworkablePolicy) as refused:
        workable_policy(body)
    return str(refused.value)


NOT_FINALIZED = "limits, tiers[1].basis_from: nobody may finalize 4999.99, which needs no approval"
NO_PEND_REASON = "pend_reasons: there is no such pend reason"
NO_REMARK = "remark_required: a remark is needed, none is given"
LEVELS = "appeals.levels: levels must be numbered from 1, each once"
NO_NEXT = "appeals.escalation_levels: there is no next level to go on to"
AMOUNT = 'must be an amount in quotes, such as "125.00"'

UNWORKABLE: list[tuple[str, Any, str]] = [
    # Tiers and limits: every amount has somebody who may decide it.
    ("tiers", [], "tiers: the first tier must begin at 0.00"),
    ("tiers.0.basis_from", "0.01", "tiers: the first tier must begin at 0.00"),
    ("tiers.1.basis_from", "0.00", "tiers[1].basis_from: tiers must ascend"),
    ("tiers.2.basis_from", "5000.00", "tiers[2].basis_from: tiers must ascend"),
    ("limits", limited(EXAMINER="4999.98"), NOT_FINALIZED),
    ("limits", {"APPROVER": "250000.00"}, NOT_FINALIZED),
    # A role without a limit may not decide the smallest amount either.
    (
        "tiers",
        [tier("0.00", 1, "FINANCE"), tier("0.01", 1, "APPROVER")],
        "limits, tiers[0].roles: nobody of the tier may approve 0.00",
    ),
    (
        "tiers",
        [tier("0.00", 0)],
        "limits, amount_max: nobody may finalize 99999999.99, which needs no approval",
    ),
    (
        "limits",
        limited(APPROVER="24999.98", SUPERVISOR="1.00"),
        "limits, tiers[1].roles: nobody of the tier may approve 24999.99;"
        " limits, tiers[2].roles: nobody of the tier may approve 25000.00",
    ),
    (
        "tiers.2.roles",
        ["FINANCE"],
        "limits, tiers[2].roles: nobody of the tier may approve 25000.00",
    ),
    (
        "tiers",
        [tier("0.00", 1, "APPROVER"), tier("300000.00", 0)],
        "limits, tiers[0].roles: nobody of the tier may approve 299999.99;"
        " limits, amount_max: nobody may finalize 99999999.99, which needs no approval",
    ),
    # Pends and holds: somebody may end and place them.
    ("edit_pends.*", GONE, "edit_pends: `*` is needed, for edits without a code of their own"),
    ("edit_pends.E08", "NOBODY", f"edit_pends.E08, {NO_PEND_REASON}"),
    ("edit_pends.E99", "PRICING", "edit_pends.E99: there is no such edit"),
    (
        "pend_reasons.PRICING",
        GONE,
        f"pricing.pends.NO_FEE, {NO_PEND_REASON}; pricing.pends.UNUSABLE, {NO_PEND_REASON}",
    ),
    (
        "pend_reasons.PRICING.resolvers",
        ["FINANCE"],
        "pend_reasons.PRICING.resolvers: nobody of these may resolve a pend",
    ),
    (
        "hold_kinds.FRAUD.roles",
        ["EXAMINER"],
        "hold_kinds.FRAUD.roles: nobody of these may place a hold",
    ),
    # Edits are those that there are.
    (
        "severities.E01",
        "PERHAPS",
        "severities.E01: must be one of OFF, WARN, PEND, REJECT, DENY",
    ),
    ("severities.E1", "OFF", "severities.E1: there is no such edit"),
    ("severities.E01/PAPER", "OFF", "severities.E01/PAPER: there is no such edit"),
    ("severities.E1/DENTAL", "OFF", "severities.E1/DENTAL: there is no such edit"),
    ("edit_answers.E01", ["A6"], "edit_answers.E01: must be a category and a status code"),
    (
        "duplicates.rules",
        ["SAME_NAME"],
        "duplicates.rules: may hold SAME_PROVIDER and SAME_PROCEDURE",
    ),
    # Prices balance, and their reasons may be given.
    ("pricing.denials.NO_FEE", GONE, "pricing: no answer for NO_FEE"),
    ("pricing.pends.CHARGE_MAX", GONE, "pricing: no answer for CHARGE_MAX"),
    ("pricing.denials.MUE.reason_code", "16", f"pricing.denials.MUE, {NO_REMARK}"),
    (
        "pricing.denials.MUE.reason_code",
        "50",
        "pricing.denials.MUE, medical_necessity: only a medical reviewer denies with it",
    ),
    (
        "pricing.denials.E10.group_code",
        "CO",
        "pricing.denials.E10, reason_groups: 18 may not stand in group CO",
    ),
    (
        "pricing.denials.MUE.group_code",
        "XX",
        "pricing.denials.MUE, reason_groups: 151 may not stand in group XX",
    ),
    (
        "pricing.denials.NOT_COVERED",
        {"group_code": "PR", "reason_code": "1"},
        "pricing.denials.NOT_COVERED, patient_shares: a patient's share denies nothing",
    ),
    ("contractual", [], "pricing.write_off, contractual: 45 must stand in contractual"),
    ("above_charge", [], "pricing.above_charge, above_charge: 94 must stand in above_charge"),
    (
        "patient_shares",
        ["2", "3"],
        "pricing.deductible, patient_shares: 1 must stand in patient_shares",
    ),
    (
        "patient_shares",
        ["1", "3"],
        "pricing.coinsurance, patient_shares: 2 must stand in patient_shares",
    ),
    ("patient_shares", ["1", "2"], "pricing.copay, patient_shares: 3 must stand in patient_shares"),
    ("prior_payer", [], "pricing.prior_payer, prior_payer: 23 must stand in prior_payer"),
    (
        "payment_reductions",
        [],
        "pricing.payment_reduction, payment_reductions: 253 must stand in payment_reductions",
    ),
    ("remark_required", ["45"], f"pricing.write_off, {NO_REMARK}"),
    (
        "reason_groups.45",
        ["PR"],
        "pricing.write_off, reason_groups: 45 may not stand in group CO",
    ),
    # Appeals go from one level to the next.
    ("appeals.levels.0.level", 0, LEVELS),
    ("appeals.levels.1.level", 1, f"{LEVELS}; {NO_NEXT}"),
    ("appeals.escalation_levels", [5], NO_NEXT),
    ("appeals.escalation_levels", [0], NO_NEXT),
    # The rest.
    ("queues", [], "queues: at least one queue is needed, each once"),
    ("queues", ["GENERAL", "GENERAL"], "queues: at least one queue is needed, each once"),
    ("interest.day_count", 0, "interest.day_count: must be above zero"),
    *[
        (f"payment.claim_statuses.{one}", GONE, f"payment.claim_statuses: {one} is needed")
        for one in ("P", "S", "T", "DENIED", "REVERSAL")
    ],
    # Values of another kind.
    ("limits.EXAMINER", 5000.0, f"limits.EXAMINER: {AMOUNT}"),
    ("limits.EXAMINER", "five", f"limits.EXAMINER: {AMOUNT}"),
    ("limits.EXAMINER", "-1", f"limits.EXAMINER: {AMOUNT}"),
    ("limits", ["5000.00"], "limits: must be an object"),
    ("tiers.1.roles", "APPROVER", "tiers[1].roles: must be a list"),
    ("tiers.1.approvals", "1", "tiers[1].approvals: must be a whole number"),
    ("tiers.1.approvals", True, "tiers[1].approvals: must be a whole number"),
    ("tiers.1.colour", "red", "tiers[1].colour: there is no such field"),
    ("tiers.1.approvals", GONE, "tiers[1].approvals: is needed"),
    ("tiers.1", "5000.00", "tiers[1]: must be an object"),
    ("auto_adjudicate", "yes", "auto_adjudicate: must be true or false"),
    ("icd_10_from", "20151001", "icd_10_from: must be a day such as 2026-01-31"),
    ("queues", ["GENERAL", 1], "queues[1]: must be text"),
    ("pricing", GONE, "pricing: is needed"),
    ("version", 3, "version: there is no such field"),
]


@pytest.mark.parametrize(
    ("path", "value", "words"), UNWORKABLE, ids=[f"{n}-{u[0]}" for n, u in enumerate(UNWORKABLE)]
)
def test_a_policy_that_cannot_work_is_told_why(path: str, value: Any, words: str) -> None:
    assert told(changed((path, value))) == words


@pytest.mark.parametrize("name", ABOVE_ZERO)
def test_a_limit_of_zero_strands_everything(name: str) -> None:
    zero: Any = "0.00" if name == "amount_max" else 0
    assert f"{name}: must be above zero" in told(changed((name, zero)))
    if name != "amount_max":
        workable_policy(changed((name, 1)))


def test_what_is_no_object_is_no_policy() -> None:
    assert told([]) == "policy: must be an object"


def test_everything_that_is_wrong_is_told_at_once_kinds_before_sense() -> None:
    assert told(changed(("queues", []), ("interest.day_count", 0))) == (
        "queues: at least one queue is needed, each once; interest.day_count: must be above zero"
    )
    assert told(changed(("queues", [1, 2]), ("interest.day_count", 0))) == (
        "queues[0]: must be text; queues[1]: must be text"
    )
    with pytest.raises(UnworkablePolicy) as refused:
        workable_policy(changed(("queues", [])))
    assert refused.value.faults == (Fault(("queues",), "at least one queue is needed, each once"),)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "changes",
    [
        [],
        # The examiner's limit ends a cent below the tier, the last tier ends with its approvers.
        [("limits", limited(EXAMINER="4999.99", APPROVER="25000.00", SUPERVISOR="1.00"))],
        # Everything needs an approval: nobody needs to finalize.
        [
            ("limits", limited(EXAMINER="0.00", SYSTEM="0.00")),
            ("tiers", [tier("0.00", 1, "APPROVER")]),
        ],
        # Nothing needs one, and somebody may finalize everything.
        [
            ("limits", limited(EXAMINER="99999999.99")),
            ("tiers", [tier("0.00", 0)]),
        ],
        [("severities.E01/DENTAL", "OFF")],
        [("duplicates.rules", [])],
        [("remark_required", []), ("pricing.denials.MUE.reason_code", "16")],
        [("appeals.escalation_levels", [1, 4])],
        [("queues", ["GENERAL"])],
        [("interest.day_count", 1)],
    ],
)
def test_what_is_on_the_edge_works(changes: list[tuple[str, Any]]) -> None:
    workable_policy(changed(*changes))


@dataclass(frozen=True)
class Inner:
    day: date
    sum: Decimal = Decimal(0)


@dataclass(frozen=True)
class Outer:
    inner: Inner
    many: tuple[Inner, ...] = ()


SUMS = ("0", "125.00", "0.123456", "1234567890123")
NO_SUMS = ("", "1.", ".5", "1.1234567", "12345678901234", "\u0661", "1,00", " 1", None, 1)


def found(kind: Any, tree: Any, *elsewhere: str) -> list[str]:
    return [str(fault) for fault in misfits(kind, tree, "", elsewhere)]


@pytest.mark.parametrize("text", SUMS)
def test_an_amount_is_digits(text: str) -> None:
    assert found(Inner, {"day": "2026-01-31", "sum": text}) == []


@pytest.mark.parametrize("text", NO_SUMS)
def test_what_is_no_amount(text: Any) -> None:
    assert found(Inner, {"day": "2026-01-31", "sum": text}) == [f"sum: {AMOUNT}"]


@pytest.mark.parametrize("text", ["2026-02-30", "20260131", "2026-W05-6", "today", "", 20260131])
def test_what_is_no_day(text: Any) -> None:
    assert found(Inner, {"day": text}) == ["day: must be a day such as 2026-01-31"]


@pytest.mark.parametrize(("number", "fits"), [(0, True), (2**63 - 1, True), (2**63, False)])
def test_a_whole_number_has_its_bounds(number: int, fits: bool) -> None:
    assert list(misfits(int, number, "n")) == (
        [] if fits else [Fault(("n",), "must be a whole number")]
    )
    assert list(misfits(int, -1, "n")) == [Fault(("n",), "must be a whole number")]


def test_a_fault_deep_inside_is_told_by_its_path() -> None:
    tree = {"inner": {"sum": "1", "c": 1, "b": 1}, "many": [{"day": "2026-01-31"}, {"day": 1}]}
    assert found(Outer, tree) == [
        "inner.day: is needed",
        "inner.b: there is no such field",
        "inner.c: there is no such field",
        "many[1].day: must be a day such as 2026-01-31",
    ]


def test_what_is_given_elsewhere_must_not_be_in_it() -> None:
    day = {"day": "2026-01-31"}
    assert found(Inner, {}, "day") == []
    assert found(Inner, day, "day") == ["day: there is no such field"]
    assert found(Outer, {"inner": day}, "many") == []


def test_a_kind_without_form_is_an_error_of_ours() -> None:
    with pytest.raises(TypeError, match="no form is known of <class 'complex'>"):
        list(misfits(complex, 1, "n"))


def test_a_fault_names_all_its_fields() -> None:
    assert str(Fault(("a", "b"), "do not fit")) == "a, b: do not fit"
