"""A policy that strands claims is refused when it is loaded, by the names of its fields."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from server.claims.policy_checks import UnworkablePolicy, workable_policy
from server.command.__main__ import main
from server.command.loads import DEMO
from tests.server.command.support import count

SHIPPED = sorted((DEMO.parent / "policies").glob("*.json"))
STRICT: dict[str, Any] = json.loads((DEMO.parent / "policies" / "strict.json").read_text("utf-8"))
GONE = object()


def changed(path: str, value: Any) -> dict[str, Any]:
    """The strict policy, with another value at a path such as `tiers.1.basis_from`."""
    body = copy.deepcopy(STRICT)
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


def faults(body: Any) -> dict[tuple[str, ...], str]:
    with pytest.raises(UnworkablePolicy) as refused:
        workable_policy(body)
    return {one.fields: one.what for one in refused.value.faults}


@pytest.mark.parametrize("file", SHIPPED, ids=[file.stem for file in SHIPPED])
def test_the_shipped_policies_work(file: Path) -> None:
    workable_policy(json.loads(file.read_text("utf-8")))


# The change that cannot work, and the fields that the refusal names.
UNWORKABLE: list[tuple[str, Any, tuple[str, ...]]] = [
    # Between 4999.98 and 5000.00 nobody finalizes and no tier takes.
    ("limits", limited(EXAMINER="4999.98"), ("limits", "tiers[1].basis_from")),
    ("limits", {"APPROVER": "250000.00"}, ("limits", "tiers[1].basis_from")),
    ("tiers", [{"basis_from": "0.00", "approvals": 0, "roles": []}], ("limits", "amount_max")),
    ("limits", limited(APPROVER="24999.98", SUPERVISOR="1.00"), ("limits", "tiers[1].roles")),
    ("tiers.2.roles", ["FINANCE"], ("limits", "tiers[2].roles")),
    ("tiers.2.roles", [], ("limits", "tiers[2].roles")),
    ("tiers", [], ("tiers",)),
    ("tiers.0.basis_from", "0.01", ("tiers",)),
    ("tiers.2.basis_from", "5000.00", ("tiers[2].basis_from",)),
    ("tiers.1.basis_from", "25000.01", ("tiers[2].basis_from",)),
    ("appeals.levels.1.level", 1, ("appeals.levels",)),
    ("appeals.levels.0.level", 0, ("appeals.levels",)),
    ("appeals.escalation_levels", [5], ("appeals.escalation_levels",)),
    ("edit_pends.*", GONE, ("edit_pends",)),
    ("edit_pends.E08", "NOBODY", ("edit_pends.E08", "pend_reasons")),
    ("edit_pends.E99", "PRICING", ("edit_pends.E99",)),
    ("pend_reasons.PRICING", GONE, ("pricing.pends.NO_FEE", "pend_reasons")),
    ("pend_reasons.PRICING.resolvers", ["FINANCE"], ("pend_reasons.PRICING.resolvers",)),
    ("hold_kinds.FRAUD.roles", ["EXAMINER"], ("hold_kinds.FRAUD.roles",)),
    ("severities.E01", "PERHAPS", ("severities.E01",)),
    ("severities.E1", "OFF", ("severities.E1",)),
    ("severities.E01/PAPER", "OFF", ("severities.E01/PAPER",)),
    ("edit_answers.E01", ["A6"], ("edit_answers.E01",)),
    ("duplicates.rules", ["SAME_NAME"], ("duplicates.rules",)),
    ("pricing.denials.NO_FEE", GONE, ("pricing",)),
    ("pricing.pends.CHARGE_MAX", GONE, ("pricing",)),
    (
        "pricing.denials.MUE.reason_code",
        "16",
        ("pricing.denials.MUE", "remark_required"),
    ),
    ("pricing.denials.MUE.reason_code", "50", ("pricing.denials.MUE", "medical_necessity")),
    ("pricing.denials.E10.group_code", "CO", ("pricing.denials.E10", "reason_groups")),
    ("pricing.denials.E10.group_code", "XX", ("pricing.denials.E10", "reason_groups")),
    (
        "pricing.denials.NOT_COVERED",
        {"group_code": "PR", "reason_code": "1"},
        ("pricing.denials.NOT_COVERED", "patient_shares"),
    ),
    ("contractual", [], ("pricing.write_off", "contractual")),
    ("above_charge", [], ("pricing.above_charge", "above_charge")),
    ("patient_shares", ["1", "2"], ("pricing.copay", "patient_shares")),
    ("payment_reductions", [], ("pricing.payment_reduction", "payment_reductions")),
    ("prior_payer", [], ("pricing.prior_payer", "prior_payer")),
    ("remark_required", ["45"], ("pricing.write_off", "remark_required")),
    ("reason_groups.45", ["PR"], ("pricing.write_off", "reason_groups")),
    ("payment.claim_statuses.REVERSAL", GONE, ("payment.claim_statuses",)),
    ("queues", [], ("queues",)),
    ("queues", ["GENERAL", "GENERAL"], ("queues",)),
    ("interest.day_count", 0, ("interest.day_count",)),
    ("lease_minutes", 0, ("lease_minutes",)),
    ("amount_max", "0", ("amount_max",)),
]


@pytest.mark.parametrize(
    ("path", "value", "fields"), UNWORKABLE, ids=[f"{n}-{u[0]}" for n, u in enumerate(UNWORKABLE)]
)
def test_a_policy_that_cannot_work_is_refused_by_its_fields(
    path: str, value: Any, fields: tuple[str, ...]
) -> None:
    assert fields in faults(changed(path, value))


# What the codec would take for something else, or fail on without naming it.
MISFITS: list[tuple[str, Any, str]] = [
    ("limits.EXAMINER", 5000.0, "limits.EXAMINER"),
    ("limits.EXAMINER", "five", "limits.EXAMINER"),
    ("limits.EXAMINER", "-1", "limits.EXAMINER"),
    ("limits", ["5000.00"], "limits"),
    ("tiers.1.roles", "APPROVER", "tiers[1].roles"),
    ("tiers.1.approvals", "1", "tiers[1].approvals"),
    ("tiers.1.approvals", True, "tiers[1].approvals"),
    ("tiers.1.approvals", -1, "tiers[1].approvals"),
    ("tiers.1.colour", "red", "tiers[1].colour"),
    ("tiers.1", "5000.00", "tiers[1]"),
    ("auto_adjudicate", "yes", "auto_adjudicate"),
    ("icd_10_from", "20151001", "icd_10_from"),
    ("queues", [1], "queues[0]"),
    ("pricing", GONE, "pricing"),
    ("version", 3, "version"),
]


@pytest.mark.parametrize(
    ("path", "value", "field"), MISFITS, ids=[f"{n}-{m[0]}" for n, m in enumerate(MISFITS)]
)
def test_a_value_of_another_kind_is_refused_by_its_field(path: str, value: Any, field: str) -> None:
    assert list(faults(changed(path, value))) == [(field,)]


def test_what_is_on_the_edge_works() -> None:
    # The examiner's limit ends a cent below the tier, the last tier ends with its approvers.
    workable_policy(changed("limits", limited(EXAMINER="4999.99", APPROVER="25000.00")))
    # Everything needs an approval: nobody needs to finalize.
    body = changed("limits", limited(EXAMINER="0.00", SYSTEM="0.00"))
    tiers = [{"basis_from": "0.00", "approvals": 1, "roles": ["APPROVER"]}]
    workable_policy({**body, "tiers": tiers})


def test_the_word_names_file_and_fields_and_stores_nothing(
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    before, file = count(database, "policy"), tmp_path / "own.json"
    word = ["load-policy", "own", str(file), "--effective-from=2026-01-01", "--reason=a test"]

    file.write_text(json.dumps(changed("limits", limited(EXAMINER="100.00"))))
    assert main(word) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{file}: limits, tiers[1].basis_from:"
        " nobody may finalize 4999.99, which needs no approval",
        "nothing is loaded",
    ]
    assert count(database, "policy") == before

    file.write_text(json.dumps(STRICT))
    assert main(word) == 0
    assert main(word) == 0
    assert capsys.readouterr().out.endswith("stored already\n")
    assert count(database, "policy") == before + 1
