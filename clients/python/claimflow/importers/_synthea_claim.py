"""One Synthea claim: its row, its charges and the people around it, as a `ClaimDocument`."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.type.date_pb2 import Date

from claimflow.importers._record import Flaw
from claimflow.importers._regions import region_of
from claimflow.importers._rows import read_rows, read_table
from claimflow.importers._snomed import code_system_of
from claimflow.importers._values import amount, iso_date, quantity, total
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_INSTITUTIONAL,
    CLAIM_TYPE_PROFESSIONAL,
    CODE_SYSTEM_SNOMED_CT,
    DIAGNOSIS_QUALIFIER_OTHER,
    DIAGNOSIS_QUALIFIER_PRINCIPAL,
    Address,
    ClaimDocument,
    Diagnosis,
    Payer,
    Person,
    Procedure,
    Provider,
    ServiceLine,
    Source,
)

Values = Mapping[str, str]

SYSTEM = "SYNTHEA"
CLAIM_COLUMNS = frozenset(
    {
        "Id",
        "PATIENTID",
        "PROVIDERID",
        "PRIMARYPATIENTINSURANCEID",
        "DIAGNOSIS1",
        "SERVICEDATE",
        "HEALTHCARECLAIMTYPEID1",
    }
)
_TYPES = {"1": CLAIM_TYPE_PROFESSIONAL, "2": CLAIM_TYPE_INSTITUTIONAL}
# What the exporter writes for a service without an end.
_NO_END = "1970-01-01T00:00:00Z"
_NO_PAYER = ("", "0")
_FILING_INDICATORS = {"Medicare": "MB", "Medicaid": "MC", "Blue Cross Blue Shield": "BL"}
_COMMERCIAL = "CI"
_SELF_PAY = "09"
_CURRENCIES = {"AU": "AUD", "US": "USD"}


@dataclass(frozen=True)
class Tables:
    """The small tables beside the claims; an absent one is empty."""

    patients: Mapping[str, Values]
    payers: Mapping[str, Values]
    providers: Mapping[str, Values]
    organizations: Mapping[str, Values]
    # RxNorm codes of medications.csv.
    drugs: frozenset[str]

    @classmethod
    def read(cls, folder: Path) -> Tables:
        """Read what is there."""
        return cls(
            patients=read_table(folder / "patients.csv", "Id"),
            payers=read_table(folder / "payers.csv", "Id"),
            providers=read_table(folder / "providers.csv", "Id"),
            organizations=read_table(folder / "organizations.csv", "Id"),
            drugs=_drugs(folder / "medications.csv"),
        )


def _drugs(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    with path.open("rb") as file:
        try:
            rows = read_rows(file, frozenset({"CODE"}))
            return frozenset(row.values["CODE"] for row in rows if row.problem is None)
        except (Flaw, csv.Error):
            return frozenset()


def build_claim(values: Values, charges: Sequence[Values], tables: Tables) -> ClaimDocument:
    """Return the claim; `Flaw` when it has no charges or a field cannot be read."""
    kind = _TYPES.get(values["HEALTHCARECLAIMTYPEID1"])
    if kind is None:
        raise Flaw("HEALTHCARECLAIMTYPEID1 is neither 1 nor 2")
    if not values["Id"]:
        raise Flaw("Id is empty")
    if not charges:
        raise Flaw("the claim has no charge in the ledger")
    patient = tables.patients.get(values["PATIENTID"], {})
    country, _ = region_of(patient.get("STATE", ""))
    claim = ClaimDocument(
        type=kind,
        patient_control_number=values["Id"],
        frequency_code="1",
        currency_code=_CURRENCIES[country],
        payer_sequence="P",
        subscriber=_person(values["PATIENTID"], patient),
        diagnoses=_diagnoses(values),
        line_of_business="COMMERCIAL",
        jurisdiction=country,
        source=Source(system=SYSTEM, record_id=values["Id"]),
    )
    _fill_payer(claim, values["PRIMARYPATIENTINSURANCEID"], tables)
    places = _places(values)
    for number, charge in enumerate(charges, 1):
        claim.service_lines.append(_line(number, charge, places, tables.drugs))
    claim.total_charge = total([line.charge for line in claim.service_lines])
    _fill_providers(claim, values["PROVIDERID"], charges[0]["PLACEOFSERVICE"], tables)
    if kind == CLAIM_TYPE_INSTITUTIONAL:
        days = [line.service_from_date for line in claim.service_lines]
        ends = [line.service_through_date for line in claim.service_lines]
        claim.statement_from_date.CopyFrom(min(days, key=_order))
        claim.statement_through_date.CopyFrom(max(ends, key=_order))
    return claim


def _order(day: Date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _fill_payer(claim: ClaimDocument, payer_id: str, tables: Tables) -> None:
    if payer_id in _NO_PAYER:
        claim.claim_filing_indicator = _SELF_PAY
        return
    name = tables.payers.get(payer_id, {}).get("NAME", "")
    claim.payer.CopyFrom(Payer(payer_id=payer_id, name=name))
    claim.claim_filing_indicator = _FILING_INDICATORS.get(name, _COMMERCIAL)


def _person(patient_id: str, values: Values) -> Person:
    gender = values.get("GENDER", "")
    return Person(
        member_id=patient_id,
        last_name=values.get("LAST", ""),
        first_name=values.get("FIRST", ""),
        middle_name=values.get("MIDDLE", ""),
        birth_date=iso_date(values.get("BIRTHDATE", ""), "BIRTHDATE of the patient"),
        death_date=iso_date(values.get("DEATHDATE", ""), "DEATHDATE of the patient"),
        sex_code=gender if gender in ("F", "M") else "U",
        address=_address(values),
        relationship_code="18",
    )


def _address(values: Values) -> Address | None:
    if not values:
        return None
    country, state = region_of(values.get("STATE", ""))
    return Address(
        lines=[line for line in (values.get("ADDRESS", ""),) if line],
        city=values.get("CITY", ""),
        state=state,
        postal_code=values.get("ZIP", "").replace("-", ""),
        country_code=country,
    )


def _fill_providers(claim: ClaimDocument, provider_id: str, place_id: str, tables: Tables) -> None:
    doctor = tables.providers.get(provider_id, {})
    organization_id = doctor.get("ORGANIZATION") or place_id
    organization = tables.organizations.get(organization_id, {})
    claim.billing_provider.CopyFrom(
        Provider(
            name=organization.get("NAME", ""),
            address=_address(organization),
            other_id=organization_id,
        )
    )
    first, _, last = doctor.get("NAME", "").rpartition(" ")
    person = Provider(name=last, first_name=first, other_id=provider_id)
    if claim.type == CLAIM_TYPE_INSTITUTIONAL:
        claim.attending_provider.CopyFrom(person)
    else:
        claim.rendering_provider.CopyFrom(person)
    if place_id and place_id != organization_id:
        place = tables.organizations.get(place_id, {})
        claim.service_facility.CopyFrom(
            Provider(name=place.get("NAME", ""), address=_address(place), other_id=place_id)
        )


def _diagnoses(values: Values) -> list[Diagnosis]:
    codes = [code for place in range(1, 9) if (code := values.get(f"DIAGNOSIS{place}"))]
    return [
        Diagnosis(
            qualifier=DIAGNOSIS_QUALIFIER_OTHER if place else DIAGNOSIS_QUALIFIER_PRINCIPAL,
            code_system=CODE_SYSTEM_SNOMED_CT,
            code=code,
        )
        for place, code in enumerate(codes)
    ]


def _places(values: Values) -> dict[str, int]:
    """Map DIAGNOSISREF to a place in our list, where no column was empty."""
    filled = [place for place in range(1, 9) if values.get(f"DIAGNOSIS{place}")]
    return {str(column): place for place, column in enumerate(filled, 1)}


def _line(
    number: int, charge: Values, places: Mapping[str, int], drugs: frozenset[str]
) -> ServiceLine:
    if not charge["AMOUNT"]:
        raise Flaw(f"AMOUNT of charge {number} is empty")
    day = iso_date(charge["FROMDATE"], f"FROMDATE of charge {number}")
    if day is None:
        raise Flaw(f"FROMDATE of charge {number} is empty")
    line = ServiceLine(
        line_number=number,
        line_control_number=charge["ID"],
        charge=amount(charge["AMOUNT"], f"AMOUNT of charge {number}"),
        units=quantity(charge["UNITS"], f"UNITS of charge {number}"),
        unit_basis_code="UN",
        service_from_date=day,
        service_through_date=_through_date(number, charge) or day,
        diagnosis_pointers=_pointers(number, charge, places),
    )
    if code := charge["PROCEDURECODE"]:
        line.procedure.CopyFrom(
            Procedure(
                code_system=code_system_of(code, drugs), code=code, description=charge["NOTES"]
            )
        )
    return line


def _through_date(number: int, charge: Values) -> Date | None:
    text = charge["TODATE"]
    return None if text == _NO_END else iso_date(text, f"TODATE of charge {number}")


def _pointers(number: int, charge: Values, places: Mapping[str, int]) -> list[int]:
    pointers = []
    for place in range(1, 5):
        reference = charge.get(f"DIAGNOSISREF{place}", "")
        if not reference:
            continue
        if not (reference.isascii() and reference.isdigit()):
            raise Flaw(f"DIAGNOSISREF{place} of charge {number} is not a place in the list")
        # One that points to nothing becomes 0, which is no place; the server's edits tell.
        pointers.append(places.get(reference, 0))
    return pointers
