"""The CMS DE-SynPUF, synthetic Medicare claims of 2008 to 2010 (carrier, outpatient, inpatient).

What the source has not is left empty, never invented: no names, no units, no place of service, no
type of bill, no revenue codes. It has no submitted charges either; `source.charge_basis` says what
stands in their place. Beneficiaries come from `bene.csv` beside the file when there is one, and
are held in memory (some 200 bytes each).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from google.type.date_pb2 import Date

from claimflow.importers._record import Content, Flaw, Record, name_of, opened
from claimflow.importers._rows import count_rows, read_rows
from claimflow.importers._values import amount, amount_text, decimal_of, iso_date, total
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_INSTITUTIONAL,
    CLAIM_TYPE_PROFESSIONAL,
    CODE_SYSTEM_HCPCS,
    CODE_SYSTEM_ICD_9_CM,
    CODE_SYSTEM_ICD_9_PCS,
    DIAGNOSIS_QUALIFIER_ADMITTING,
    DIAGNOSIS_QUALIFIER_OTHER,
    DIAGNOSIS_QUALIFIER_PRINCIPAL,
    TAX_ID_TYPE_EIN,
    ClaimDocument,
    Diagnosis,
    IcdProcedure,
    Payer,
    Person,
    Procedure,
    Provider,
    ServiceLine,
    Source,
)

SYSTEM = "CMS_DESYNPUF"
# Each line's charge is what Medicare allowed.
ALLOWED = "ALLOWED_AMOUNT"
# The first line's charge is all that was paid and owed for the claim; the source has no line
# amounts, and the other lines, there for their codes, say 0.00.
PAID_AND_OWED = "CLAIM_PAID_AND_OWED_ON_LINE_1"

_SEXES = {"1": "M", "2": "F"}
_SHARED = frozenset({"DESYNPUF_ID", "CLM_ID", "CLM_FROM_DT", "CLM_THRU_DT", "ICD9_DGNS_CD_1"})
_LINE_STEMS = (
    "PRF_PHYSN_NPI_",
    "TAX_NUM_",
    "HCPCS_CD_",
    "LINE_NCH_PMT_AMT_",
    "LINE_ALOWD_CHRG_AMT_",
    "LINE_PRCSG_IND_CD_",
    "LINE_ICD9_DGNS_CD_",
)
_CARRIER = _SHARED | {stem + "1" for stem in _LINE_STEMS}
_FACILITY = _SHARED | {
    "PRVDR_NUM",
    "CLM_PMT_AMT",
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
    "AT_PHYSN_NPI",
    "HCPCS_CD_1",
}
_OUTPATIENT = _FACILITY | {"NCH_BENE_PTB_DDCTBL_AMT", "NCH_BENE_PTB_COINSRNC_AMT"}
_INPATIENT = _FACILITY | {
    "CLM_ADMSN_DT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
}
_PAID_AND_OWED_COLUMNS = (
    "CLM_PMT_AMT",
    "NCH_PRMRY_PYR_CLM_PD_AMT",
    "NCH_BENE_BLOOD_DDCTBL_LBLTY_AM",
    "NCH_BENE_PTB_DDCTBL_AMT",
    "NCH_BENE_PTB_COINSRNC_AMT",
    "NCH_BENE_IP_DDCTBL_AMT",
    "NCH_BENE_PTA_COINSRNC_LBLTY_AM",
)
_PAYER = Payer(payer_id="CMS", name="Medicare")

Values = Mapping[str, str]
Build = Callable[[Values], ClaimDocument]


@dataclass(frozen=True)
class Beneficiary:
    """What the beneficiary summary says of a person."""

    birth_date: Date | None
    death_date: Date | None
    sex_code: str


@dataclass(frozen=True)
class DesynpufImporter:
    """Reads one of the three claim files."""

    name: str
    # Columns without which a file is not of this kind.
    needed: frozenset[str]
    build: Build

    def count(self, path: Content) -> int | None:
        """Return the number of claims; None for a stream."""
        return count_rows(path)

    def records(self, path: Content, *, start_after: int = 0) -> Iterator[Record]:
        """Yield a record for each row."""
        batch = name_of(path)
        people = _beneficiaries(path.parent / "bene.csv") if isinstance(path, Path) else {}
        with opened(path) as file:
            try:
                for row in read_rows(file, self.needed):
                    if row.number <= start_after:
                        continue
                    where = f"{batch} line {row.line}"
                    try:
                        if row.problem is not None:
                            raise Flaw(row.problem)
                        claim = self.build(row.values)
                    except Flaw as flaw:
                        yield Record(row.number, where, problem=str(flaw))
                        continue
                    claim.source.batch, claim.source.position = batch, row.number
                    _describe(claim.subscriber, people.get(claim.subscriber.member_id))
                    yield Record(row.number, where, document=claim)
            except Flaw as flaw:
                if start_after < 1:
                    yield Record(1, f"{batch} line 1", problem=str(flaw))


def _beneficiaries(path: Path) -> dict[str, Beneficiary]:
    people: dict[str, Beneficiary] = {}
    if not path.is_file():
        return people
    needed = frozenset({"DESYNPUF_ID", "BENE_BIRTH_DT", "BENE_DEATH_DT", "BENE_SEX_IDENT_CD"})
    with path.open("rb") as file:
        try:
            for row in read_rows(file, needed):
                if row.problem is None:
                    _remember(people, row.values)
        except Flaw:
            return {}  # some other file of that name; the claims stand without it
    return people


def _remember(people: dict[str, Beneficiary], values: Values) -> None:
    # A row a year: a death is known from its year on.
    key = values["DESYNPUF_ID"]
    try:
        birth = iso_date(values["BENE_BIRTH_DT"], "birth date")
        death = iso_date(values["BENE_DEATH_DT"], "death date")
    except Flaw:
        return
    known = people.get(key)
    if known is None or (death is not None and known.death_date is None):
        people[key] = Beneficiary(birth, death, _SEXES.get(values["BENE_SEX_IDENT_CD"], "U"))


def _describe(person: Person, known: Beneficiary | None) -> None:
    if known is None:
        return
    person.sex_code = known.sex_code
    if known.birth_date is not None:
        person.birth_date.CopyFrom(known.birth_date)
    if known.death_date is not None:
        person.death_date.CopyFrom(known.death_date)


def _header(values: Values, **fields: object) -> ClaimDocument:
    number = values["CLM_ID"]
    if not number:
        raise Flaw("CLM_ID is empty")
    return ClaimDocument(
        patient_control_number=number,
        frequency_code="1",
        currency_code="USD",
        payer_sequence="P",
        payer=_PAYER,
        subscriber=Person(member_id=values["DESYNPUF_ID"], relationship_code="18"),
        line_of_business="MEDICARE",
        jurisdiction="US",
        source=Source(system=SYSTEM, record_id=number),
        **fields,  # type: ignore[arg-type]
    )


def _numbered(values: Values, stem: str) -> Iterator[str]:
    """Yield the columns STEM1, STEM2 … as far as they go; extracts differ in how many they have."""
    place = 1
    while (value := values.get(f"{stem}{place}")) is not None:
        yield value
        place += 1


def _diagnoses(values: Values) -> list[Diagnosis]:
    codes = [code for code in _numbered(values, "ICD9_DGNS_CD_") if code]
    return [
        _diagnosis(code, DIAGNOSIS_QUALIFIER_OTHER if place else DIAGNOSIS_QUALIFIER_PRINCIPAL)
        for place, code in enumerate(codes)
    ]


def _diagnosis(code: str, qualifier: int) -> Diagnosis:
    return Diagnosis(qualifier=qualifier, code_system=CODE_SYSTEM_ICD_9_CM, code=code)  # type: ignore[arg-type]


def _carrier(values: Values) -> ClaimDocument:
    claim = _header(
        values, type=CLAIM_TYPE_PROFESSIONAL, claim_filing_indicator="MB",
        diagnoses=_diagnoses(values),
    )  # fmt: skip
    claim.source.charge_basis = ALLOWED
    begin = iso_date(values["CLM_FROM_DT"], "CLM_FROM_DT")
    through = iso_date(values["CLM_THRU_DT"], "CLM_THRU_DT")
    places: dict[str, int] = {}
    for place, diagnosis in enumerate(claim.diagnoses, 1):
        places.setdefault(diagnosis.code, place)
    charges = []
    # The performing physician of the first line stands for the biller, whom the source has not.
    claim.billing_provider.npi = next(filter(None, _numbered(values, "PRF_PHYSN_NPI_")), "")
    # The tax number is the institution's; it need not be there.
    claim.billing_provider.tax_id = next(filter(None, _numbered(values, "TAX_NUM_")), "")
    if claim.billing_provider.tax_id:
        claim.billing_provider.tax_id_type = TAX_ID_TYPE_EIN
    for place, allowed in enumerate(_numbered(values, "LINE_ALOWD_CHRG_AMT_"), 1):
        if not _is_line(values, place):
            continue
        charges.append(amount(allowed or "0", f"LINE_ALOWD_CHRG_AMT_{place}"))
        line = ServiceLine(
            line_number=len(charges), charge=charges[-1], service_from_date=begin,
            service_through_date=through,
        )  # fmt: skip
        if code := values.get(f"HCPCS_CD_{place}", ""):
            line.procedure.code_system, line.procedure.code = CODE_SYSTEM_HCPCS, code
        if code := values.get(f"LINE_ICD9_DGNS_CD_{place}", ""):
            if code not in places:
                role = DIAGNOSIS_QUALIFIER_OTHER if places else DIAGNOSIS_QUALIFIER_PRINCIPAL
                claim.diagnoses.append(_diagnosis(code, role))
                places[code] = len(claim.diagnoses)
            line.diagnosis_pointers.append(places[code])
        npi = values.get(f"PRF_PHYSN_NPI_{place}", "")
        if npi and npi != claim.billing_provider.npi:
            line.rendering_provider.npi = npi
        claim.service_lines.append(line)
    claim.total_charge = total(charges)
    return claim


def _is_line(values: Values, place: int) -> bool:
    """Tell whether anything stands in a line's columns; amounts of nothing are "0.00"."""
    texts = (values.get(f"{stem}{place}", "") for stem in _LINE_STEMS)
    return any(text.strip("0.") for text in texts)


