"""The X12 reader on input of our own: delimiters, envelopes, limits, and anything at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from claimflow.importers import IMPORTERS, Record
from claimflow.v1.document_pb2 import (
    CLAIM_TYPE_DENTAL,
    CODE_SYSTEM_CDT,
    CODE_SYSTEM_ICD_10_CM,
    CODE_SYSTEM_ICD_10_PCS,
)
from tests.clients.importers.support import documents, problems

ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *250101*1200*^*00501*"
    "000000001*0*P*:~"
)
GS = "GS*HC*S*R*20250101*1200*7*X*005010X222A1~"
PARENTS = (
    "BHT*0019*00*B1*20250101*1200*CH~HL*1**20*1~PRV*BI*PXC*207Q00000X~"
    "NM1*85*2*CLINIC*****XX*1234567893~N3*1 ROAD*ROOM 2~N4*TOWN*MD*20705-1234~REF*EI*12-3456789~"
    "HL*2*1*22*0~SBR*P*18*GROUP1******CI~NM1*IL*1*DOE*JO*M***MI*M1~DMG*D8*19700101*F~"
    "NM1*PR*2*PAYER*****PI*P1~"
)
CLAIM = "CLM*A1*100***11:B:1*Y*A*Y*Y~HI*ABK:J069~"
LINE = "LX*1~SV1*HC:99213:25*100*UN*1***1~DTP*472*D8*20250102~"


def an_837(
    claims: str = CLAIM + LINE, *, gs: str = GS, parents: str = PARENTS, se: int | None = None
) -> str:
    body = f"ST*837*0001*005010X222A1~{parents}{claims}"
    count = body.count("~") + 1 if se is None else se
    return f"{ISA}{gs}{body}SE*{count}*0001~GE*1*7~IEA*1*000000001~"


def read(content: str | bytes, after: int = 0) -> list[Record]:
    raw = content if isinstance(content, bytes) else content.encode()
    return list(IMPORTERS["x12-837"].records(io.BytesIO(raw), start_after=after))


def test_a_sound_file_has_claims_and_no_problems() -> None:
    (record,) = read(an_837())
    assert record.document is not None
    assert (record.position, record.where) == (1, "standard input segment 16")
    claim = record.document
    assert (claim.total_charge, claim.service_lines[0].units) == ("100.00", "1")
    assert claim.diagnoses[0].code_system == CODE_SYSTEM_ICD_10_CM
    assert claim.billing_provider.taxonomy_code == "207Q00000X"
    assert claim.billing_provider.address.lines == ["1 ROAD", "ROOM 2"]
    assert claim.billing_provider.address.postal_code == "207051234"
    assert (claim.group_number, claim.claim_filing_indicator) == ("GROUP1", "CI")
    assert claim.source.batch == "000000001/7/0001/B1"


@pytest.mark.parametrize("delimiters", ["*:~", "|>\n", "^<!", "\x1d\x1f\x1c"])
def test_delimiters_are_those_that_the_interchange_declares(delimiters: str) -> None:
    other = an_837().replace("*^*00501", "*U*00501").translate(str.maketrans("*:~", delimiters))
    assert list(documents(read(other))) == list(documents(read(an_837())))


def test_line_ends_between_segments_are_nothing() -> None:
    assert read(an_837().replace("~", "~\r\n")) == read(an_837())


def test_names_may_be_utf_8_or_latin_1() -> None:
    for encoding in ("utf-8", "latin-1"):
        (claim,) = documents(read(an_837().replace("DOE", "DOË").encode(encoding)))
        assert claim.subscriber.last_name == "DOË"


def test_positions_count_problems_and_claims_in_the_order_of_the_file() -> None:
    content = an_837("XYZ*1~" + CLAIM + LINE + CLAIM.replace("A1", "A2") + LINE, se=3)
    whole = read(content)
    assert [record.problem for record in whole] == [
        "unknown segment identifier", None, None, "SE counts 3, there are 25",
    ]  # fmt: skip
    assert [record.position for record in whole] == [1, 2, 3, 4]
    assert [read(content, after) for after in range(6)] == [whole[after:] for after in range(6)]


ENVELOPES = {
    "no SE": (an_837().replace("SE*19*0001~", ""), ["no SE: the transaction set has no end"]),
    "cut off": (
        an_837().partition("SE*")[0],
        [
            "no SE: the transaction set has no end", "no GE: the group has no end",
            "no IEA: the interchange has no end",
        ],
    ),
    "SE02": (an_837().replace("SE*19*0001", "SE*19*9"), ["SE02 is not the control number of ST"]),
    "SE01": (an_837().replace("SE*19*", "SE*many*"), ["SE01 is not a count"]),
    "GE01": (an_837().replace("GE*1*7", "GE*2*7"), ["GE counts 2, there are 1"]),
    "IEA02": (an_837().replace("IEA*1*0", "IEA*1*9"), ["IEA02 is not the control number of ISA"]),
    "GE without GS": (an_837(gs=""), ["GE without GS", "IEA counts 1, there are 0"]),
    "outside": (an_837() + "NM1*85~NM1*87~", ["segments outside of a transaction set"]),
    "another set": (
        an_837().replace("GE*1*7", "ST*999*2~AK1*HC~SE*3*2~GE*2*7"),
        ["the transaction set is not an 837"],
    ),
    "level": (an_837(CLAIM + LINE + "HL*9**99~"), ["HL is of no level that an 837 has"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", ENVELOPES)
def test_a_broken_envelope_is_told_and_costs_no_claim(kind: str) -> None:
    content, told = ENVELOPES[kind]
    records = read(content)
    assert problems(records) == told
    assert [claim.patient_control_number for claim in documents(records)] == ["A1"]


def test_nothing_and_no_x12_at_all_are_told() -> None:
    assert problems(read(b"")) == ["no ISA: there is nothing to read"]
    assert problems(read(b"Dear Sir or Madam~yours~")) == [
        "no ISA: the interchange has no envelope", "segments outside of a transaction set",
    ]  # fmt: skip


FLAWS = {
    "CLM02": (CLAIM.replace("*100*", "*JANE*") + LINE, "CLM02 at segment 16 is not a number"),
    "no CLM02": (CLAIM.replace("*100*", "**") + LINE, "CLM02 at segment 16 is empty"),
    "CLM05": (
        CLAIM.replace("11:B:1", "11>B>1") + LINE,
        "CLM05 at segment 16 is not a facility code, its qualifier and a frequency code",
    ),
    "date": (CLAIM + LINE.replace("20250102", "20250231"), "DTP*472 at segment 20 is not a date"),
    "hour": (
        CLAIM + LINE.replace("20250102", "20250102DOE"), "DTP*472 at segment 20 is not a date",
    ),
    "form": (
        CLAIM + LINE.replace("D8*2025", "XX*2025"),
        "DTP*472 at segment 20 is of no form that can be read",
    ),
    "pointer": (
        CLAIM + LINE.replace("***1~", "***A~"), "SV107 at segment 19 is not a whole number",
    ),
    "charge": (CLAIM + LINE.replace("*100*", "*1O0*"), "SV102 at segment 19 is not a number"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FLAWS)
def test_a_claim_that_cannot_be_read_is_told_without_values_and_the_next_goes_on(
    kind: str,
) -> None:
    claims, problem = FLAWS[kind]
    bad, good = read(an_837(claims + CLAIM.replace("A1", "A2") + LINE))
    assert bad.problem == problem
    assert good.document is not None and good.document.patient_control_number == "A2"


def test_a_claim_without_end_is_told_and_not_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claimflow.importers._x12_envelope.CLAIM_SEGMENTS_MAX", 10)
    record, *rest = read(an_837(CLAIM + LINE * 5))
    assert record.problem == "more than 30000 segments in a claim"
    assert not rest


def test_a_segment_without_end_is_told_and_passed_over() -> None:
    records = read(an_837(CLAIM + "NTE*ADD*" + "X" * 200_000 + "~" + LINE))
    assert problems(records) == [
        "a segment of more than 65536 bytes", "SE counts 20, there are 19",
    ]  # fmt: skip
    assert len(list(documents(records))) == 1


def test_what_a_claim_says_on_its_own_account() -> None:
    more = (
        "DTP*431*D8*20241231~DTP*484*D8*20241201~PWK*OZ*EL***AC*ATT1~REF*F8*CLAIM0~REF*G1*AUTH~"
        "REF*9F*REFERRAL~NTE*ADD*a note~NM1*DN*1*WHO*REFERS****XX*1993999998~"
    )
    (claim,) = documents(read(an_837(CLAIM.replace(":B:1", ":B:7") + more + LINE)))
    assert (claim.frequency_code, claim.original_claim_number) == ("7", "CLAIM0")
    assert (claim.prior_authorization_number, claim.referral_number) == ("AUTH", "REFERRAL")
    assert (claim.onset_date.year, claim.last_menstrual_period_date.month) == (2024, 12)
    assert claim.attachments[0].control_number == "ATT1"
    assert (list(claim.notes), claim.referring_provider.npi) == (["a note"], "1993999998")


def test_what_a_line_says_on_its_own_account() -> None:
    line = (
        "LX*5~SV1*HC:97110:GP:59:::HANDS ON*10.5*MJ*15*12**1:2**Y**Y*Y~"
        "DTP*472*RD8*20250102-20250105~REF*6R*L5~NTE*ADD*about it~"
        "NM1*82*1*HANDS*ON****XX*1558598797~"
        "PRV*PE*PXC*225100000X~"
    )  # fmt: skip
    (claim,) = documents(read(an_837(CLAIM + line)))
    (found,) = claim.service_lines
    assert (found.line_number, found.line_control_number, found.note) == (1, "L5", "about it")
    assert (list(found.procedure.modifiers), found.procedure.description) == (
        ["GP", "59"],
        "HANDS ON",
    )
    assert (found.charge, found.units, found.unit_basis_code) == ("10.50", "15", "MJ")
    assert (found.place_of_service_code, list(found.diagnosis_pointers)) == ("12", [1, 2])
    assert found.emergency and found.epsdt and found.family_planning
    assert (found.rendering_provider.npi, found.rendering_provider.taxonomy_code) == (
        "1558598797", "225100000X",
    )  # fmt: skip


def test_an_inpatient_stay() -> None:
    claim_text = (
        "CLM*A1*100***11:A:1**A*Y*Y~DTP*096*TM*1430~DTP*434*RD8*20250101-20250104~"
        "DTP*435*DT*202501010815~CL1*1*7*01~HI*ABK:J189:::::::Y*ABJ:R0602~HI*BBR:0BJ08ZZ:D8:20250102~"
        "HI*DR:193~HI*BI:70:RD8:20250101-20250102~LX*1~SV2*0120**100*DA*3~"
    )  # fmt: skip
    (claim,) = documents(read(an_837(claim_text, gs=GS.replace("X222A1", "X223A2"))))
    assert (claim.facility_type_code, claim.place_of_service_code) == ("11", "")
    assert (claim.discharge_hour, claim.admission_date.day) == ("14", 1)
    assert (claim.statement_from_date.day, claim.statement_through_date.day) == (1, 4)
    assert (claim.admission_type_code, claim.admission_source_code) == ("1", "7")
    assert claim.diagnoses[0].present_on_admission_code == "Y"
    assert claim.icd_procedures[0].code_system == CODE_SYSTEM_ICD_10_PCS
    assert (claim.drg_code, claim.occurrence_codes[0].through_date.day) == ("193", 2)
    (line,) = claim.service_lines
    assert (line.revenue_code, line.units, line.HasField("procedure")) == ("0120", "3", False)


def test_a_dental_claim() -> None:
    line = "LX*1~SV3*AD:D2150*100*11*10**1~TOO*JP*12*L:O~DTP*472*D8*20250102~"
    (claim,) = documents(read(an_837(CLAIM + line, gs=GS.replace("X222A1", "X224A2"))))
    (found,) = claim.service_lines
    assert (claim.type, claim.source.system) == (CLAIM_TYPE_DENTAL, "X12_837D")
    assert found.procedure.code_system == CODE_SYSTEM_CDT
    assert (found.tooth.number, list(found.tooth.surfaces)) == ("12", ["L", "O"])
    assert list(found.tooth.oral_cavity_codes) == ["10"]


PIECES = st.sampled_from(
    (
        ISA, GS, "ST*837*0001~", PARENTS, CLAIM, LINE, "SE*1*0001~", "GE*1*7~", "IEA*1*000000001~",
        "SBR*P~", "CAS*PR*1*x~", "AMT*D*~", "SVD*1*2~", "HI*ABK~", "HI*BH:A:D8:1~", "HL***22~",
        "ISA", "*", ":", "~", "\0", "SV2*1~", "SV3*2~", "LX~", "DTP~", "CLM~", "NM1~", "é", "\n",
    )
)  # fmt: skip


@given(content=st.binary(max_size=400))
@example(content=b"ISA")
@example(content=b"ISA*" * 40)
def test_any_bytes_are_read_to_their_end(content: bytes) -> None:
    for position, record in enumerate(read(content), 1):
        assert record.position == position
        assert (record.document is None) != (record.problem is None)


@given(pieces=st.lists(PIECES, max_size=30))
def test_pieces_in_any_order_are_read_to_their_end(pieces: list[str]) -> None:
    records = read("".join(pieces))
    assert [record.position for record in records] == list(range(1, len(records) + 1))


@given(st.data())
def test_a_file_with_any_byte_changed_is_read_to_its_end(data: st.DataObject) -> None:
    content = bytearray(an_837().encode())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    assert read(bytes(content))
