"""The writer of X12 835 (005010X221A1): remittances in, an interchange out.

What it writes, the reader reads as the same values, in the order of `in_writing_order`. It refuses
what would not be valid rather than mend it; whether the sums balance is the checker's question. The
values are all that it writes: what else an 835 may hold is listed in docs/clients.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from claimflow.remittance import _segments_out as out
from claimflow.remittance._order import grouped, in_writing_order, provider_year_of
from claimflow.remittance._segments_out import CannotWrite, Segments
from claimflow.remittance._write_claim import put_claim
from claimflow.remittance.values import (
    CREDIT_DEBIT_CODES,
    HANDLING_CODES,
    METHOD_CODES,
    US_DOLLARS,
    Account,
    Party,
    ProviderAdjustment,
    Remittance,
    Transfer,
)

VERSION = "005010X221A1"
CONTROL_NUMBER_MAX = 999_999_999
_ISA_ID_LENGTH = 15
_QUALIFIERS = frozenset(["01", "14", "20", "27", "28", "29", "30", "33", "ZZ"])
_PARTY_ADDRESS_LINES_MAX = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Interchange:
    """What the envelope says; control numbers are the sender's to give, never twice the same."""

    sender: str
    receiver: str
    created: datetime
    # ISA13.
    control_number: int
    # GS06.
    group_control_number: int
    # ST02 of the first remittance; the next ones count on.
    first_transaction_control_number: int = 1
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    # GS02 and GS03; empty for the same as in ISA.
    application_sender: str = ""
    application_receiver: str = ""
    # P production, T test.
    usage: str = "P"


def write(remittances: Sequence[Remittance], interchange: Interchange) -> str:
    """Return one interchange with one group and a transaction set for each remittance.

    `CannotWrite` names the first element that could not stand in a valid 835.
    """
    if not remittances:
        raise CannotWrite("there is no remittance")
    control = _control_number(interchange.control_number, "ISA13")
    group_control = _control_number(interchange.group_control_number, "GS06")
    first = interchange.first_transaction_control_number
    sets = [
        _transaction(in_writing_order(remittance), f"{_control_number(number, 'ST02'):04}")
        for number, remittance in enumerate(remittances, first)
    ]
    envelope, end = Segments(), Segments()
    _put_interchange_header(envelope, interchange, control)
    _put_group_header(envelope, interchange, group_control)
    end.put("GE", str(len(sets)), str(group_control))
    end.put("IEA", "1", f"{control:09}")
    return "".join(map(str, (envelope, *sets, end)))


def _control_number(number: int, what: str) -> int:
    if not 1 <= number <= CONTROL_NUMBER_MAX:
        raise CannotWrite(f"{what} is not a control number")
    return number


def _put_interchange_header(segments: Segments, interchange: Interchange, control: int) -> None:
    segments.put(
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        out.code(interchange.sender_qualifier, "ISA05", _QUALIFIERS),
        out.text(interchange.sender, "ISA06", _ISA_ID_LENGTH, required=True).ljust(_ISA_ID_LENGTH),
        out.code(interchange.receiver_qualifier, "ISA07", _QUALIFIERS),
        out.text(interchange.receiver, "ISA08", _ISA_ID_LENGTH, required=True).ljust(
            _ISA_ID_LENGTH
        ),
        f"{interchange.created:%y%m%d}",
        f"{interchange.created:%H%M}",
        out.REPETITION,
        "00501",
        f"{control:09}",
        "0",
        out.code(interchange.usage, "ISA15", frozenset("PT")),
        out.COMPONENT,
    )


def _put_group_header(segments: Segments, interchange: Interchange, control: int) -> None:
    sender = interchange.application_sender or interchange.sender
    receiver = interchange.application_receiver or interchange.receiver
    segments.put(
        "GS",
        "HP",
        out.text(sender, "GS02", _ISA_ID_LENGTH),
        out.text(receiver, "GS03", _ISA_ID_LENGTH),
        out.day(interchange.created.date()),
        f"{interchange.created:%H%M}",
        str(control),
        "X",
        VERSION,
    )


def _transaction(remittance: Remittance, control: str) -> Segments:
    segments = Segments()
    segments.put("ST", "835", control)
    _put_payment(segments, remittance)
    segments.put(
        "TRN",
        "1",
        out.text(remittance.trace_number, "TRN02", 50, required=True),
        out.text(remittance.trace_originator, "TRN03", 10, required=True),
    )
    currency = out.text(remittance.currency_code, "CUR02", 3, required=True)
    if currency != US_DOLLARS:
        segments.put("CUR", "PR", currency)
    _put_payer(segments, remittance.payer)
    _put_payee(segments, remittance.payee)
    if remittance.claims:
        segments.put("LX", "1")
    for claim in remittance.claims:
        put_claim(segments, claim)
    _put_provider_adjustments(segments, remittance.provider_adjustments)
    segments.put("SE", str(len(segments) + 1), control)
    return segments


