"""The 835 writer: the text itself, and what it refuses to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from claimflow.remittance import (
    Account,
    Adjustment,
    CannotWrite,
    Interchange,
    Patient,
    Remittance,
    Transfer,
    in_writing_order,
    read,
    reversal_of,
    write,
)
from tests.clients.remittance.support import (
    CLAIMS,
    GS,
    HEAD,
    INTERCHANGE,
    ISA,
    SOUND,
    TAIL,
    adjusted,
    an_835,
    claim,
    line,
    provider_adjustment,
    remittance,
)


def segments(*written: Remittance, identifier: str = "") -> list[str]:
    text = write(written, INTERCHANGE)
    return [each for each in text.split("~") if each.split("*")[0] == identifier or not identifier]


def test_the_text_is_exactly_this() -> None:
    assert write([SOUND], INTERCHANGE) == an_835(HEAD + CLAIMS + TAIL)


def test_isa_has_106_characters_and_the_ids_are_filled_up() -> None:
    assert len(ISA) == 106
    assert write([SOUND], INTERCHANGE).startswith(ISA + GS)


def test_counts_and_control_numbers_are_those_of_the_arguments() -> None:
    interchange = Interchange(
        sender="A", receiver="B", created=datetime(2026, 12, 31, 23, 59),
        control_number=1, group_control_number=999_999_999,
        first_transaction_control_number=99_999, sender_qualifier="30", receiver_qualifier="01",
        application_sender="AS", application_receiver="BR", usage="T",
    )  # fmt: skip
    text = write([SOUND, replace(SOUND, claims=(), provider_adjustments=())], interchange)
    told = text.split("~")
    assert told[0] == (
        "ISA*00*          *00*          *30*A              *01*B              *261231*2359*^*00501*"
        "000000001*0*T*:"
    )
    assert told[1] == "GS*HP*AS*BR*20261231*2359*999999999*X*005010X221A1"
    of_envelope = [each for each in told if each.split("*")[0] in ("ST", "SE", "GE", "IEA")]
    assert of_envelope == [
        "ST*835*99999", "SE*22*99999", "ST*835*100000", "SE*9*100000",
        "GE*2*999999999", "IEA*1*000000001",
    ]  # fmt: skip
    assert read(text).problems == ()


def test_m9_a_cas_has_one_group_and_at_most_six_reasons() -> None:
    reasons = adjusted(
        "CO-1 1.00", "PR-2 2.00", "CO-2 2.00", "CO-3 3.00", "CO-4 4.00", "CO-5 5.00", "CO-6 6.00",
        "PR-3 3.50", "CO-7 -7.00",
    )  # fmt: skip
    reasons = (*reasons[:-1], replace(reasons[-1], quantity=Decimal("2.50")))
    whole = remittance(replace(claim("100.00", "80.50"), adjustments=reasons))
    assert segments(whole, identifier="CAS") == [
        "CAS*CO*1*1**2*2**3*3**4*4**5*5**6*6", "CAS*CO*7*-7*2.5", "CAS*PR*2*2**3*3.5",
    ]  # fmt: skip


def test_a_plb_has_one_provider_and_year_and_at_most_six_pairs() -> None:
    entries = [provider_adjustment("WO", f"{n}.00", reference=f"R{n}") for n in range(1, 8)]
    other = replace(provider_adjustment("L6", "-0.50"), fiscal_date=date(2026, 12, 31))
    whole = remittance(claim("100.00", "100.00"), provider=[*entries[:3], other, *entries[3:]])
    assert segments(whole, identifier="PLB") == [
        "PLB*1234567893*20251231*WO:R1*1*WO:R2*2*WO:R3*3*WO:R4*4*WO:R5*5*WO:R6*6",
        "PLB*1234567893*20251231*WO:R7*7",
        "PLB*1234567893*20261231*L6*-.5",
    ]


def test_m17_reversals_are_written_before_their_corrections() -> None:
    first, corrected = claim("9.00", "9.00"), claim("99.00", "99.00", patient_control_number="P2")
    whole = remittance(corrected, reversal_of(first), claim("1.00", "1.00"))
    assert [each.split("*")[2:5] for each in segments(whole, identifier="CLP")] == [
        ["22", "-9", "-9"], ["1", "99", "99"], ["1", "1", "1"],
    ]  # fmt: skip
    assert [each.status_code for each in in_writing_order(whole).claims] == ["22", "1", "1"]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.00", "0"), ("-0.00", "0"), ("100.00", "100"), ("100.50", "100.5"), ("0.05", ".05"),
        ("-0.50", "-.5"), ("99999999.99", "99999999.99"), ("1E+2", "100"), ("5", "5"),
    ],
)  # fmt: skip
def test_m1_numbers_have_no_needless_zeros(amount: str, text: str) -> None:
    whole = remittance(provider=[provider_adjustment("CS", amount)], amount=Decimal("0.00"))
    assert segments(whole, identifier="PLB") == [f"PLB*1234567893*20251231*CS*{text}"]


def test_a_claim_has_all_its_segments_in_their_order() -> None:
    service = line(
        "10.00", "7.00", "CO-45 3.00", modifiers=("25", "RT"), revenue_code="0300",
        units_paid=Decimal("1.500"), service_from=date(2025, 1, 2),
        service_through=date(2025, 1, 4), allowed=Decimal("7.00"), remark_codes=("N14", "M15"),
        control_number="L1",
    )  # fmt: skip
    bare = line("0.00", "0.00", procedure_system="", procedure_code="", revenue_code="0450")
    whole = claim(
        "10.00", "7.00", lines=[service, bare], facility_type_code="11", frequency_code="7",
        remark_codes=("MA02", "N14"), responsible="0.00",
        statement_from=date(2025, 1, 2), statement_through=date(2025, 1, 4),
        received=date(2025, 1, 7),
        patient=Patient(last_name="DOE", suffix="JR", identifier_qualifier="MI", identifier="M1"),
    )  # fmt: skip
    text = write([remittance(whole)], INTERCHANGE)
    _, _, rest = text.partition("LX*1~")
    assert rest.partition("SE*")[0] == (
        "CLP*P1*1*10*7*0*12*N1*11*7~NM1*QC*1*DOE****JR*MI*M1~MOA***MA02*N14~"
        "DTM*232*20250102~DTM*233*20250104~DTM*050*20250107~"
        "SVC*HC:99213:25:RT*10*7*0300*1.5~DTM*150*20250102~DTM*151*20250104~CAS*CO*45*3~"
        "REF*6R*L1~AMT*B6*7~LQ*HE*N14~LQ*HE*M15~SVC*NU:0450*0*0~"
    )


def test_a_currency_other_than_us_dollars_stands_behind_the_trace_number() -> None:
    assert not segments(SOUND, identifier="CUR")
    told = [each.partition("*")[0] for each in segments(changed(currency_code="AUD"))]
    assert segments(changed(currency_code="AUD"), identifier="CUR") == ["CUR*PR*AUD"]
    assert told[told.index("TRN") + 1] == "CUR"


def test_an_inpatient_claim_has_an_mia_and_what_it_cannot_hold_in_an_moa() -> None:
    remarks = ("N1", "N2", "N3", "N4", "N5", "N6")
    inpatient = claim("1.00", "1.00", remark_codes=remarks, inpatient=True)
    told = segments(remittance(inpatient))
    assert "MIA*0****N1***************N2*N3*N4*N5" in told
    assert "MOA***N6" in told
    assert "MIA*0" in segments(remittance(replace(inpatient, remark_codes=())))


def changed(**values: Any) -> Remittance:
    return replace(SOUND, **values)


def of_claim(**values: Any) -> Remittance:
    return remittance(replace(SOUND.claims[0], **values), amount=Decimal("1.00"))


def of_line(**values: Any) -> Remittance:
    return of_claim(lines=(replace(SOUND.claims[0].lines[0], **values),))


def of_adjustment(**values: Any) -> Remittance:
    sound: dict[str, Any] = {
        "group_code": "CO", "reason_code": "45", "amount": Decimal("1.00"), **values
    }  # fmt: skip
    return of_claim(adjustments=(Adjustment(**sound),))


def of_provider(**values: Any) -> Remittance:
    entry = replace(SOUND.provider_adjustments[0], **values)
    return changed(provider_adjustments=(entry,))


ACCOUNT = Account(bank_qualifier="01", bank="B", account_qualifier="DA", account="A")
TRANSFER = Transfer(format_code="CCP", sender=ACCOUNT, originator="1", receiver=ACCOUNT)

REFUSALS: Mapping[str, tuple[Remittance, str]] = {
    "delimiter": (changed(trace_number="A*B"), "TRN02 has a character that an 835 cannot have"),
    "component": (of_provider(reference="A:B"), "PLB03-2 has a character that an 835 cannot have"),
    "repetition": (changed(trace_number="^"), "TRN02 has a character that an 835 cannot have"),
    "line end": (changed(trace_number="A\n"), "TRN02 has a character that an 835 cannot have"),
    "accent": (
        of_claim(patient=Patient(last_name="DOÉ")), "NM103 has a character that an 835 cannot have",
    ),
    "blank": (changed(trace_number=" A"), "TRN02 begins or ends with a blank"),
    "long": (changed(trace_number="9" * 51), "TRN02 has more than 50 characters"),
    "empty": (changed(trace_number=""), "TRN02 is empty"),
    "originator": (changed(trace_originator=""), "TRN03 is empty"),
    "no day": (changed(payment_date=None), "BPR16 is empty"),
    "negative": (changed(amount=Decimal("-1.00")), "BPR02 is negative"),
    "M1": (
        changed(amount=Decimal("1.005")), "BPR02 is not an amount of ten digits, two of them cents",
    ),
    "handling": (changed(handling_code="Y"), "BPR01 is not a known code"),
    "credit": (changed(credit_debit=""), "BPR03 is not a known code"),
    "method": (changed(method_code="CASH"), "BPR04 is not a known code"),
    "ACH": (changed(method_code="ACH"), "a payment by ACH needs its accounts"),
    "account": (changed(transfer=replace(TRANSFER, receiver=Account())), "BPR12 is empty"),
    "payer's name": (changed(payer=replace(SOUND.payer, name="")), "N102 is empty"),
    "payer's address": (
        changed(payer=replace(SOUND.payer, address_lines=())), "the payer has no address",
    ),
    "payer's city": (changed(payer=replace(SOUND.payer, city="")), "the payer has no address"),
    "three lines": (
        changed(payer=replace(SOUND.payer, address_lines=("A", "B", "C"))),
        "an address has more than 2 lines",
    ),
    "payee's number": (
        changed(payee=replace(SOUND.payee, identifier="")), "the payee has no identifier",
    ),
    "half a number": (
        changed(payee=replace(SOUND.payee, identifier_qualifier="")), "N103 and N104 go together",
    ),
    "payee's contact": (
        changed(payee=replace(SOUND.payee, contact_name="A")),
        "the payee has a contact, for which there is no place",
    ),
    "claim": (of_claim(patient_control_number=""), "CLP01 is empty"),
    "status": (of_claim(status_code="9"), "CLP02 is not a known code"),
    "indicator": (of_claim(filing_indicator=""), "CLP06 is empty"),
    "payer's claim": (of_claim(payer_claim_control_number=""), "CLP07 is empty"),
    "patient": (
        of_claim(patient=Patient(last_name="A", identifier="B")), "NM108 and NM109 go together",
    ),
    "remarks": (
        of_claim(remark_codes=("N1",) * 6),
        "a claim has more remark codes than MIA and MOA have places",
    ),
    "lines": (of_claim(lines=(line("0.00", "0.00"),) * 1000), "a claim has more than 999 lines"),
    "group": (of_adjustment(group_code="CR"), "CAS01 is not a known code"),
    "reason": (of_adjustment(reason_code=""), "a reason code is empty"),
    "endless": (
        of_adjustment(quantity=Decimal("Infinity")), "an adjustment's quantity is not a quantity",
    ),
    "long quantity": (of_line(units_paid=Decimal(1) / 3), "SVC05 has more than 15 digits"),
    "qualifier": (of_line(procedure_system=""), "SVC01-1 is empty"),
    "only a qualifier": (
        of_line(procedure_code=""), "a line has a qualifier or modifiers and no procedure code",
    ),
    "no service": (
        of_line(procedure_system="", procedure_code=""),
        "a line has neither a procedure code nor a revenue code",
    ),
    "revenue as procedure": (
        of_line(procedure_system="NU"), "a revenue code stands as a procedure code",
    ),
    "modifiers": (of_line(modifiers=("1",) * 5), "a line has more than 4 modifiers"),
    "no begin": (
        of_line(service_from=None, service_through=date(2025, 1, 2)),
        "a line has an end of its service and no begin",
    ),
    "no begin of the period": (
        of_claim(statement_through=date(2025, 1, 2)),
        "a claim has an end of its period and no begin",
    ),
    "currency": (replace(SOUND, currency_code=""), "CUR02 is empty"),
    "fiscal date": (of_provider(fiscal_date=None), "PLB02 is empty"),
    "provider": (of_provider(provider_id=""), "PLB01 is empty"),
}  # fmt: skip


def of_patient(**values: Any) -> Remittance:
    return of_claim(patient=Patient(**{"last_name": "A", **values}))


def of_payer(**values: Any) -> Remittance:
    return changed(payer=replace(SOUND.payer, **values))


def of_transfer(**values: Any) -> Remittance:
    return changed(method_code="ACH", transfer=replace(TRANSFER, **values))


def of_sender(**values: Any) -> Remittance:
    return of_transfer(sender=replace(ACCOUNT, **values))


def of_receiver(**values: Any) -> Remittance:
    return of_transfer(receiver=replace(ACCOUNT, **values))


# How the implementation guide limits each text.
LIMITS: Mapping[str, tuple[int, Callable[[str], Remittance]]] = {
    "BPR05": (10, lambda text: of_transfer(format_code=text)),
    "BPR06": (2, lambda text: of_sender(bank_qualifier=text)),
    "BPR07": (12, lambda text: of_sender(bank=text)),
    "BPR08": (3, lambda text: of_sender(account_qualifier=text)),
    "BPR09": (35, lambda text: of_sender(account=text)),
    "BPR10": (10, lambda text: of_transfer(originator=text)),
    "BPR11": (9, lambda text: of_transfer(originator_supplement=text)),
    "BPR12": (2, lambda text: of_receiver(bank_qualifier=text)),
    "BPR13": (12, lambda text: of_receiver(bank=text)),
    "BPR14": (3, lambda text: of_receiver(account_qualifier=text)),
    "BPR15": (35, lambda text: of_receiver(account=text)),
    "TRN02": (50, lambda text: changed(trace_number=text)),
    "TRN03": (10, lambda text: changed(trace_originator=text)),
    "N102": (60, lambda text: of_payer(name=text)),
    "N103": (2, lambda text: of_payer(identifier_qualifier=text, identifier="1")),
    "N104": (80, lambda text: of_payer(identifier_qualifier="XV", identifier=text)),
    "N3": (55, lambda text: of_payer(address_lines=("A", text))),
    "N401": (30, lambda text: of_payer(city=text)),
    "N402": (2, lambda text: of_payer(state=text)),
    "N403": (15, lambda text: of_payer(postal_code=text)),
    "PER02": (60, lambda text: of_payer(contact_name=text)),
    "PER04": (256, lambda text: of_payer(contact_telephone=text)),
    "CLP01": (38, lambda text: of_claim(patient_control_number=text)),
    "CLP06": (2, lambda text: of_claim(filing_indicator=text)),
    "CLP07": (50, lambda text: of_claim(payer_claim_control_number=text)),
    "CLP08": (2, lambda text: of_claim(facility_type_code=text)),
    "CLP09": (1, lambda text: of_claim(frequency_code=text)),
    "a reason code": (5, lambda text: of_adjustment(reason_code=text)),
    "NM103": (60, lambda text: of_patient(last_name=text)),
    "NM104": (35, lambda text: of_patient(first_name=text)),
    "NM105": (25, lambda text: of_patient(middle_name=text)),
    "NM107": (10, lambda text: of_patient(suffix=text)),
    "NM108": (2, lambda text: of_patient(identifier_qualifier=text, identifier="1")),
    "NM109": (80, lambda text: of_patient(identifier_qualifier="MI", identifier=text)),
    "a remark code": (50, lambda text: of_claim(remark_codes=(text,))),
    "SVC01-1": (2, lambda text: of_line(procedure_system=text)),
    "SVC01-2": (48, lambda text: of_line(procedure_code=text)),
    "a modifier": (2, lambda text: of_line(modifiers=(text,))),
    "SVC04": (48, lambda text: of_line(revenue_code=text)),
    "REF02": (50, lambda text: of_line(control_number=text)),
    "LQ02": (30, lambda text: of_line(remark_codes=(text,))),
    "PLB01": (50, lambda text: of_provider(provider_id=text)),
    "PLB03-1": (2, lambda text: of_provider(reason_code=text)),
    "PLB03-2": (50, lambda text: of_provider(reference=text)),
}


@pytest.mark.parametrize("element", LIMITS)
def test_every_text_may_be_as_long_as_its_element_and_no_longer(element: str) -> None:
    length_max, build = LIMITS[element]
    longest = build("9" * length_max)
    assert read(write([longest], INTERCHANGE)).remittances == (in_writing_order(longest),)
    with pytest.raises(CannotWrite) as caught:
        write([build("9" * (length_max + 1))], INTERCHANGE)
    assert str(caught.value) == f"{element} has more than {length_max} characters"


AMOUNTS: Mapping[str, Callable[[Decimal], Remittance]] = {
    "BPR02": lambda amount: changed(amount=amount),
    "CLP03": lambda amount: of_claim(charge=amount),
    "CLP04": lambda amount: of_claim(paid=amount),
    "CLP05": lambda amount: of_claim(patient_responsibility=amount),
    "an adjustment's amount": lambda amount: of_adjustment(amount=amount),
    "SVC02": lambda amount: of_line(charge=amount),
    "SVC03": lambda amount: of_line(paid=amount),
    "AMT02": lambda amount: of_line(allowed=amount),
    "PLB04": lambda amount: of_provider(amount=amount),
}


@pytest.mark.parametrize("amount", ["0.001", "100000000.00", "NaN", "Infinity"])
@pytest.mark.parametrize("element", AMOUNTS)
def test_m1_what_is_no_amount_is_refused(element: str, amount: str) -> None:
    with pytest.raises(CannotWrite) as caught:
        write([AMOUNTS[element](Decimal(amount))], INTERCHANGE)
    assert str(caught.value) == f"{element} is not an amount of ten digits, two of them cents"


def test_as_many_as_an_835_may_hold_are_written() -> None:
    many = claim(
        "0.00", "0.00",
        lines=[line("0.00", "0.00", modifiers=("1", "2", "3", "4"))] * 999,
        remark_codes=("N1",) * 5,
    )  # fmt: skip
    assert read(write([remittance(many)], INTERCHANGE)).remittances[0].claims == (many,)


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_would_not_be_valid_is_refused_without_its_value(kind: str) -> None:
    refused, text = REFUSALS[kind]
    with pytest.raises(CannotWrite) as caught:
        write([refused], INTERCHANGE)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"control_number": 0}, "ISA13 is not a control number"),
        ({"group_control_number": 1_000_000_000}, "GS06 is not a control number"),
        ({"first_transaction_control_number": 0}, "ST02 is not a control number"),
        ({"sender": "S" * 16}, "ISA06 has more than 15 characters"),
        ({"receiver": ""}, "ISA08 is empty"),
        ({"sender_qualifier": "Z"}, "ISA05 is not a known code"),
        ({"usage": "X"}, "ISA15 is not a known code"),
    ],
)
def test_a_wrong_envelope_is_refused(values: Mapping[str, Any], text: str) -> None:
    with pytest.raises(CannotWrite) as caught:
        write([SOUND], replace(INTERCHANGE, **values))
    assert str(caught.value) == text


def test_an_interchange_of_nothing_is_refused() -> None:
    with pytest.raises(CannotWrite):
        write([], INTERCHANGE)


def test_accounts_are_written_where_the_money_moves() -> None:
    (told,) = segments(changed(method_code="ACH", transfer=TRANSFER), identifier="BPR")
    assert told == "BPR*I*101*C*ACH*CCP*01*B*DA*A*1**01*B*DA*A*20250301"