def _facility(values: Values) -> ClaimDocument:
    paid_and_owed = [
        decimal_of(values[column], column)
        for column in _PAID_AND_OWED_COLUMNS
        if values.get(column)
    ]
    charge = amount_text(sum(paid_and_owed, Decimal()))
    claim = _header(
        values, type=CLAIM_TYPE_INSTITUTIONAL, claim_filing_indicator="MA",
        diagnoses=_diagnoses(values), total_charge=charge,
        billing_provider=Provider(other_id=values["PRVDR_NUM"]),
        statement_from_date=iso_date(values["CLM_FROM_DT"], "CLM_FROM_DT"),
        statement_through_date=iso_date(values["CLM_THRU_DT"], "CLM_THRU_DT"),
        admission_date=iso_date(values.get("CLM_ADMSN_DT", ""), "CLM_ADMSN_DT"),
        discharge_date=iso_date(values.get("NCH_BENE_DSCHRG_DT", ""), "NCH_BENE_DSCHRG_DT"),
        drg_code=values.get("CLM_DRG_CD", ""),
    )  # fmt: skip
    claim.source.charge_basis = PAID_AND_OWED
    for role, column in (
        ("attending_provider", "AT_PHYSN_NPI"),
        ("operating_provider", "OP_PHYSN_NPI"),
        ("rendering_provider", "OT_PHYSN_NPI"),
    ):
        if npi := values.get(column, ""):
            getattr(claim, role).npi = npi
    if code := values.get("ADMTNG_ICD9_DGNS_CD", ""):
        claim.diagnoses.append(_diagnosis(code, DIAGNOSIS_QUALIFIER_ADMITTING))
    claim.icd_procedures.extend(
        IcdProcedure(code_system=CODE_SYSTEM_ICD_9_PCS, code=code)
        for code in _numbered(values, "ICD9_PRCDR_CD_")
        if code
    )
    codes = [code for code in _numbered(values, "HCPCS_CD_") if code]
    for place, code in enumerate(codes or [""], 1):
        line = claim.service_lines.add(
            line_number=place, charge=charge if place == 1 else "0.00",
            service_from_date=claim.statement_from_date,
            service_through_date=claim.statement_through_date,
        )  # fmt: skip
        if code:
            line.procedure.CopyFrom(Procedure(code_system=CODE_SYSTEM_HCPCS, code=code))
    return claim


CARRIER = DesynpufImporter("desynpuf-carrier", _CARRIER, _carrier)
OUTPATIENT = DesynpufImporter("desynpuf-outpatient", _OUTPATIENT, _facility)
INPATIENT = DesynpufImporter("desynpuf-inpatient", _INPATIENT, _facility)
