"""Ways to spoil a sound claim so that exactly one intake edit fails (domain.md 1.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from claimflow.importers._values import amount_text, to_date, total
from claimflow.v1.document_pb2 import CLAIM_TYPE_INSTITUTIONAL, ClaimDocument

# Shaped as codes are, and in no release.
_UNKNOWN_DIAGNOSES = ("A0X9Z", "Z9Z99", "J999Q")
# Categories, too coarse to bill.
_COARSE_DIAGNOSES = ("E11", "I25", "M17", "S93")
_FAR_FUTURE = date(2199, 1, 1)
_DATE = "google.type.Date"


def spoil(claim: ClaimDocument, edit: str, random: Random) -> None:
    """Make a claim fail one edit."""
    DEFECTS[edit](claim, random)


def _missing_field(claim: ClaimDocument, random: Random) -> None:
    if random.random() < 0.5:
        claim.subscriber.member_id = ""
    else:
        claim.ClearField("diagnoses")
        for line in claim.service_lines:
            line.ClearField("diagnosis_pointers")


def _wrong_total(claim: ClaimDocument, random: Random) -> None:
    off = Decimal(1 + int(random.random() * 10_000)) / 100
    claim.total_charge = amount_text(Decimal(claim.total_charge) + off)


def _wrong_check_digit(claim: ClaimDocument, random: Random) -> None:
    npi = claim.billing_provider.npi
    wrong = (int(npi[-1]) + 1 + int(random.random() * 9)) % 10
    claim.billing_provider.npi = f"{npi[:-1]}{wrong}"


def _wrong_diagnosis(claim: ClaimDocument, random: Random) -> None:
    way = random.random()
    if way < 0.34 and claim.type != CLAIM_TYPE_INSTITUTIONAL:
        # Only professional lines point.
        claim.service_lines[0].diagnosis_pointers[-1] = len(claim.diagnoses) + 1
        return
    codes = _UNKNOWN_DIAGNOSES if way < 0.67 else _COARSE_DIAGNOSES
    claim.diagnoses[0].code = codes[int(random.random() * len(codes))]


def _wrong_service_code(claim: ClaimDocument, random: Random) -> None:
    way = random.random()
    if claim.type == CLAIM_TYPE_INSTITUTIONAL:
        claim.service_lines[-1].revenue_code = "45" if way < 0.5 else "O450"
    elif way < 0.5:
        claim.service_lines[-1].procedure.code = "9921X"
    else:
        claim.place_of_service_code = "98"


def _wrong_dates(claim: ClaimDocument, random: Random) -> None:
    line = claim.service_lines[-1]
    if random.random() < 0.5:
        line.service_through_date.CopyFrom(to_date(_FAR_FUTURE))
        return
    begin = line.service_from_date
    earlier = date(begin.year, begin.month, begin.day) - timedelta(1 + int(random.random() * 9))
    line.service_through_date.CopyFrom(to_date(earlier))


def _needless_original(claim: ClaimDocument, random: Random) -> None:
    # A first bill has nothing that it replaces.
    claim.original_claim_number = f"CF{int(random.random() * 10**12):012}X"


def _filed_late(claim: ClaimDocument, random: Random) -> None:
    years = timedelta(days=800 + int(random.random() * 400))
    dated = [claim, *claim.service_lines, *claim.icd_procedures]
    for message in dated:
        for field, value in message.ListFields():
            if field.message_type is not None and field.message_type.full_name == _DATE:
                day = date(value.year, value.month, value.day) - years
                value.CopyFrom(to_date(day))


def _silent_primary(claim: ClaimDocument, random: Random) -> None:
    # Another payer comes first, and its decision is not told.
    claim.payer_sequence = "S" if random.random() < 0.8 else "T"


def _unnumbered_attachment(claim: ClaimDocument, random: Random) -> None:
    if random.random() < 0.5:
        claim.attachments.add(report_type_code="OZ", transmission_code="EL")
    else:
        claim.attachments.add(report_type_code="OZ", transmission_code="AA", control_number="ACN-1")


def _negative_charge(claim: ClaimDocument, random: Random) -> None:
    line = claim.service_lines[int(random.random() * len(claim.service_lines))]
    line.charge = f"-{line.charge}"
    claim.total_charge = total([each.charge for each in claim.service_lines])


def _wrong_frequency(claim: ClaimDocument, random: Random) -> None:
    # Interim bills are for institutions, and W is on nobody's list.
    claim.frequency_code = "W" if claim.type == CLAIM_TYPE_INSTITUTIONAL else "3"


# By edit id, in the order in which shares are drawn.
DEFECTS: Mapping[str, Callable[[ClaimDocument, Random], None]] = {
    "E01": _missing_field,
    "E02": _wrong_total,
    "E03": _wrong_check_digit,
    "E04": _wrong_diagnosis,
    "E05": _wrong_service_code,
    "E06": _wrong_dates,
    "E07": _needless_original,
    "E09": _filed_late,
    "E12": _silent_primary,
    "E13": _negative_charge,
    "E14": _wrong_frequency,
    "E15": _unnumbered_attachment,
}