def _put_payment(segments: Segments, remittance: Remittance) -> None:
    amount = out.amount(remittance.amount, "BPR02")
    if remittance.amount < 0:
        raise CannotWrite("BPR02 is negative")
    if remittance.payment_date is None:
        raise CannotWrite("BPR16 is empty")
    method = out.code(remittance.method_code, "BPR04", METHOD_CODES)
    if method == "ACH" and remittance.transfer is None:
        raise CannotWrite("a payment by ACH needs its accounts")
    transfer = remittance.transfer
    segments.put(
        "BPR",
        out.code(remittance.handling_code, "BPR01", HANDLING_CODES),
        amount,
        out.code(remittance.credit_debit, "BPR03", CREDIT_DEBIT_CODES),
        method,
        *(_transfer(transfer) if transfer is not None else [""] * 11),
        out.day(remittance.payment_date),
    )


def _transfer(transfer: Transfer) -> list[str]:
    """Return BPR05 to BPR15."""
    return [
        out.text(transfer.format_code, "BPR05", 10),
        *_account(transfer.sender, 6),
        out.text(transfer.originator, "BPR10", 10, required=True),
        out.text(transfer.originator_supplement, "BPR11", 9),
        *_account(transfer.receiver, 12),
    ]


def _account(account: Account, first: int) -> list[str]:
    elements = (
        (account.bank_qualifier, 2),
        (account.bank, 12),
        (account.account_qualifier, 3),
        (account.account, 35),
    )
    return [
        out.text(value, f"BPR{place:02}", length, required=True)
        for place, (value, length) in enumerate(elements, first)
    ]


def _put_payer(segments: Segments, payer: Party) -> None:
    _put_name(segments, "PR", payer)
    if not (payer.address_lines and payer.city):
        raise CannotWrite("the payer has no address")
    _put_address(segments, payer)
    number = out.text(payer.contact_telephone, "PER04", 256)
    segments.put(
        "PER",
        "BL",
        out.text(payer.contact_name, "PER02", 60),
        "TE" if number else "",
        number,
    )


def _put_payee(segments: Segments, payee: Party) -> None:
    if not payee.identifier:
        raise CannotWrite("the payee has no identifier")
    if payee.contact_name or payee.contact_telephone:
        raise CannotWrite("the payee has a contact, for which there is no place")
    _put_name(segments, "PE", payee)
    _put_address(segments, payee)


def _put_name(segments: Segments, entity: str, party: Party) -> None:
    if bool(party.identifier) != bool(party.identifier_qualifier):
        raise CannotWrite("N103 and N104 go together")
    segments.put(
        "N1",
        entity,
        out.text(party.name, "N102", 60, required=True),
        out.text(party.identifier_qualifier, "N103", 2),
        out.text(party.identifier, "N104", 80),
    )


def _put_address(segments: Segments, party: Party) -> None:
    if len(party.address_lines) > _PARTY_ADDRESS_LINES_MAX:
        raise CannotWrite(f"an address has more than {_PARTY_ADDRESS_LINES_MAX} lines")
    if party.address_lines:
        segments.put(
            "N3", *(out.text(line, "N3", 55, required=True) for line in party.address_lines)
        )
    if party.city or party.state or party.postal_code:
        segments.put(
            "N4",
            out.text(party.city, "N401", 30, required=True),
            out.text(party.state, "N402", 2),
            out.text(party.postal_code, "N403", 15),
        )


def _put_provider_adjustments(
    segments: Segments, adjustments: Sequence[ProviderAdjustment]
) -> None:
    for (provider, fiscal_date), members in grouped(adjustments, provider_year_of).items():
        if fiscal_date is None:
            raise CannotWrite("PLB02 is empty")
        for chunk in out.chunks(members):
            pairs: list[str] = []
            for adjustment in chunk:
                reason = out.text(adjustment.reason_code, "PLB03-1", 2, required=True)
                reference = out.text(adjustment.reference, "PLB03-2", 50)
                pairs += (
                    out.joined((reason, reference), out.COMPONENT),
                    out.amount(adjustment.amount, "PLB04"),
                )
            name = out.text(provider, "PLB01", 50, required=True)
            segments.put("PLB", name, out.day(fiscal_date), *pairs)
