"""The intake edits of domain.md 1.5: what each finds, and what it lets be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from server.claims.document import (
    ClaimDocument,
    ClaimType,
    CodeSystem,
    IcdProcedure,
    Person,
    Provider,
    ServiceLine,
)
from server.claims.duplicates import duplicate_key
from server.claims.edits import Submission
from server.claims.events import ClaimAccepted, ClaimPended, ClaimReceived, ClaimRejected
from server.claims.facts import Facts
from server.claims.intake import EDITS, PENDED_BY, run_edits
from server.claims.model import Severity, State
from tests.server.claims.cast import (
    NOW,
    SANDBOX,
    STRICT,
    TODAY,
    Tables,
    submit,
    with_policy,
    with_tables,
)
from tests.server.claims.documents import SERVICE_DAY, institutional, professional, service_line
from tests.server.claims.dsl import given, play
from tests.server.claims.edit_cases import (
    CLEAN,
    EVER,
    FAULTS,
    GRACE,
    LONG_AGO,
    MEETINGS,
    coded,
    diagnosed,
    one_line,
    stay,
)

# By edit: what it says of the claims of `FAULTS` and `MEETINGS`.
MESSAGES: Mapping[str, set[str]] = {
    "E01": {
        "a required field is missing",
        "a field that this claim type requires is missing",
        "a required field of a service line is missing",
        "line numbers do not count from 1 without a gap",
        "there are more service lines than this claim type may have",
    },
    "E02": {"the total charge is not the sum of the line charges"},
    "E03": {"the NPI has a wrong shape or check digit"},
    "E04": {
        "a line points to more than four diagnoses",
        "a pointer names no diagnosis of the claim",
        "the code does not have the shape of its system",
        "the code is of a system that is not billed here on this day",
        "there are more diagnoses than this claim type may have",
    },
    "E05": {
        "a modifier is repeated",
        "the code does not have the shape of its system",
        "the code is of a system that is not billed here on this day",
        "there are more than four modifiers",
    },
    "E06": {
        "the period ends before it begins",
        "the date is after the receipt of the claim",
        "the date is before the patient's birth",
        "the date is too long after the patient's death",
        "the date is outside the statement period",
        "the admission is after the statement period",
        "the discharge is before the admission",
    },
    "E13": {"the charge is negative", "the units are not above zero"},
    "E14": {"claims of this type are not taken in with this frequency code"},
}


def findings(
    document: ClaimDocument, facts: Facts = STRICT, receipt: date = TODAY, **meets: Any
) -> list[tuple[str, str]]:
    submission = Submission(document, receipt, facts.policy, facts.codes, **meets)
    return [(one.edit_id, one.field_path) for one in run_edits(submission)]


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.replace(" ", "_"))
def test_an_edit_finds(case: str) -> None:
    document, paths = FAULTS[case]
    found = findings(document)
    assert [path for edit, path in found if edit == case[:3]] == list(paths)


@pytest.mark.parametrize("case", MEETINGS, ids=lambda case: case.replace(" ", "_"))
def test_an_edit_finds_by_other_records(case: str) -> None:
    document, meets, paths = MEETINGS[case]
    assert findings(document, **meets) == [(case[:3], path) for path in paths]


@pytest.mark.parametrize("edit_id", MESSAGES)
def test_an_edit_says_what_is_wrong(edit_id: str) -> None:
    seen: list[tuple[ClaimDocument, Mapping[str, Any]]]
    seen = [(document, {}) for document, _ in FAULTS.values()]
    seen += [(document, meets) for document, meets, _ in MEETINGS.values()]
    told = {
        finding.message
        for document, meets in seen
        for finding in run_edits(Submission(document, TODAY, STRICT.policy, STRICT.codes, **meets))
        if finding.edit_id == edit_id
    }
    assert told == MESSAGES[edit_id]


@pytest.mark.parametrize("case", CLEAN, ids=lambda case: case.replace(" ", "_"))
def test_an_edit_lets_be(case: str) -> None:
    assert findings(CLEAN[case]) == []


@pytest.mark.parametrize(
    "part",
    [
        "billing_provider",
        "rendering_provider",
        "referring_provider",
        "attending_provider",
        "operating_provider",
        "service_facility",
        "pay_to_provider",
    ],
)
def test_e03_every_provider_is_looked_at(part: str) -> None:
    wrong = Provider(npi="1234567890")
    assert findings(professional(**{part: wrong})) == [("E03", f"{part}.npi")]
    assert findings(professional(**{part: Provider(npi="1234567893")})) == []


@pytest.mark.parametrize("document", [professional, institutional])
def test_e01_each_type_has_its_most_lines(document: Callable[..., ClaimDocument]) -> None:
    facts = with_policy(institutional_lines_max=3, professional_lines_max=2)
    most = 3 if document is institutional else 2
    for number in (most, most + 1):
        lines = [service_line(n + 1, "1.00", revenue_code="0450") for n in range(number)]
        broken = document(service_lines=tuple(lines), total_charge=Decimal(number))
        told = [] if number == most else [("E01", "service_lines")]
        assert [one for one in findings(broken, facts) if one[0] == "E01"] == told


def test_e14_a_type_of_which_nothing_is_said_is_not_taken_in() -> None:
    assert findings(professional(), with_policy(frequencies={})) == [("E14", "frequency_code")]


@pytest.mark.parametrize("days_before", [0, 1])
def test_e04_e05_the_day_of_the_change_is_the_first_of_icd_10(days_before: int) -> None:
    facts = with_policy(icd_10_from=SERVICE_DAY + timedelta(days=days_before))
    told = [("E04", "diagnoses[0].code_system")] if days_before else []
    assert findings(diagnosed("M1711"), facts) == told
    admitted = institutional().statement_from_date
    assert admitted is not None
    facts = with_policy(icd_10_from=admitted + timedelta(days=days_before))
    for system, code in ((CodeSystem.ICD_10_PCS, "0SRC0J9"), (CodeSystem.ICD_9_PCS, "8154")):
        operated = stay(icd_procedures=(IcdProcedure(code_system=system, code=code),))
        wrong = ("E05", "icd_procedures[0].code_system")
        is_wrong = (system is CodeSystem.ICD_10_PCS) == bool(days_before)
        assert (wrong in findings(operated, facts)) == is_wrong


def test_e06_a_stay_of_a_day_and_a_statement_of_tomorrow() -> None:
    days = ("statement_from_date", "statement_through_date", "admission_date", "discharge_date")
    line = replace(institutional().service_lines[0], service_from_date=None)
    one_day = stay(service_lines=(line,), **dict.fromkeys(days, SERVICE_DAY))
    assert findings(one_day) == []
    assert findings(one_day, receipt=SERVICE_DAY - timedelta(days=1)) == [
        ("E06", "statement_from_date"),
        ("E06", "statement_through_date"),
    ]


def test_e04_icd_9_counts_before_the_change() -> None:
    # So old a claim is late (E09), but its diagnosis is as it was to be.
    found = findings(diagnosed("V5861", CodeSystem.ICD_9_CM, LONG_AGO))
    assert found == [("E09", "service_lines[0].service_from_date")]


@pytest.mark.parametrize(
    "document",
    [
        professional(type=ClaimType.UNSPECIFIED),
        professional(frequency_code=""),
        professional(total_charge=None),
        professional(service_lines=()),
        one_line(procedure=None),
        one_line(service_from_date=None),
        coded(""),
    ],
    ids=["type", "frequency", "total", "lines", "procedure", "date", "code"],
)
def test_what_is_missing_is_a_fault_of_e01_alone(document: ClaimDocument) -> None:
    assert {edit for edit, _ in findings(document)} == {"E01"}


def test_every_edit_has_a_fault_and_a_clean_claim() -> None:
    faulty = {case[:3] for case in (*FAULTS, *MEETINGS)}
    assert faulty == {case[:3] for case in CLEAN} == set(EDITS)


def test_e02_a_policy_lets_an_institutional_header_exceed_its_lines() -> None:
    facts = with_policy(institutional_total_above_lines=True)
    assert findings(stay(total_charge=Decimal("150.01")), facts) == []
    assert findings(stay(total_charge=Decimal("149.99")), facts) == [("E02", "total_charge")]
    assert findings(professional(total_charge=Decimal("150.01")), facts) == [
        ("E02", "total_charge")
    ]


TABLES = with_tables(
    {
        "ICD_10_CM": {"M1711": (date(2016, 1, 1), SERVICE_DAY)},
        "HCPCS": {"99213": EVER},
        "POS": {"11": EVER},
        "MODIFIER": {"25": EVER},
        "REVENUE": {"0450": EVER},
    }
)


@pytest.mark.parametrize(
    ("document", "found"),
    [
        pytest.param(professional("150.00"), [], id="E04-E05-all_listed"),
        pytest.param(diagnosed("M1712"), [("E04", "diagnoses[0].code")], id="E04-not_listed"),
        pytest.param(
            diagnosed("M1711", day=SERVICE_DAY + timedelta(days=1)),
            [("E04", "diagnoses[0].code")],
            id="E04-no_longer_valid",
        ),
        pytest.param(
            coded("99214"), [("E05", "service_lines[0].procedure.code")], id="E05-not_listed"
        ),
        pytest.param(
            coded(modifiers=("59",)),
            [("E05", "service_lines[0].procedure.modifiers[0]")],
            id="E05-modifier_not_listed",
        ),
        pytest.param(
            one_line(place_of_service_code="99"),
            [("E05", "service_lines[0].place_of_service_code")],
            id="E05-place_of_a_line_not_listed",
        ),
        pytest.param(one_line(place_of_service_code="11"), [], id="E05-place_of_a_line_listed"),
        pytest.param(
            professional("150.00", place_of_service_code="99"),
            [("E05", "place_of_service_code")],
            id="E05-place_not_listed",
        ),
        pytest.param(
            institutional(
                place_of_service_code="",
                service_lines=(service_line(1, "150.00", revenue_code="0451"),),
            ),
            [("E05", "service_lines[0].revenue_code")],
            id="E05-revenue_not_listed",
        ),
    ],
)
def test_a_loaded_table_decides(document: ClaimDocument, found: list[tuple[str, str]]) -> None:
    assert findings(document, TABLES) == found


def test_e05_a_line_is_judged_on_its_own_day_and_a_header_on_the_first() -> None:
    first, later = date(2026, 2, 9), date(2026, 2, 11)
    procedure = IcdProcedure(code_system=CodeSystem.ICD_10_PCS, code="0SRC0J9")
    facts = with_tables(
        {"HCPCS": {"99213": (later, later)}, "ICD_10_PCS": {"0SRC0J9": (later, later)}}
    )

    def found(line_day: date | None, procedure_day: date | None) -> list[str]:
        line = service_line(1, "150.00", revenue_code="0450", service_from_date=line_day)
        document = institutional(
            service_lines=(line,),
            icd_procedures=(replace(procedure, procedure_date=procedure_day),),
        )
        return [path for _, path in findings(document, facts)]

    assert found(later, later) == []
    assert found(None, later) == found(first, later) == ["service_lines[0].procedure.code"]
    assert found(later, None) == found(later, first) == ["icd_procedures[0].code"]


def test_e06_services_lie_between_birth_receipt_and_the_days_after_death() -> None:
    path = "service_lines[0].service_from_date"
    day = timedelta(days=1)

    def found(**dates: Any) -> list[tuple[str, str]]:
        return findings(replace(one_line(), subscriber=Person(member_id="M-1", **dates)))

    assert found() == []
    assert found(birth_date=SERVICE_DAY) == []
    assert found(birth_date=SERVICE_DAY + day) == [("E06", path)]
    assert found(death_date=SERVICE_DAY - GRACE) == []
    assert found(death_date=SERVICE_DAY - GRACE - day) == [("E06", path)]
    assert findings(one_line(), receipt=SERVICE_DAY) == []
    assert findings(one_line(), receipt=SERVICE_DAY - day) == [("E06", path)]


def test_e05_a_claim_without_dates_is_judged_on_its_receipt() -> None:
    facts = with_tables({"POS": {"11": (TODAY, TODAY)}})
    document = one_line(service_from_date=None)
    assert "place_of_service_code" not in [path for _, path in findings(document, facts)]
    assert "place_of_service_code" in [path for _, path in findings(one_line(), facts)]


BROKEN = professional(
    total_charge=Decimal("1.00"),
    billing_provider=Provider(npi="1234567890"),
    frequency_code="3",
)


def test_every_failed_edit_is_listed() -> None:
    received, rejected = given().when(submit(BROKEN)).decided()
    assert isinstance(received, ClaimReceived) and isinstance(rejected, ClaimRejected)
    assert [one.edit_id for one in rejected.findings] == ["E02", "E03", "E14"]
    assert {one.severity for one in rejected.findings} == {Severity.REJECT}


def test_a_finding_carries_its_277ca_answer_and_no_value() -> None:
    _, rejected = given().when(submit(BROKEN)).decided()
    assert isinstance(rejected, ClaimRejected)
    finding = rejected.findings[1]
    assert (finding.status_category_code, finding.status_code) == ("A7", "562")
    assert "1234567890" not in finding.message


def test_a_clean_claim_is_accepted() -> None:
    received, accepted = given().when(submit()).decided()
    assert accepted == ClaimAccepted(duplicate_key=duplicate_key(professional()))
    assert received == ClaimReceived(
        claim_id=submit().claim_id,
        claim_number=submit().claim_number,
        document=professional(),
        receipt_date=TODAY,
        received_at=NOW,
        submitted_by="clara",
        queue="GENERAL",
    )


def test_a_warning_lets_the_claim_in_and_stays_on_it() -> None:
    broken = replace(BROKEN, frequency_code="1")
    claim = play(submit(broken), facts=SANDBOX)
    assert claim.state is State.ACCEPTED
    assert [(one.edit_id, one.severity) for one in claim.findings] == [
        ("E02", Severity.WARN),
        ("E03", Severity.WARN),
    ]


def test_a_pending_edit_pends_the_claim() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E03": "PEND"})
    broken = professional(billing_provider=Provider(npi="1234567890"))
    _, accepted, pended = given(facts=facts).when(submit(broken)).decided()
    assert isinstance(accepted, ClaimAccepted) and len(accepted.findings) == 1
    assert pended == ClaimPended(code="INTAKE_EDIT", by=PENDED_BY, at=NOW)
    assert play(submit(broken), facts=facts).state is State.PENDED


def test_a_rejection_outweighs_a_pend_and_lists_both() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E03": "PEND"})
    claim = play(submit(BROKEN), facts=facts)
    assert claim.state is State.REJECTED
    assert [one.severity for one in claim.findings] == [
        Severity.REJECT,
        Severity.PEND,
        Severity.REJECT,
    ]


def test_an_edit_that_is_off_finds_nothing() -> None:
    facts = with_policy(severities={**STRICT.policy.severities, "E02": "OFF", "E03": "OFF"})
    assert findings(BROKEN, facts) == [("E14", "frequency_code")]


def test_an_edit_without_severity_rejects() -> None:
    assert play(submit(BROKEN), facts=with_policy(severities={})).state is State.REJECTED


def test_an_empty_claim_breaks_no_edit() -> None:
    for facts in (STRICT, SANDBOX, Facts(STRICT.policy, Tables({"POS": {}}))):
        claim = play(submit(ClaimDocument(service_lines=(ServiceLine(),))), facts=facts)
        assert claim.findings
