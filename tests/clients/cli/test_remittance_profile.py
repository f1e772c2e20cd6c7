"""What an X12 835 says and the contract does not know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.cli.advices import NPI, a_remittance, advice, refused, rendered, serve

PROFILE = {
    "payer": {
        "name": "Granite State Benefit",
        "address_lines": ["9 Bank Road"],
        "city": "Concord",
        "state": "NH",
        "postal_code": "03301",
    },
    "trace_originator": "1987654321",
    "transfer": {
        "format_code": "CTX",
        "sender": {"bank_qualifier": "01", "bank": "011000015", "account_qualifier": "DA",
                   "account": "1"},
        "originator": "1987654321",
        "receiver": {"bank_qualifier": "01", "bank": "021000021", "account_qualifier": "DA",
                     "account": "2"},
    },
    "sender": "GRANITE",
    "receiver": "CLEARING",
}  # fmt: skip


def profile(tmp_path: Path, plain: Any) -> Path:
    path = tmp_path / "profile.json"
    path.write_text(plain if isinstance(plain, str) else json.dumps(plain))
    return path


def test_without_profile_it_is_a_test(shell: Any, servers: Any) -> None:
    serve(servers, a_remittance())
    elements = rendered(shell, servers).split("~")[0].split("*")
    assert elements[6].strip() == "PAYER1"
    assert elements[8].strip() == NPI
    assert elements[15] == "T"


def test_a_profile_tells_payer_accounts_and_sender(
    shell: Any, servers: Any, tmp_path: Path
) -> None:
    serve(servers, a_remittance())
    text = rendered(shell, servers, "--profile", profile(tmp_path, PROFILE))
    elements = text.split("~")[0].split("*")
    assert (elements[6].strip(), elements[8].strip()) == ("GRANITE", "CLEARING")
    assert elements[15] == "P"
    read = advice(text)
    assert (read.payer.name, read.payer.address_lines) == (
        "Granite State Benefit",
        ("9 Bank Road",),
    )
    assert read.trace_originator == "1987654321"
    assert read.transfer is not None
    assert (read.transfer.sender.account, read.transfer.receiver.account) == ("1", "2")


def test_ach_without_accounts_is_refused(shell: Any, servers: Any, tmp_path: Path) -> None:
    serve(servers, a_remittance())
    without = {name: value for name, value in PROFILE.items() if name != "transfer"}
    assert "needs its accounts" in refused(shell, "--profile", profile(tmp_path, without))


@pytest.mark.parametrize(
    ("plain", "told"),
    [
        ("{", "not JSON"),
        ([], "the file is not an object"),
        ({**PROFILE, "payer": "Granite"}, "payer is not an object"),
        ({**PROFILE, "colour": "red"}, "the file has no colour"),
        ({**PROFILE, "transfer": {"bank": "1"}}, "transfer has no bank"),
        ({**PROFILE, "payer": {"address_lines": "9 Bank Road"}}, "not a list of texts"),
        ({**PROFILE, "trace_originator": 1987654321}, "trace_originator of the file is not text"),
        ({"payer": PROFILE["payer"]}, "the file is not complete"),
    ],
)
def test_a_profile_that_does_not_fit_is_a_usage_error(
    shell: Any, tmp_path: Path, plain: Any, told: str
) -> None:
    ended = shell("remittance", "T1", "--x12", "--profile", profile(tmp_path, plain))
    assert ended.exit_code == 2
    assert told in ended.stderr
