"""One word for each command of the workflow."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from claimflow.client import values
from claimflow.v1 import claim_pb2, command_service_pb2
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.common_pb2 import EventReference, Receipt
from claimflow.v1.query_service_pb2 import GetClaimResponse

ID = "01890000-0000-7000-8000-000000000001"
CLAIM = values.build(
    Claim,
    {
        "claim_id": ID,
        "claim_number": "C7",
        "state": "ACCEPTED",
        "version": 4,
        "document": {
            "total_charge": "150.00",
            "service_lines": [
                {"line_number": 1, "charge": "100.00", "units": "2"},
                {"line_number": 2, "charge": "50.01", "units": "1"},
                {"line_number": 3, "charge": "0.00", "units": "1"},
            ],
        },
    },
)
RECEIPT = Receipt(
    request_id="r-1",
    consistency_token="T1",
    version=5,
    events=[EventReference(version=5, event_type="ClaimPended")],
)

WORDS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "PendClaim": (("pend", ID, "DUP"), {"pend_code": "DUP"}),
    "ResolvePend": (("resolve", ID, "DUP"), {"pend_code": "DUP"}),
    "RequestInformation": (
        ("request-info", ID, "--item", "11506-3:2:notes, please", "--due", "2030-01-31"),
        {"party": claim_pb2.INFORMATION_PARTY_PROVIDER},
    ),
    "ExpireInformationRequest": (("expire-info", ID, "i-1"), {"information_request_id": "i-1"}),
    "ReturnForRework": (("return", ID), {}),
    "FinalizeClaim": (("finalize", ID), {}),
    "CloseClaim": (("close", ID), {}),
    "AssignClaim": (("assign", ID, "ana"), {"assignee": "ana"}),
    "TakeNextClaim": (("take", "GENERAL"), {"queue": "GENERAL"}),
    "ReleaseClaim": (("release", ID), {}),
    "TransferClaim": (("transfer", ID, "SIU"), {"queue": "SIU"}),
    "AddNote": (
        ("note", ID, "called back", "--kind", "clinical"),
        {"text": "called back", "kind": claim_pb2.NOTE_KIND_CLINICAL},
    ),
    "RedactNote": (("redact-note", ID, "n-1"), {"note_id": "n-1"}),
    "VoidClaim": (("void", ID), {}),
    "ReopenClaim": (("reopen", ID), {}),
    "PlaceHold": (("hold", "place", ID, "LEGAL"), {"kind": "LEGAL"}),
    "ReleaseHold": (("hold", "release", ID, "LEGAL"), {"kind": "LEGAL"}),
    "FileAppeal": (
        ("appeal", "file", ID, "--level", "2", "--line", "1", "--line", "3", "--good-cause", "ILL"),
        {"level": 2, "line_numbers": [1, 3], "good_cause_code": "ILL"},
    ),
    "WithdrawAppeal": (("appeal", "withdraw", ID, "a-1"), {"appeal_id": "a-1"}),
    "DismissAppeal": (("appeal", "dismiss", ID, "a-1"), {"appeal_id": "a-1"}),
    "DecideAppeal": (
        ("appeal", "decide", ID, "a-1", "partly-overturned"),
        {"appeal_id": "a-1", "outcome": claim_pb2.APPEAL_OUTCOME_PARTLY_OVERTURNED},
    ),
    "RecordOverpayment": (("overpayment", "record", ID, "9.5"), {"amount": "9.50"}),
    "RecoupOverpayment": (
        ("overpayment", "recoup", ID, "o-1", "4"),
        {"overpayment_id": "o-1", "amount": "4.00"},
    ),
    "AdjudicateClaim": (
        ("adjudicate", "--auto", ID),
        {"mode": claim_pb2.ADJUDICATION_MODE_AUTO, "lines": [], "paid": ""},
    ),
}


def reply(method: str) -> Any:
    return getattr(command_service_pb2, f"{method}Response")(claim=CLAIM, receipt=RECEIPT)


def read(servers: Any, claim: Claim = CLAIM) -> None:
    servers.on("GetClaim", GetClaimResponse(claim=claim))


def adjudicated(shell: Any, servers: Any, *arguments: Any, stdin: str | None = None) -> Any:
    read(servers)
    servers.on("AdjudicateClaim", reply("AdjudicateClaim"))
    told = shell("adjudicate", ID, *arguments, stdin=stdin)
    assert told.exit_code == 0, told.stderr
    return servers.requests("AdjudicateClaim")[0]


@pytest.mark.parametrize("method", WORDS)
def test_a_word_sends_its_command(shell: Any, servers: Any, method: str) -> None:
    arguments, fields = WORDS[method]
    servers.on(method, reply(method))
    told = shell(*arguments, "--reason", "WHY", "--reason-text", "since")
    assert told.exit_code == 0, told.stderr
    request = servers.requests(method)[0]
    assert {name: getattr(request, name) for name in fields} == fields
    assert (request.reason.code, request.reason.text) == ("WHY", "since")
    assert getattr(request, "claim_id", ID) == ID


def test_a_result_shows_state_events_and_token(shell: Any, servers: Any) -> None:
    servers.on("PendClaim", reply("PendClaim"))
    told = shell("pend", ID, "DUP").stdout
    for part in ("C7", "ACCEPTED", "version 4", "ClaimPended", "T1", "r-1"):
        assert part in told


def test_a_result_as_json_is_one_document(shell: Any, servers: Any) -> None:
    servers.on("PendClaim", reply("PendClaim"))
    (document,) = shell.json("pend", ID, "DUP").documents
    assert document["claim"]["state"] == "ACCEPTED"
    assert document["claim"]["document"]["total_charge"] == "150.00"
    assert document["receipt"]["consistency_token"] == "T1"


def test_a_claim_may_be_named_by_its_number(shell: Any, servers: Any) -> None:
    read(servers)
    servers.on("PendClaim", reply("PendClaim"))
    shell("pend", "C7", "DUP")
    assert servers.requests("GetClaim")[0].claim_number == "C7"
    assert servers.requests("PendClaim")[0].claim_id == ID


def test_submit_takes_a_json_file(shell: Any, servers: Any) -> None:
    servers.on("SubmitClaim", reply("SubmitClaim"))
    text = '{"type": "professional", "total_charge": 12.10, "onset_date": "2026-01-31"}'
    assert shell("submit", "-", stdin=text).exit_code == 0
    document = servers.requests("SubmitClaim")[0].document
    assert (document.total_charge, document.onset_date.day) == ("12.10", 31)


def test_a_document_that_does_not_fit_is_a_usage_error_with_its_path(shell: Any) -> None:
    told = shell("submit", "-", stdin='{"service_lines": [{"cost": "1"}]}')
    assert told.exit_code == 2
    assert "service_lines[0].cost" in told.stderr


def test_a_file_that_is_not_json_is_a_usage_error_without_its_text(shell: Any) -> None:
    told = shell("submit", "-", stdin='{"subscriber": secret}')
    assert told.exit_code == 2
    assert "secret" not in told.stderr


def test_pay_all_pays_every_charge(shell: Any, servers: Any) -> None:
    request = adjudicated(shell, servers, "--pay-all")
    assert [(line.allowed, line.paid) for line in request.lines] == [
        ("100.00", "100.00"),
        ("50.01", "50.01"),
        ("0.00", "0.00"),
    ]
    assert not any(line.adjustments for line in request.lines)
    assert (request.paid, request.patient_responsibility) == ("150.01", "0.00")


def test_adjudicate_decides_on_the_version_it_read(shell: Any, servers: Any) -> None:
    assert adjudicated(shell, servers, "--pay-all").expected_version == 4


def test_allowed_leaves_the_rest_to_the_contract(shell: Any, servers: Any) -> None:
    request = adjudicated(shell, servers, "--allowed", "80%")
    told = [
        (line.paid, [(item.group_code, item.reason_code, item.amount) for item in line.adjustments])
        for line in request.lines
    ]
    assert told == [
        ("80.00", [("CO", "45", "20.00")]),
        ("40.01", [("CO", "45", "10.00")]),
        ("0.00", []),
    ]
    assert request.paid == "120.01"


def test_deny_adjusts_every_charge_away(shell: Any, servers: Any) -> None:
    request = adjudicated(shell, servers, "--deny", "16:M51")
    first, _, nothing = request.lines
    assert (first.denied, first.paid, first.remark_codes[:]) == (True, "0.00", ["M51"])
    assert [(item.group_code, item.amount) for item in first.adjustments] == [("CO", "100.00")]
    assert (nothing.denied, len(nothing.adjustments)) == (False, 0)
    assert request.paid == "0.00"


def test_a_duplicate_is_denied_in_its_own_group(shell: Any, servers: Any) -> None:
    request = adjudicated(shell, servers, "--deny", "18")
    assert request.lines[0].adjustments[0].group_code == "OA"


def test_adjudicate_names_the_line_of_its_file_that_does_not_fit(shell: Any, servers: Any) -> None:
    read(servers)
    lines = [{"line_number": 1, "charge": "1.00"}, {"line_number": 2, "charge": "1.005"}]
    told = shell("adjudicate", ID, "-", stdin=json.dumps({"lines": lines}))
    assert told.exit_code == 2
    assert "lines[1].charge: more than 2 decimals" in told.stderr
    assert not servers.requests("AdjudicateClaim")


def test_adjudicate_takes_lines_from_a_file_and_adds_them_up(shell: Any, servers: Any) -> None:
    lines = [
        {
            "line_number": 1,
            "charge": "100.00",
            "allowed": "90.00",
            "paid": "70.00",
            "adjustments": [
                {"group_code": "CO", "reason_code": "45", "amount": "10.00"},
                {"group_code": "PR", "reason_code": "1", "amount": "20.00"},
            ],
        }
    ]
    request = adjudicated(shell, servers, "-", stdin=json.dumps({"lines": lines}))
    assert (request.paid, request.patient_responsibility) == ("70.00", "20.00")


def test_a_persons_decision_is_told_from_the_rules(shell: Any, servers: Any) -> None:
    mode = adjudicated(shell, servers, "--pay-all").mode
    assert mode == claim_pb2.ADJUDICATION_MODE_MANUAL


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--pay-all", "--deny", "16"),
        ("--allowed", "120%"),
        ("--allowed", "most"),
        ("--auto", "--pay-all"),
        ("--auto", "-"),
    ],
)
def test_adjudicate_wants_one_clear_decision(shell: Any, arguments: Any) -> None:
    assert shell("adjudicate", ID, *arguments).exit_code == 2


def test_approve_approves_what_it_shows(shell: Any, servers: Any) -> None:
    claim = Claim()
    claim.CopyFrom(CLAIM)
    claim.adjudication.adjudication_number = 2
    claim.adjudication.adjudication_hash = "ab" * 32
    read(servers, claim)
    servers.on("ApproveAdjudication", reply("ApproveAdjudication"))
    told = shell("--as", "examiner", "approve", ID)
    assert f"adjudication 2  {'ab' * 32}" in told.stdout
    request = servers.requests("ApproveAdjudication")[0]
    assert (request.adjudication_number, request.adjudication_hash) == (2, "ab" * 32)


def test_approve_without_adjudication_is_refused(shell: Any, servers: Any) -> None:
    read(servers)
    assert shell("approve", ID).exit_code == 1


def test_attach_links_a_files_hash_and_not_its_bytes(
    shell: Any, servers: Any, tmp_path: Path
) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"pages")
    servers.on("AddAttachment", reply("AddAttachment"))
    assert shell("attach", ID, file, "--control-number", "AC-1").exit_code == 0
    sent = servers.requests("AddAttachment")[0].attachment
    assert sent.sha256 == hashlib.sha256(b"pages").hexdigest()
    assert (sent.media_type, sent.size_bytes, sent.name) == ("application/pdf", 5, "scan.pdf")


def test_receive_info_sends_what_the_request_asked(
    shell: Any, servers: Any, tmp_path: Path
) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(b"pages")
    servers.on("ReceiveInformation", reply("ReceiveInformation"))
    told = shell("receive-info", ID, "i-1", file, "--control-number", "RC-1")
    assert told.exit_code == 0, told.stderr
    request = servers.requests("ReceiveInformation")[0]
    assert (request.information_request_id, request.control_number) == ("i-1", "RC-1")
    assert len(request.attachments) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("overpayment", "record", ID, "ten"), "not a decimal number"),
        (("overpayment", "recoup", ID, "o-1", "1.005"), "more than 2 decimals"),
        (("appeal", "decide", ID, "a-1", "maybe"), "'maybe' is not one of"),
        (("appeal", "file", ID, "--level", "0"), "--level"),
        (("void", ID, "--reason-text", "since"), "--reason-text needs --reason"),
    ],
)
def test_what_does_not_fit_is_a_usage_error(shell: Any, arguments: Any, told: str) -> None:
    ended = shell(*arguments)
    assert ended.exit_code == 2
    assert told in ended.stderr


def test_prior_payer_takes_a_json_file(shell: Any, servers: Any) -> None:
    servers.on("RecordPriorPayer", reply("RecordPriorPayer"))
    fields = {
        "prior_payer": {
            "payer": {"payer_id": "P1"},
            "paid_amount": "80.00",
            "adjustments": [{"group_code": "PR", "reason_code": "2", "amount": "20.00"}],
        },
        "lines": [
            {
                "line_number": 1,
                "decision": {"paid_amount": "80", "adjudication_date": "2026-01-31"},
            }
        ],
    }
    told = shell("prior-payer", ID, "-", "--expected-version", 4, stdin=json.dumps(fields))
    assert told.exit_code == 0, told.stderr
    request = servers.requests("RecordPriorPayer")[0]
    assert (request.claim_id, request.expected_version) == (ID, 4)
    assert request.prior_payer.payer.payer_id == "P1"
    assert request.prior_payer.adjustments[0].amount == "20.00"
    (line,) = request.lines
    assert (line.line_number, line.decision.paid_amount) == (1, "80.00")
    assert line.decision.adjudication_date.day == 31


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"payer": {}}', "unknown field: payer"),
        ('{"prior_payer": {"paid": "1"}}', "prior_payer.paid: no such field"),
        ('{"lines": {"line_number": 1}}', "lines: a list is needed"),
    ],
)
def test_a_prior_payer_that_does_not_fit_is_a_usage_error(shell: Any, text: str, told: str) -> None:
    ended = shell("prior-payer", ID, "-", stdin=text)
    assert ended.exit_code == 2
    assert told in ended.stderr


def test_a_refusal_shows_reason_advice_and_every_field(
    shell: Any, servers: Any, refusal: Any
) -> None:
    servers.on(
        "PendClaim",
        refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            "VALIDATION_FAILED",
            violations={"pend_code": "is empty", "claim_id": "is no UUID"},
        ),
    )
    told = shell("pend", ID, "")
    assert told.exit_code == 1
    for part in ("VALIDATION_FAILED", "FIX_REQUEST", "pend_code: is empty", "claim_id: is no UUID"):
        assert part in told.stderr


def test_a_refusal_as_json_is_a_document_on_stderr(shell: Any, servers: Any, refusal: Any) -> None:
    servers.on(
        "PendClaim",
        refusal(grpc.StatusCode.ABORTED, "VERSION_MISMATCH", metadata={"current_version": "9"}),
    )
    told = shell.json("pend", ID, "DUP", "--expected-version", 3)
    assert (told.exit_code, told.stdout) == (1, "")
    error = json.loads(told.stderr)["error"]
    assert (error["reason"], error["retry_class"]) == ("VERSION_MISMATCH", "READ_AGAIN")
    assert error["metadata"] == {"current_version": "9"}


def test_servers_that_cannot_answer_are_exit_code_3(
    shell: Any, servers: Any, refusal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("claimflow.client._wire.sleep", lambda seconds: None)
    servers.on("PendClaim", refusal(grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE"))
    assert shell("pend", ID, "DUP").exit_code == 3
