"""The 835 reader: what it takes out of a file."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from claimflow.remittance import (
    Account,
    Malformation,
    Patient,
    Reading,
    Transfer,
    read,
)
from tests.clients.remittance.support import (
    CLAIMS,
    GS,
    HEAD,
    ISA,
    SOUND,
    TAIL,
    a_set,
    an_835,
)

SVC = "SVC*HC:99213*60*40~"
CAS = "CAS*CO*45*20~"


def told(reading: Reading) -> list[tuple[Malformation, int, str]]:
    return [(each.kind, each.segment, each.message) for each in reading.problems]


def changed(before: str, after: str) -> str:
    """Return a sound file with one thing changed, its segment count mended."""
    body = HEAD + CLAIMS + TAIL
    assert before in body
    return an_835(body.replace(before, after, 1))


def test_a_sound_file_is_read_without_a_problem() -> None:
    reading = read(an_835())
    assert reading.problems == ()
    assert reading.is_whole
    assert reading.remittances == (SOUND,)


@pytest.mark.parametrize("content", [an_835().encode(), io.BytesIO(an_835().encode())])
def test_text_bytes_and_streams_are_the_same(content: bytes | io.BytesIO) -> None:
    assert read(content) == read(an_835())


def test_line_ends_and_other_delimiters_change_nothing() -> None:
    assert read(an_835().replace("~", "~\r\n")) == read(an_835())
    other = an_835().translate(str.maketrans("*:~", "|<\n"))
    assert read(other) == read(an_835())


def test_several_sets_groups_and_interchanges_are_read_in_order() -> None:
    other = HEAD.replace("TRN*1*T1*", "TRN*1*T2*") + CLAIMS + TAIL
    two = f"{ISA}{GS}{a_set()}{a_set(other, control='0008')}GE*2*12~IEA*1*000000907~"
    reading = read(two + an_835())
    assert reading.problems == ()
    assert [each.trace_number for each in reading.remittances] == ["T1", "T2", "T1"]


def test_an_acknowledgment_of_an_interchange_may_stand_before_the_groups() -> None:
    reading = read(an_835().replace(GS, f"TA1*000000907*250301*0905*A*000~{GS}"))
    assert (reading.problems, reading.remittances) == ((), (SOUND,))


def test_problems_are_told_of_their_transaction() -> None:
    broken = (HEAD + CLAIMS + TAIL).replace("PR*1*10", "PR*1*TEN")
    content = f"{ISA}{GS}{a_set()}{a_set(broken, control='0008')}GE*9*12~IEA*1*000000907~"
    reading = read(content)
    assert [(each.kind, each.transaction) for each in reading.problems] == [
        (Malformation.NUMBER, 1), (Malformation.COUNT, None),
    ]  # fmt: skip


def test_a_claim_has_all_that_is_kept_of_it() -> None:
    body = (
        "LX*1~CLP*P9*2*10*4*1*MA*N9*11*7~CAS*OA*23*2**94*1*3~NM1*QC*1*DOE*JANE*Q**JR*MI*M7~"
        "MOA***MA02**N14~REF*EA*X~DTM*232*20250102~DTM*233*20250104~DTM*036*20251231~"
        "DTM*050*20250107~AMT*AU*9~QTY*CA*1~"
        "SVC*AD:D0120:52::RT*10*7*0300*1.5~DTM*150*20250102~DTM*151*20250104~CAS*CO*45*2~"
        "CAS*PR*3*1~REF*6R*LINE7~REF*LU*11~AMT*B6*8.5~QTY*ZK*1~LQ*HE*M15~LQ*RX*70~LQ*HE*N14~"
    )
    reading = read(an_835(HEAD + body))
    assert reading.problems == ()
    (claim,) = reading.remittances[0].claims
    assert claim.patient == Patient(
        last_name="DOE", first_name="JANE", middle_name="Q", suffix="JR",
        identifier_qualifier="MI", identifier="M7",
    )  # fmt: skip
    assert (claim.facility_type_code, claim.frequency_code, claim.filing_indicator) == (
        "11", "7", "MA",
    )  # fmt: skip
    assert (claim.remark_codes, claim.inpatient) == (("MA02", "N14"), False)
    assert (claim.statement_from, claim.statement_through, claim.received) == (
        date(2025, 1, 2), date(2025, 1, 4), date(2025, 1, 7),
    )  # fmt: skip
    assert [(each.reason_code, each.amount, each.quantity) for each in claim.adjustments] == [
        ("23", Decimal(2), None), ("94", Decimal(1), Decimal(3)),
    ]  # fmt: skip
    (line,) = claim.lines
    assert (line.procedure_system, line.procedure_code, line.modifiers) == (
        "AD", "D0120", ("52", "RT"),
    )  # fmt: skip
    assert (line.revenue_code, line.units_paid) == ("0300", Decimal("1.5"))
    assert line.allowed == Decimal("8.50")
    assert (line.service_from, line.service_through) == (date(2025, 1, 2), date(2025, 1, 4))
    assert (line.control_number, line.remark_codes) == ("LINE7", ("M15", "N14"))
    assert [each.group_code for each in line.adjustments] == ["CO", "PR"]


def test_segments_of_which_nothing_is_kept_are_passed_over() -> None:
    head = "CUR*PR*USD~REF*EV*1~DTM*405*20250301~N1*PR"
    payer = "REF*2U*999~PER*CX*DESK~N1*PE"
    payee = "XX*1234567893~RDM*BM~REF*TJ*1~"
    claims = CLAIMS.replace("LX*1~", "LX*1~TS3*1*11*20251231*2*150~TS2*1~")
    claims = claims.replace("NM1*QC*1~", "NM1*QC*1~NM1*82*2~REF*EA*1~DTM*036*20250101~PER*CX~", 1)
    body = (HEAD + claims + TAIL).replace("N1*PR", head).replace("N1*PE", payer)
    reading = read(an_835(body.replace("XX*1234567893~", payee)))
    assert (reading.problems, reading.remittances) == ((), (SOUND,))


def test_the_currency_is_us_dollars_where_none_is_named() -> None:
    (named,) = read(an_835((HEAD + CLAIMS + TAIL).replace("N1*PR", "CUR*PR*AUD~N1*PR"))).remittances
    assert named == replace(SOUND, currency_code="AUD")
    assert SOUND.currency_code == "USD"


def test_an_inpatient_claim_has_its_remarks_in_mia() -> None:
    mia = "MIA*3****MA02***************N14***N15~"
    (claim,) = read(an_835(HEAD + "LX*1~CLP*P*1*1*1**MA*N~NM1*QC*1~" + mia)).remittances[0].claims
    assert (claim.inpatient, claim.remark_codes) == (True, ("MA02", "N14", "N15"))


def test_a_revenue_code_may_stand_where_the_procedure_would() -> None:
    (claim, _) = read(changed("SVC*HC:99213*60", "SVC*NU:0450*60")).remittances[0].claims
    line = claim.lines[0]
    assert (line.procedure_system, line.procedure_code, line.revenue_code) == ("", "", "0450")


def test_accounts_parties_and_provider_adjustments_are_read() -> None:
    bpr = "BPR*C*101*D*ACH*CTX*01*B1*DA*A1*1512345678*S*04*B2*SG*A2*20250301~"
    body = (HEAD + CLAIMS).replace("BPR*I*101*C*CHK************20250301~", bpr)
    body = body.replace("PER*BL*EDI~", "PER*CX*DESK~PER*BL*EDI*TE*5551234567~")
    plb = "PLB*1*20251231*WO:N7*3*FB*-4~PLB*2*20251231*L6*0~"
    reading = read(an_835(body + plb))
    (one,) = reading.remittances
    assert reading.problems == ()
    assert one.transfer == Transfer(
        format_code="CTX",
        sender=Account(bank_qualifier="01", bank="B1", account_qualifier="DA", account="A1"),
        originator="1512345678",
        originator_supplement="S",
        receiver=Account(bank_qualifier="04", bank="B2", account_qualifier="SG", account="A2"),
    )
    assert (one.handling_code, one.credit_debit, one.method_code) == ("C", "D", "ACH")
    assert (one.payer.contact_name, one.payer.contact_telephone) == ("EDI", "5551234567")
    assert [
        (each.provider_id, each.reason_code, each.reference, each.amount)
        for each in one.provider_adjustments
    ] == [
        ("1", "WO", "N7", Decimal(3)), ("1", "FB", "", Decimal(-4)), ("2", "L6", "", Decimal(0)),
    ]  # fmt: skip


def test_amounts_have_two_decimals_and_no_minus_zero() -> None:
    (one,) = read(changed("L6*-1~", "L6*-0*CV*.5*CS*-.50~")).remittances
    amounts = [f"{each.amount}" for each in one.provider_adjustments]
    assert amounts == ["0.00", "0.50", "-0.50"]


MARK = "ZQXJ"


@pytest.mark.parametrize("place", range(an_835().count("~")))
def test_no_problem_holds_a_value(place: int) -> None:
    """Put a mark into every element in turn, and say nothing of it."""
    segments = an_835().split("~")[:-1]
    elements = segments[place].split("*")
    for element in range(len(elements)):
        changed_elements = [*elements[:element], MARK, *elements[element + 1 :]]
        content = "~".join([*segments[:place], "*".join(changed_elements), *segments[place + 1 :]])
        reading = read(content + "~")
        for problem in reading.problems:
            assert MARK not in problem.message


def test_a_person_is_not_in_any_repr() -> None:
    content = changed("NM1*QC*1~", "NM1*QC*1*DOE*JANE****MI*M12345~").replace("*P1*", "*PCN77*")
    (one,) = read(content).remittances
    assert one.claims[0].patient is not None
    for value in ("DOE", "JANE", "M12345", "PCN77"):
        assert value not in repr(one)
