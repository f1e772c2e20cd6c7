"""What an X12 835 says and the contract does not know: the payer's address, accounts, sender."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from claimflow.remittance import Account, Party, Transfer

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Who sends an 835, and between which accounts its money moves."""

    # With an empty name: as the claims call the payer.
    payer: Party
    # TRN03: 1 and the payer's tax number.
    trace_originator: str
    # Needed for payments by ACH.
    transfer: Transfer | None = None
    # ISA06 and ISA08; empty: the payer's id, the payee's number.
    sender: str = ""
    receiver: str = ""
    # ISA15: P production, T test.
    usage: str = "P"

    def payer_named(self, name: str) -> Party:
        """Return the payer under this name."""
        return replace(self.payer, name=name)


_NOBODYS = Account(bank_qualifier="01", bank="000000000", account_qualifier="DA", account="EXAMPLE")
# Made up, and so marked as a test.
EXAMPLE = Profile(
    payer=Party(
        name="", address_lines=("1 Example Street",), city="Springfield", state="IL",
        postal_code="62701", contact_name="Example contact", contact_telephone="5555550100",
    ),
    trace_originator="1000000000",
    transfer=Transfer(
        format_code="CCP", sender=_NOBODYS, originator="1000000000", receiver=_NOBODYS
    ),
    usage="T",
)  # fmt: skip


def read_profile(path: Path) -> Profile:
    """Return the profile of a JSON file; what is wrong with it is a usage error."""
    try:
        plain = json.loads(path.read_text())
    except ValueError:
        raise click.UsageError("--profile: not JSON") from None
    parts = _mapping(plain, "the file")
    payer = {"name": "", **_mapping(parts.pop("payer", {}), "payer")}
    lines = payer.pop("address_lines", [])
    if not (isinstance(lines, list) and all(isinstance(line, str) for line in lines)):
        raise click.UsageError("--profile: payer.address_lines is not a list of texts")
    made: dict[str, Any] = {"payer": _made(Party, payer, "payer", address_lines=tuple(lines))}
    if "transfer" in parts:
        transfer = _mapping(parts.pop("transfer"), "transfer")
        accounts = {
            side: _made(Account, _mapping(transfer.pop(side), side), f"transfer.{side}")
            for side in ("sender", "receiver")
            if side in transfer
        }
        made["transfer"] = _made(Transfer, transfer, "transfer", **accounts)
    return _made(Profile, parts, "the file", **made)


def _mapping(plain: Any, where: str) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise click.UsageError(f"--profile: {where} is not an object")
    return dict(plain)


def _made(kind: type[T], texts: Mapping[str, Any], where: str, **parts: Any) -> T:
    """Return a value of these texts, and of parts that were made before."""
    described: Any = kind
    if unknown := set(texts) - {field.name for field in fields(described)}:
        raise click.UsageError(f"--profile: {where} has no {', '.join(sorted(unknown))}")
    for name, value in texts.items():
        if not isinstance(value, str):
            raise click.UsageError(f"--profile: {name} of {where} is not text")
    try:
        return kind(**texts, **parts)
    except TypeError:
        raise click.UsageError(f"--profile: {where} is not complete") from None
