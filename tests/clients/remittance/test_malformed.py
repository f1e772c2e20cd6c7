"""What the 835 reader says of a broken file: each kind of malformation, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from claimflow.remittance import Malformation, Severity, read
from tests.clients.remittance.support import (
    GS,
    ISA,
    SOUND,
    TAIL,
    a_set,
    an_835,
)
from tests.clients.remittance.test_reader import CAS, SVC, changed, told


def swapped(before: str, after: str) -> str:
    """Return a sound file with one thing changed, its segment count left as it was."""
    assert before in an_835()
    return an_835().replace(before, after, 1)


# Each with all that is told of it: kind, segment, message.
K = Malformation
STORIES: Mapping[str, tuple[str, list[tuple[Malformation, int, str]]]] = {
    "nothing": ("", [(K.EMPTY, 1, "there is nothing to read")]),
    "no X12": (
        "Dear Sir or Madam", [(K.OUTSIDE_SET, 1, "segments outside of a transaction set")],
    ),
    "a segment without end": (
        changed(SVC, SVC + "REF*6R*" + "9" * 200_000 + "~"),
        [(K.TOO_LONG, 15, "a segment of more than 65536 bytes")],
    ),
    "a short ISA": (
        swapped("PAYER          *", "PAYER         *"),
        [(K.INTERCHANGE_HEADER, 1, "ISA is 105 characters long, 106 expected")],
    ),
    "a byte-order mark inside": (
        swapped("CLP*", "\ufeffCLP*"),
        [(K.BYTE_ORDER_MARK, 12, "a byte-order mark that is not at the start of the file")],
    ),
    "no ISA": (
        swapped(ISA, ""),
        [(K.ENVELOPE_MISSING, 1, "GS without ISA"), (K.TRAILER_UNEXPECTED, 25, "IEA without ISA")],
    ),
    "no envelope": (a_set(), [(K.ENVELOPE_MISSING, 1, "ST without GS")]),
    "no SE": (
        swapped("SE*22*0007~", ""),
        [(K.TRAILER_MISSING, 24, "ST without SE")],
    ),
    "cut off": (
        an_835().partition("SE*")[0],
        [
            (K.TRAILER_MISSING, 23, "ST without SE"), (K.TRAILER_MISSING, 23, "GS without GE"),
            (K.TRAILER_MISSING, 23, "ISA without IEA"),
        ],
    ),
    "another SE": (
        swapped("GE*1*12", "SE*1*0007~GE*1*12"),
        [(K.TRAILER_UNEXPECTED, 25, "SE without ST")],
    ),
    "SE01": (swapped("SE*22*", "SE*23*"), [(K.COUNT, 24, "SE counts 23, there are 22")]),
    "SE01 no number": (swapped("SE*22*", "SE*+22*"), [(K.COUNT, 24, "SE01 is not a count")]),
    "GE01": (swapped("GE*1*", "GE*2*"), [(K.COUNT, 25, "GE counts 2, there are 1")]),
    "IEA01": (swapped("IEA*1*", "IEA*0*"), [(K.COUNT, 26, "IEA counts 0, there are 1")]),
    "SE02": (
        swapped("SE*22*0007", "SE*22*0008"),
        [(K.CONTROL_NUMBER, 24, "SE02 is not the control number of ST")],
    ),
    "GE02": (
        swapped("GE*1*12", "GE*1*13"),
        [(K.CONTROL_NUMBER, 25, "GE02 is not the control number of GS")],
    ),
    "IEA02": (
        swapped("IEA*1*000000907", "IEA*1*907"),
        [(K.CONTROL_NUMBER, 26, "IEA02 is not the control number of ISA")],
    ),
    "version": (
        swapped("005010X221A1", "004010X091A1"),
        [(K.VERSION, 3, "GS08 is not a version of 005010X221")],
    ),
    "another set": (
        swapped("GE*1*", "ST*999*0008~AK1*HP*1~SE*3*0008~GE*2*"),
        [(K.FOREIGN_SET, 25, "ST is not of an 835")],
    ),
    "outside": (
        an_835() + "CLP*P1~CLP*P2~", [(K.OUTSIDE_SET, 27, "segments outside of a transaction set")],
    ),
    "unknown": (
        changed(CAS, CAS + "JANE*DOE~"), [(K.UNKNOWN_SEGMENT, 17, "unknown segment identifier")],
    ),
    "no BPR": (
        changed("BPR*I*101*C*CHK************20250301~", ""),
        [(K.SEGMENT_MISSING, 23, "there is no BPR")],
    ),
    "no TRN": (changed("TRN*1*T1*1512345678~", ""), [(K.SEGMENT_MISSING, 23, "there is no TRN")]),
    "no payer": (
        changed("N1*PR*A PAYER~N3*1 ROAD~N4*TOWN*MD*20705~PER*BL*EDI~", ""),
        [(K.SEGMENT_MISSING, 20, "there is no N1*PR")],
    ),
    "no payee": (
        changed("N1*PE*A CLINIC*XX*1234567893~", ""),
        [(K.SEGMENT_MISSING, 23, "there is no N1*PE")],
    ),
    "two TRN": (
        changed("TRN*1*T1*", "TRN*1*T0*1512345678~TRN*1*T1*"),
        [(K.MISPLACED, 6, "TRN stands a second time")],
    ),
    "two payers": (
        changed("N1*PE", "N1*PR*ANOTHER~N3*ROAD~N1*PE"),
        [(K.MISPLACED, 10, "N1 stands a second time")],
    ),
    "address of nobody": (
        changed("N1*PR", "N3*ROAD~N1*PR"), [(K.MISPLACED, 6, "N3 stands where it has no place")],
    ),
    "CLP before LX": (changed("LX*1~", ""), [(K.MISPLACED, 11, "CLP stands before any LX")]),
    "SVC before CLP": (
        changed("LX*1~", f"LX*1~{SVC}"), [(K.MISPLACED, 12, "SVC stands outside of a claim")],
    ),
    "CAS before CLP": (
        changed("LX*1~", f"LX*1~{CAS}"), [(K.MISPLACED, 12, "CAS stands where it has no place")],
    ),
    "LQ of a claim": (
        changed("NM1*QC*1~", "NM1*QC*1~LQ*HE*N14~"),
        [(K.MISPLACED, 14, "LQ stands where it has no place")],
    ),
    "MOA of a line": (
        changed(CAS, CAS + "MOA***MA02~"), [(K.MISPLACED, 17, "MOA stands where it has no place")],
    ),
    "after PLB": (changed(TAIL, TAIL + "LX*2~"), [(K.MISPLACED, 24, "LX stands after PLB")]),
    "no amount": (changed("*100*70*", "**70*"), [(K.NUMBER, 12, "CLP03 is empty")]),
    "letters": (changed("*60*40~", "*60*4O~"), [(K.NUMBER, 14, "SVC03 is not a number")]),
    "exponent": (
        changed("CAS*CO*45*20", "CAS*CO*45*2E1"),
        [(K.NUMBER, 16, "CAS03 is not a number")],
    ),
    "plus": (changed("L6*-1~", "L6*+1~"), [(K.NUMBER, 23, "PLB04 is not a number")]),
    "quantity": (
        changed("*60*40~", "*60*40**X~"), [(K.NUMBER, 14, "SVC05 is not a number")],
    ),
    "three decimals": (
        changed("*60*40~", "*60*40.005~"), [(K.SCALE, 14, "SVC03 has more than two decimals")],
    ),
    "no day": (changed("472*20250102", "472*20250230"), [(K.DATE, 15, "DTM02 is not a date")]),
    "claim's day": (
        changed("NM1*QC*1~", "NM1*QC*1~DTM*233*20250230~"), [(K.DATE, 14, "DTM02 is not a date")],
    ),
    "short day": (changed("472*20250102", "472*250102"), [(K.DATE, 15, "DTM02 is not a date")]),
    "no number of the claim": (
        changed("CLP*P1*1*100", "CLP**1*100"), [(K.ELEMENT_MISSING, 12, "CLP01 is empty")],
    ),
    "empty CAS": (changed(CAS, CAS + "CAS*CO~"), [(K.ELEMENT_MISSING, 17, "CAS02 is empty")]),
    "reason without code": (
        changed(CAS, CAS + "CAS*PI**0~"), [(K.ELEMENT_MISSING, 17, "CAS02 is empty")],
    ),
    "status": (changed("CLP*P1*1*", "CLP*P1*9*"), [(K.CODE, 12, "CLP02 is not a known code")]),
    "group": (changed("CAS*PR*1", "CAS*CR*1"), [(K.CODE, 19, "CAS01 is not a known code")]),
    "reason": (
        changed("CAS*CO*45", "CAS*CO*JANE"),
        [(K.CODE, 16, "CAS02 does not look like a reason code")],
    ),
    "handling": (changed("BPR*I*", "BPR*Y*"), [(K.CODE, 4, "BPR01 is not a known code")]),
    "party": (changed("N1*PE", "N1*40*X~N3*Y~N1*PE"), [(K.CODE, 10, "N101 is not a known code")]),
    "two revenue codes": (
        changed("HC:99213*60*40", "NU:0450*60*40*0300"),
        [(K.CODE, 14, "SVC04 is not the revenue code of SVC01")],
    ),
    "separator": (
        changed("HC:99213*60", "HC>99213>25*60"),
        [(K.COMPOSITE, 14, "SVC01 is not separated as the interchange declares")],
    ),
    "no composite": (
        changed("HC:99213*60", "99213*60"),
        [(K.COMPOSITE, 14, "SVC01 is not a qualifier and a code")],
    ),
    "seven adjustments": (
        changed(CAS, "CAS*CO*45*14**1*1**2*1**3*1**4*1**5*1**6*1~"),
        [(K.REPEATED_TOO_OFTEN, 16, "CAS has more than 6 adjustments")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_what_is_malformed_is_told_with_its_segment(story: str) -> None:
    content, expected = STORIES[story]
    assert told(read(content)) == expected


def test_every_kind_of_malformation_has_a_story() -> None:
    assert {kind for _, told in STORIES.values() for kind, _, _ in told} == set(Malformation)


HARMLESS = {
    "a short ISA", "no envelope", "version", "another set", "unknown", "no day",
    "no number of the claim", "status", "handling", "party", "reason", "separator",
    "no composite", "seven adjustments",
}  # fmt: skip


@pytest.mark.parametrize("story", sorted(HARMLESS))
def test_what_touches_no_amount_is_a_warning_and_the_sums_hold(story: str) -> None:
    reading = read(STORIES[story][0])
    assert {each.severity for each in reading.problems} == {Severity.WARNING}
    assert reading.is_whole
    (one,) = reading.remittances
    assert one.amount == SOUND.amount
    assert [claim.paid for claim in one.claims] == [claim.paid for claim in SOUND.claims]
    assert [list(claim.all_adjustments()) for claim in one.claims][1:] == [
        list(claim.all_adjustments()) for claim in SOUND.claims
    ][1:]


LOSING = {
    "nothing", "no X12", "a segment without end", "no SE", "cut off", "another SE", "SE01", "SE02",
    "GE01", "IEA02", "outside", "no BPR", "no TRN", "two TRN", "after PLB", "no amount", "letters",
    "three decimals",
}  # fmt: skip


@pytest.mark.parametrize("story", sorted(LOSING))
def test_what_may_cost_an_amount_is_an_error(story: str) -> None:
    reading = read(STORIES[story][0])
    assert not reading.is_whole
    assert Severity.ERROR in {each.severity for each in reading.problems}


@pytest.mark.parametrize("story", ["two TRN", "two payers", "address of nobody", "after PLB"])
def test_what_stands_a_second_time_or_out_of_place_is_passed_over(story: str) -> None:
    (one,) = read(STORIES[story][0]).remittances
    first = "T0" if story == "two TRN" else "T1"
    assert one == replace(SOUND, trace_number=first)


@pytest.mark.parametrize("story", ["no day", "short day"])
def test_a_day_that_cannot_be_read_is_none(story: str) -> None:
    (one,) = read(STORIES[story][0]).remittances
    assert [line.service_from for line in one.claims[0].lines] == [None, date(2025, 1, 3)]


def test_a_file_of_other_sets_is_not_whole_though_nothing_in_it_is_wrong() -> None:
    content = f"{ISA}{GS}ST*999*1~AK1*HP*1~SE*3*1~GE*1*12~IEA*1*000000907~"
    reading = read(content)
    assert (told(reading), reading.is_whole) == ([(K.FOREIGN_SET, 3, "ST is not of an 835")], False)


def test_what_cannot_be_read_becomes_zero_and_no_cent_is_lost_in_rounding() -> None:
    (one,) = read(STORIES["letters"][0]).remittances
    assert one.claims[0].lines[0].paid == 0
    (one,) = read(STORIES["three decimals"][0]).remittances
    assert f"{one.claims[0].lines[0].paid}" == "40.01"


def test_another_separator_is_understood() -> None:
    (one,) = read(STORIES["separator"][0]).remittances
    line = one.claims[0].lines[0]
    assert (line.procedure_system, line.procedure_code, line.modifiers) == ("HC", "99213", ("25",))
    (one,) = read(changed("L6*-1~", "WO>N7*-1~")).remittances
    (entry,) = one.provider_adjustments
    assert (entry.reason_code, entry.reference) == ("WO", "N7")


def test_a_file_has_a_limit() -> None:
    reading = read(an_835(), segments_max=20)
    assert told(reading)[0] == (K.TOO_LONG, 21, "more than 20 segments")
    assert not reading.is_whole
    assert read(an_835(), segments_max=26).problems == ()


def test_an_empty_set_is_no_balanced_remittance() -> None:
    reading = read(an_835(""))
    assert [kind for kind, _, _ in told(reading)] == [K.SEGMENT_MISSING] * 4
    assert not reading.is_whole
