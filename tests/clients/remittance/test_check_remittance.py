"""`claimflow check-remittance`: verdicts, figures and exit codes, without any server."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from claimflow.cli.main import main
from claimflow.remittance import Patient, Remittance, reversal_of, write
from tests.clients.remittance.support import (
    GS,
    INTERCHANGE,
    ISA,
    SOUND,
    adjusted,
    an_835,
    claim,
    line,
    provider_adjustment,
    remittance,
)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave no server to be asked."""
    monkeypatch.setenv("CLAIMFLOW_HOME", str(tmp_path / "no home"))
    monkeypatch.setenv("CLAIMFLOW_COMMAND_ADDR", "127.0.0.1:1")
    monkeypatch.setenv("CLAIMFLOW_QUERY_ADDR", "127.0.0.1:1")


def run(*arguments: str | Path) -> Result:
    words = [str(argument) for argument in arguments]
    result = CliRunner().invoke(main, ["check-remittance", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def documents(result: Result) -> list[dict[str, Any]]:
    return [json.loads(text) for text in result.stdout.splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def create(content: str | Remittance, *more: Remittance, name: str = "a.835") -> Path:
        path = tmp_path / name
        whole = content if isinstance(content, str) else write([content, *more], INTERCHANGE)
        path.write_text(whole)
        return path

    return create


SHORT = replace(SOUND, amount=Decimal("100.00"))


def test_a_balanced_file_shows_its_sums(file: Any) -> None:
    result = run(file(SOUND))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "a.835 transaction 1: balanced: 70.00 + 30.00 - (-1.00) = 101.00",
        "  lines:  100.00 charged - 30.00 adjusted = 70.00 paid",
        "  claims: 150.00 charged - 50.00 adjusted = 100.00 paid",
    ]


def test_a_file_that_does_not_balance_says_which_rule_where_and_by_how_much(file: Any) -> None:
    first, second = SOUND.claims
    wrong = replace(first.lines[1], paid=Decimal("29.00"))
    broken = replace(first, lines=(first.lines[0], wrong))
    result = run(file(replace(SOUND, claims=(second, broken))))
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "a.835 transaction 1: not balanced: 30.00 + 70.00 - (-1.00) = 101.00",
        "  lines:  100.00 charged - 30.00 adjusted = 70.00, not 69.00 paid",
        "  claims: 150.00 charged - 50.00 adjusted = 100.00 paid",
        "  ERROR M3 claim 2 line 2: the charge less the adjustments is not the payment of the line "
        "(30.00 expected, 29.00 there)",
        "  ERROR M4 claim 2: the payments of the lines less the claim's adjustments are not its "
        "payment (69.00 expected, 70.00 there)",
    ]


def test_x4_m5_a_payment_below_zero_names_the_entry_that_mends_it(file: Any) -> None:
    below = remittance(
        claim("0.00", "0.00"),
        provider=[provider_adjustment("WO", "25.00")],
        amount=Decimal("0.00"),
    )
    result = run(file(below))
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "a.835 transaction 1: not balanced: 0.00 - 25.00 = -25.00, not 0.00"
    assert "  lines:  none" in lines
    assert lines[-1] == (
        "  ERROR M5: the payment comes to less than zero; a forward balance (FB) of -25.00 mends"
        " it (-25.00 expected, 0.00 there)"
    )


def test_many_claims_are_one_sum(file: Any) -> None:
    claims = [claim("1.00", "1.00", payer_claim_control_number=f"N{n}") for n in range(9)]
    lines = run(file(remittance(*claims))).stdout.splitlines()
    assert lines[0] == "a.835 transaction 1: balanced: 9.00 = 9.00"


def test_a_warning_is_told_and_changes_no_verdict(file: Any) -> None:
    result = run(file(remittance(claim("9.00", "0.00", "CO-16 9.00"))))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == ("  WARNING M11 claim 1: CO-16 needs a remark code")


def test_m20_a_figure_without_an_expectation_stands_alone(file: Any) -> None:
    result = run(file(remittance(claim("9.00", "9.00"), provider=[provider_adjustment("L6", "1")])))
    assert result.stdout.splitlines()[-1].endswith("so it reduces the payment (1.00)")


def test_an_amount_that_cannot_be_read_proves_nothing(file: Any, tmp_path: Path) -> None:
    result = run(file(an_835().replace("PLB*1234567893*20251231*L6*-1", "PLB*1*20251231*L6*ONE")))
    assert result.exit_code == 2
    lines = result.stdout.splitlines()
    assert lines[0].startswith("a.835 transaction 1: unreadable: ")
    assert "  ERROR NUMBER at segment 23: PLB04 is not a number" in lines
    (told,) = documents(run("--json", tmp_path / "a.835"))
    assert told["read_problems"] == [
        {
            "kind": "NUMBER", "severity": "ERROR", "segment": 23,
            "message": "PLB04 is not a number",
        }
    ]  # fmt: skip


def test_a_file_that_is_no_835_is_unreadable(file: Any) -> None:
    result = run(file("Dear Sir or Madam"))
    assert (result.exit_code, result.stdout.splitlines()) == (
        2,
        [
            "a.835: unreadable",
            "  ERROR OUTSIDE_SET at segment 1: segments outside of a transaction set",
        ],
    )


def test_a_file_of_other_sets_is_unreadable_too(file: Any) -> None:
    result = run(file(f"{ISA}{GS}ST*999*1~AK1*HP*1~SE*3*1~GE*1*12~IEA*1*000000907~"))
    assert result.exit_code == 2
    assert result.stdout.splitlines()[0] == "a.835: unreadable"


def test_what_is_wrong_around_the_transactions_is_told_after_them(file: Any) -> None:
    other = an_835().replace("GE*1*", "ST*999*0008~AK1*HP*1~SE*3*0008~GE*2*")
    result = run(file(other))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[3:] == [
        "a.835: around them", "  WARNING FOREIGN_SET at segment 25: ST is not of an 835",
    ]  # fmt: skip
    (_, around) = documents(run("--json", file(other)))
    assert (around["transaction"], around["verdict"]) == (None, None)
    assert run(file(an_835().replace("GE*1*", "GE*2*"))).exit_code == 2


def test_the_worst_transaction_of_all_files_is_the_exit_code(file: Any) -> None:
    good, bad = file(SOUND, name="good"), file(SOUND, SHORT, name="bad")
    unreadable = file("", name="unreadable")
    assert run(good, good).exit_code == 0
    assert run(bad, good).exit_code == 1
    assert run(bad, unreadable, good).exit_code == 2
    assert [each["verdict"] for each in documents(run("--json", good, bad, unreadable))] == [
        "BALANCED", "BALANCED", "NOT_BALANCED", "UNREADABLE",
    ]  # fmt: skip


def test_m17_a_reversal_is_compared_with_an_earlier_transaction_of_its_file(file: Any) -> None:
    paid = remittance(SOUND.claims[0])
    wrong = replace(reversal_of(SOUND.claims[0]), charge=Decimal("-99.00"), paid=Decimal("-69.00"))
    other = claim("500.00", "500.00", payer_claim_control_number="N9")
    told = documents(run("--json", file(paid, remittance(wrong, other))))
    assert "M17" in {problem["rule"] for problem in told[1]["problems"]}
    told = documents(run("--json", file(remittance(wrong, other))))
    assert "M17" not in {problem["rule"] for problem in told[0]["problems"]}


def test_json_has_amounts_as_text_and_indices_from_0(file: Any) -> None:
    whole = remittance(claim("9.00", "8.00", lines=[line("9.00", "8.00", "CO-45 2.00")]))
    result = run("--json", file(whole))
    (told,) = documents(result)
    assert result.exit_code == 1
    assert (told["source"], told["transaction"], told["trace_number"]) == ("a.835", 1, "T1")
    assert (told["verdict"], told["claims"], told["read_problems"]) == ("NOT_BALANCED", 1, [])
    assert told["sums"]["line_adjusted"] == "2.00"
    assert told["problems"][0] == {
        "rule": "M3", "severity": "ERROR", "claim_index": 0, "line_index": 0,
        "message": "the charge less the adjustments is not the payment of the line",
        "expected": "7.00", "actual": "8.00",
    }  # fmt: skip


def test_json_may_be_asked_for_before_the_word(file: Any) -> None:
    path = file(SOUND)
    result = CliRunner().invoke(main, ["--json", "check-remittance", str(path)])
    assert result.stdout == run("--json", path).stdout
    assert json.loads(result.stdout)["verdict"] == "BALANCED"


@pytest.mark.parametrize("arguments", [[], ["no such file"]])
def test_no_file_is_wrong_usage(arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")


def test_no_person_is_printed(file: Any) -> None:
    patient = Patient(
        last_name="DOE", first_name="JANE", identifier_qualifier="MI", identifier="M7"
    )
    named = replace(
        SOUND.claims[0], patient=patient, patient_control_number="PCN77",
        adjustments=adjusted("CO-45 0.00"),
    )  # fmt: skip
    path = file(remittance(named))
    for printed in (run(path).output, run("--json", path).output):
        assert "M9" in printed
        for value in ("DOE", "JANE", "M7", "PCN77"):
            assert value not in printed


def test_m5_the_published_files_are_balanced_as_the_domain_says(shared_data: Path) -> None:
    folder = shared_data / "linuxforhealth-x12" / "835_005010X221A1"
    result = run(*sorted(folder.glob("*.835")), shared_data / "pyx12" / "835_mult_loops.txt")
    assert result.exit_code == 0
    verdicts = [text for text in result.stdout.splitlines() if not text.startswith(" ")]
    assert verdicts == [
        "cob-contractural-adjustment.835 transaction 1: balanced: 34.00 = 34.00",
        "managed-care.835 transaction 1: balanced: 450.00 + 495.00 = 945.00",
        "medicare-part-a.835 transaction 1: balanced: 138018.40 + 11980.33 - (-1.27) = 150000.00",
        "835_mult_loops.txt transaction 1: balanced: 0.00 = 0.00",
    ]
