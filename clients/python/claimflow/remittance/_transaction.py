"""From the segments of one 835 to its remittance."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from claimflow.importers._x12_segments import Segment
from claimflow.remittance._elements import Elements, Report
from claimflow.remittance.problems import Malformation
from claimflow.remittance.values import (
    CREDIT_DEBIT_CODES,
    HANDLING_CODES,
    METHOD_CODES,
    MIA_REMARKS,
    MOA_REMARKS,
    REVENUE_SYSTEM,
    STATUS_CODES,
    US_DOLLARS,
    ZERO,
    Account,
    Adjustment,
    Party,
    Patient,
    ProviderAdjustment,
    Remittance,
    RemittanceLine,
    RemittedClaim,
    Transfer,
)

# Where each segment may stand, also those of which nothing is kept.
_HEAD = frozenset(["BPR", "TRN", "CUR", "REF", "DTM", "N1", "N3", "N4", "PER", "RDM"])
_DETAIL = frozenset(["TS2", "TS3"])
_CLAIM = frozenset(["CAS", "NM1", "MIA", "MOA", "REF", "DTM", "PER", "AMT", "QTY"])
_LINE = frozenset(["DTM", "CAS", "REF", "AMT", "QTY", "LQ"])
_KNOWN = _HEAD | _DETAIL | _CLAIM | _LINE | {"LX", "CLP", "SVC", "PLB"}

_REQUIRED = ("BPR", "TRN", "N1*PR", "N1*PE")
_PARTIES = frozenset({"PR", "PE"})
_OTHER_PARTY = "?"


@dataclass(slots=True)
class _Line:
    values: RemittanceLine
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def finished(self) -> RemittanceLine:
        return replace(
            self.values, adjustments=tuple(self.adjustments), remark_codes=tuple(self.remarks)
        )


@dataclass(slots=True)
class _Claim:
    values: RemittedClaim
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    lines: list[_Line] = field(default_factory=list)

    def finished(self) -> RemittedClaim:
        return replace(
            self.values,
            adjustments=tuple(self.adjustments),
            remark_codes=tuple(self.remarks),
            lines=tuple(line.finished() for line in self.lines),
        )


class Transaction:
    """Gathers one remittance."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._elements = Elements(report)
        self._seen: set[str] = set()
        self._remittance = Remittance(
            payer=Party(name=""), payee=Party(name=""), trace_number="", payment_date=None,
            amount=ZERO, handling_code="", method_code="",
        )  # fmt: skip
        # PR, PE or another while its segments are read.
        self._party = ""
        self._allowed = _HEAD
        self._claims: list[RemittedClaim] = []
        self._claim: _Claim | None = None
        self._line: _Line | None = None
        self._provider_adjustments: list[ProviderAdjustment] = []

    def take(self, segment: Segment) -> None:
        """Take the next segment."""
        if segment.id not in _KNOWN:
            self._report(Malformation.UNKNOWN_SEGMENT, segment.number, "unknown segment identifier")
        elif segment.id == "PLB":
            self._close_claim()
            self._allowed, self._party = frozenset(), ""
            self._provider_adjustments.extend(self._elements.provider_adjustments(segment))
        elif not self._allowed:
            self._misplaced(segment, "after PLB")
        elif segment.id == "LX":
            self._close_claim()
            self._allowed = _DETAIL
        elif segment.id == "CLP":
            self._begin_claim(segment)
        elif segment.id == "SVC":
            self._begin_line(segment)
        elif segment.id not in self._allowed:
            self._misplaced(segment, "where it has no place")
        elif self._line is not None:
            self._describe_line(self._line, segment)
        elif self._claim is not None:
            self._describe_claim(self._claim, segment)
        else:
            self._describe_payment(segment)

    def end(self, number: int) -> Remittance:
        """Return what was gathered; the number is of the segment that ends it."""
        self._close_claim()
        for name in _REQUIRED:
            if name not in self._seen:
                self._report(Malformation.SEGMENT_MISSING, number, f"there is no {name}")
        return replace(
            self._remittance,
            claims=tuple(self._claims),
            provider_adjustments=tuple(self._provider_adjustments),
        )

    def _misplaced(self, segment: Segment, where: str) -> None:
        self._report(Malformation.MISPLACED, segment.number, f"{segment.id} stands {where}")

    def _first(self, segment: Segment, name: str) -> bool:
        """Note a segment that may stand once; False when it is not the first."""
        if name in self._seen:
            self._misplaced(segment, "a second time")
            return False
        self._seen.add(name)
        return True

    def _describe_payment(self, segment: Segment) -> None:
        match segment.id:
            case "BPR" if self._first(segment, "BPR"):
                self._take_payment(segment)
            case "TRN" if self._first(segment, "TRN"):
                self._remittance = replace(
                    self._remittance,
                    trace_number=self._elements.required(segment, 2),
                    trace_originator=segment.get(3),
                )
            case "CUR" if self._first(segment, "CUR"):
                currency = self._elements.required(segment, 2) or US_DOLLARS
                self._remittance = replace(self._remittance, currency_code=currency)
            case "N1":
                self._begin_party(segment)
            case "N3" | "N4" | "PER" if not self._party:
                self._misplaced(segment, "where it has no place")
            case "N3" | "N4" | "PER" if self._party in _PARTIES:
                self._describe_party(segment)

    def _take_payment(self, segment: Segment) -> None:
        take = self._elements
        transfer = None
        if any(segment.get(place) for place in range(5, 16)):
            transfer = Transfer(
                format_code=segment.get(5),
                sender=_account(segment, 6),
                originator=segment.get(10),
                originator_supplement=segment.get(11),
                receiver=_account(segment, 12),
            )
        self._remittance = replace(
            self._remittance,
            handling_code=take.code(segment, 1, HANDLING_CODES),
            amount=take.amount(segment, 2),
            credit_debit=take.code(segment, 3, CREDIT_DEBIT_CODES),
            method_code=take.code(segment, 4, METHOD_CODES),
            transfer=transfer,
            payment_date=take.day(segment, 16),
        )

    def _begin_party(self, segment: Segment) -> None:
        code = self._elements.code(segment, 1, _PARTIES)
        known = code in _PARTIES and self._first(segment, f"N1*{code}")
        self._party = code if known else _OTHER_PARTY
        if known:
            self._set_party(
                Party(
                    name=segment.get(2),
                    identifier_qualifier=segment.get(3),
                    identifier=segment.get(4),
                )
            )

    def _describe_party(self, segment: Segment) -> None:
        party = self._remittance.payer if self._party == "PR" else self._remittance.payee
        match segment.id:
            case "N3":
                lines = tuple(filter(None, (segment.get(1), segment.get(2))))
                party = replace(party, address_lines=lines)
            case "N4":
                party = replace(
                    party, city=segment.get(1), state=segment.get(2), postal_code=segment.get(3)
                )
            case "PER" if segment.get(1) == "BL":
                telephone = segment.get(4) if segment.get(3) == "TE" else ""
                party = replace(party, contact_name=segment.get(2), contact_telephone=telephone)
        self._set_party(party)

    def _set_party(self, party: Party) -> None:
        payer = self._party == "PR"
        remittance = self._remittance
        self._remittance = (
            replace(remittance, payer=party) if payer else replace(remittance, payee=party)
        )

    def _begin_claim(self, segment: Segment) -> None:
        if self._allowed is _HEAD:
            self._misplaced(segment, "before any LX")
        self._close_claim()
        take = self._elements
        self._claim = _Claim(
            RemittedClaim(
                patient_control_number=take.required(segment, 1),
                status_code=take.code(segment, 2, STATUS_CODES),
                charge=take.amount(segment, 3),
                paid=take.amount(segment, 4),
                patient_responsibility=take.optional_amount(segment, 5),
                filing_indicator=take.required(segment, 6),
                payer_claim_control_number=take.required(segment, 7),
                facility_type_code=segment.get(8),
                frequency_code=segment.get(9),
            )
        )
        self._allowed = _CLAIM

    def _close_claim(self) -> None:
        if self._claim is not None:
            self._claims.append(self._claim.finished())
        self._claim = self._line = None

    def _describe_claim(self, claim: _Claim, segment: Segment) -> None:
        match segment.id:
            case "CAS":
                claim.adjustments.extend(self._elements.adjustments(segment))
            case "MIA":
                claim.remarks.extend(_texts(segment, MIA_REMARKS))
                claim.values = replace(claim.values, inpatient=True)
            case "MOA":
                claim.remarks.extend(_texts(segment, MOA_REMARKS))
            case "NM1" if segment.get(1) == "QC":
                patient = Patient(
                    last_name=segment.get(3),
                    first_name=segment.get(4),
                    middle_name=segment.get(5),
                    suffix=segment.get(7),
                    identifier_qualifier=segment.get(8),
                    identifier=segment.get(9),
                )
                named = patient != Patient()
                claim.values = replace(claim.values, patient=patient if named else None)
            case "DTM":
                self._date_claim(claim, segment)

    def _date_claim(self, claim: _Claim, segment: Segment) -> None:
        take = self._elements
        match segment.get(1):
            case "232":
                claim.values = replace(claim.values, statement_from=take.day(segment, 2))
            case "233":
                claim.values = replace(claim.values, statement_through=take.day(segment, 2))
            case "050":
                claim.values = replace(claim.values, received=take.day(segment, 2))

    def _begin_line(self, segment: Segment) -> None:
        if self._claim is None:
            self._misplaced(segment, "outside of a claim")
            return
        take = self._elements
        take.required(segment, 1)
        parts = [*take.qualified(segment, 1), "", ""]
        system, code, revenue = parts[0], parts[1], segment.get(4)
        if segment.get(1) and not code:
            text = "SVC01 is not a qualifier and a code"
            self._report(Malformation.COMPOSITE, segment.number, text)
        if system == REVENUE_SYSTEM:
            if revenue and revenue != code:
                text = "SVC04 is not the revenue code of SVC01"
                self._report(Malformation.CODE, segment.number, text)
            system, code, revenue = "", "", code
        self._line = _Line(
            RemittanceLine(
                procedure_system=system,
                procedure_code=code,
                modifiers=tuple(filter(None, parts[2:6])),
                revenue_code=revenue,
                charge=take.amount(segment, 2),
                paid=take.amount(segment, 3),
                units_paid=take.quantity(segment, 5),
            )
        )
        self._claim.lines.append(self._line)
        self._allowed = _LINE

    def _describe_line(self, line: _Line, segment: Segment) -> None:
        take = self._elements
        match segment.id, segment.get(1):
            case "CAS", _:
                line.adjustments.extend(take.adjustments(segment))
            case "LQ", "HE":
                line.remarks.extend(filter(None, [take.required(segment, 2)]))
            case "DTM", "150" | "472":
                line.values = replace(line.values, service_from=take.day(segment, 2))
            case "DTM", "151":
                line.values = replace(line.values, service_through=take.day(segment, 2))
            case "REF", "6R":
                line.values = replace(line.values, control_number=segment.get(2))
            case "AMT", "B6":
                line.values = replace(line.values, allowed=take.amount(segment, 2))


def _account(segment: Segment, first: int) -> Account:
    """Return the four elements of an account."""
    return Account(
        bank_qualifier=segment.get(first),
        bank=segment.get(first + 1),
        account_qualifier=segment.get(first + 2),
        account=segment.get(first + 3),
    )


def _texts(segment: Segment, places: tuple[int, ...]) -> list[str]:
    return [text for place in places if (text := segment.get(place))]
