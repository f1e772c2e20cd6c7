"""Realistic claims, any number of them, the same for the same seed.

Without wished defects every claim passes the strict policy: valid check digits, billable ICD-10-CM
2026 codes, totals that are sums, dates in order and in the past. Providers and members come back
from claim to claim, one provider in a hundred with half of all claims; amounts are skewed as real
ones are. Memory does not grow with the number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random

from claimflow.importers._defects import DEFECTS, spoil
from claimflow.importers._generate_lists import (
    DIAGNOSES,
    INPATIENT_STAYS,
    MODIFIERS,
    OUTPATIENT_SERVICES,
    PAYERS,
    PLACES_OF_SERVICE,
    PROFESSIONAL_SERVICES,
)
from claimflow.importers._generate_people import doctor_of, facility_of, member_of, practice_of
from claimflow.importers._values import to_date
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_INSTITUTIONAL,
    CLAIM_TYPE_PROFESSIONAL,
    CODE_SYSTEM_HCPCS,
    CODE_SYSTEM_ICD_10_CM,
    DIAGNOSIS_QUALIFIER_ADMITTING,
    DIAGNOSIS_QUALIFIER_OTHER,
    DIAGNOSIS_QUALIFIER_PRINCIPAL,
    ClaimDocument,
    Diagnosis,
    Procedure,
    ServiceLine,
    Source,
)

SYSTEM = "GENERATED"
# After the release whose codes are used, and long enough ago to be in the past.
START_DATE = date(2026, 4, 1)
# First days of service lie so many days from the start; stays add at most nine.
DAYS = 56

_INSTITUTIONAL_SHARE = 0.2
_INPATIENT_SHARE = 0.25
_PROVIDERS = 20_000
_BUSY_PROVIDERS = _PROVIDERS // 100
_MEMBERS = 250_000
_LINES_MAX = 8
_CHARGE_CENTS_MAX = 9_999_999


def generate(
    count: int,
    *,
    seed: int = 1,
    defects: Mapping[str, float] | None = None,
    start_date: date = START_DATE,
) -> Iterator[ClaimDocument]:
    """Yield claims with services from a day on; `defects` maps edit ids to shares of claims.

    A claim has at most one defect, which breaks exactly that edit. ValueError for an unknown edit,
    a share outside 0 to 1, or shares of more than 1 together.
    """
    shares = dict(defects or {})
    if unknown := sorted(set(shares) - set(DEFECTS)):
        raise ValueError(f"no defect for {', '.join(unknown)}; there are {', '.join(DEFECTS)}")
    if any(not 0 <= share <= 1 for share in shares.values()) or math.fsum(shares.values()) > 1:
        raise ValueError("shares of defects lie between 0 and 1, also together")
    return _generate(count, seed, shares, start_date)


def _generate(
    count: int, seed: int, shares: Mapping[str, float], start_date: date
) -> Iterator[ClaimDocument]:
    # Defects have a source of their own: the claims beside them stay the same.
    random, chance = Random(seed), Random(f"defects of {seed}")
    days = [start_date + timedelta(day) for day in range(DAYS + 10)]
    for number in range(1, count + 1):
        claim = _claim(random, seed, number, days)
        if shares:
            draw = chance.random()
            for edit, share in shares.items():
                draw -= share
                if draw < 0:
                    spoil(claim, edit, chance)
                    break
        yield claim


def _pick(random: Random, count: int) -> int:
    # Several times faster than randrange, and as good for this.
    return int(random.random() * count)


def _claim(random: Random, seed: int, number: int, days: list[date]) -> ClaimDocument:
    busy = random.random() < 0.5
    provider = _pick(random, _BUSY_PROVIDERS if busy else _PROVIDERS)
    member = member_of(_pick(random, _MEMBERS))
    payer, filing = PAYERS[_pick(random, len(PAYERS))]
    institutional = random.random() < _INSTITUTIONAL_SHARE
    claim = ClaimDocument(
        type=CLAIM_TYPE_INSTITUTIONAL if institutional else CLAIM_TYPE_PROFESSIONAL,
        patient_control_number=f"G{seed % (1 << 32):08X}-{number:09d}",
        frequency_code="1",
        currency_code="USD",
        claim_filing_indicator=filing,
        payer_sequence="P",
        payer=payer,
        billing_provider=facility_of(provider) if institutional else practice_of(provider),
        subscriber=member,
        group_number=f"GRP{_pick(random, 900) + 100}",
        assignment_of_benefits_code="Y",
        release_of_information_code="Y",
        provider_accept_assignment_code="A",
        source=Source(system=SYSTEM, batch=f"generate/{seed}", position=number),
        line_of_business="COMMERCIAL",
        jurisdiction="US",
    )
    _fill_diagnoses(claim, random)
    begin = _pick(random, DAYS)
    if institutional:
        _fill_institutional(claim, random, provider, begin, days)
    else:
        _fill_professional(claim, random, provider, begin, days)
    return claim


def _fill_diagnoses(claim: ClaimDocument, random: Random) -> None:
    first, count = _pick(random, len(DIAGNOSES)), min(1 + int(random.expovariate(0.8)), 6)
    for place in range(count):
        claim.diagnoses.append(
            Diagnosis(
                qualifier=DIAGNOSIS_QUALIFIER_OTHER if place else DIAGNOSIS_QUALIFIER_PRINCIPAL,
                code_system=CODE_SYSTEM_ICD_10_CM,
                # Six steps do not come round the list, so no code comes twice.
                code=DIAGNOSES[(first + 7 * place) % len(DIAGNOSES)],
            )
        )


def _line_count(random: Random) -> int:
    return min(1 + int(random.expovariate(0.7)), _LINES_MAX)


def _cents(random: Random, middle: float) -> int:
    """Return a charge in cents, skewed around a middle in dollars."""
    return min(max(100, int(100 * random.lognormvariate(middle, 0.7))), _CHARGE_CENTS_MAX)


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _fill_professional(
    claim: ClaimDocument, random: Random, provider: int, begin: int, days: list[date]
) -> None:
    claim.place_of_service_code = PLACES_OF_SERVICE[_pick(random, len(PLACES_OF_SERVICE))]
    claim.rendering_provider.CopyFrom(doctor_of(5 * provider + _pick(random, 5)))
    day, whole = to_date(days[begin]), 0
    for number in range(1, _line_count(random) + 1):
        code, middle = PROFESSIONAL_SERVICES[_pick(random, len(PROFESSIONAL_SERVICES))]
        cents = _cents(random, middle)
        whole += cents
        units = 1 if random.random() < 0.85 else 2 + _pick(random, 3)
        modified = random.random() < 0.15
        line = ServiceLine(
            line_number=number,
            line_control_number=str(number),
            procedure=Procedure(
                code_system=CODE_SYSTEM_HCPCS,
                code=code,
                modifiers=[MODIFIERS[_pick(random, len(MODIFIERS))]] if modified else (),
            ),
            charge=_money(cents),
            units=str(units),
            unit_basis_code="UN",
            service_from_date=day,
            service_through_date=day,
            diagnosis_pointers=range(1, min(1 + _pick(random, 3), len(claim.diagnoses)) + 1),
        )
        claim.service_lines.append(line)
    claim.total_charge = _money(whole)


def _fill_institutional(
    claim: ClaimDocument, random: Random, provider: int, begin: int, days: list[date]
) -> None:
    inpatient = random.random() < _INPATIENT_SHARE
    nights = 1 + _pick(random, 9) if inpatient else 0
    day, last = to_date(days[begin]), to_date(days[begin + nights])
    claim.facility_type_code = "11" if inpatient else "13"
    claim.attending_provider.CopyFrom(doctor_of(5 * provider + _pick(random, 5)))
    claim.statement_from_date.CopyFrom(day)
    claim.statement_through_date.CopyFrom(last)
    claim.patient_status_code = "01"
    claim.admission_type_code, claim.admission_source_code = "3", "1"
    whole = 0
    if inpatient:
        claim.admission_date.CopyFrom(day)
        claim.discharge_date.CopyFrom(last)
        claim.discharge_hour = f"{9 + _pick(random, 9):02d}"
        claim.diagnoses.append(
            Diagnosis(
                qualifier=DIAGNOSIS_QUALIFIER_ADMITTING,
                code_system=CODE_SYSTEM_ICD_10_CM,
                code=claim.diagnoses[0].code,
            )
        )
    for number in range(1, _line_count(random) + 1):
        stay = inpatient and number == 1
        services = INPATIENT_STAYS if stay else OUTPATIENT_SERVICES
        revenue_code, code, middle = services[_pick(random, len(services))]
        units = nights if stay else 1
        cents = _cents(random, middle) * units
        whole += cents
        claim.service_lines.append(
            ServiceLine(
                line_number=number,
                line_control_number=str(number),
                revenue_code=revenue_code,
                procedure=Procedure(code_system=CODE_SYSTEM_HCPCS, code=code) if code else None,
                charge=_money(cents),
                units=str(units),
                unit_basis_code="DA" if stay else "UN",
                service_from_date=day,
                service_through_date=last if stay else day,
            )
        )
    claim.total_charge = _money(whole)
