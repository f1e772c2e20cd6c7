"""A remittance as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from claimflow.cli._output import escape, facts, table
from claimflow.cli._view import adjusted, moment, state_name
from claimflow.client.values import enum_name, to_date
from claimflow.v1.command_service_pb2 import RemittedClaimState
from claimflow.v1.remittance_pb2 import PaymentMethod, Remittance, RemittedClaim


def print_remittance(console: Console, remittance: Remittance) -> None:
    """Print a whole remittance."""
    failed = "  [red]FAILED[/]" if remittance.HasField("fail_time") else ""
    console.print(
        f"[bold]{escape(remittance.trace_number) or '(new)'}[/]{failed}"
        f"  {remittance.amount} {remittance.currency_code}  to {escape(remittance.payee)}"
        f"  {remittance.remittance_id}",
        highlight=False,
    )
    console.print(
        facts(
            [
                ("paid on", to_date(remittance.payment_date)),
                ("by", enum_name(PaymentMethod.DESCRIPTOR, remittance.method)),
                ("payer", remittance.payer_id),
                ("issued", moment(remittance.issue_time)),
                ("issued by", remittance.issued_by),
                ("failed", moment(remittance.fail_time)),
                ("content hash", remittance.content_hash),
                ("not shown", f"{len(remittance.redacted_fields)} fields your role may not see"
                 if remittance.redacted_fields else ""),
            ]
        )
    )  # fmt: skip
    _print_claims(console, remittance.claims)
    rows = [
        (item.reason_code, item.reference, item.amount) for item in remittance.provider_adjustments
    ]
    if rows:
        console.print(table("Provider adjustments", ("reason", "about", "amount#"), rows))


def _print_claims(console: Console, claims: Iterable[RemittedClaim]) -> None:
    rows = [
        (
            item.claim_number,
            item.status_code,
            "reversal" if item.reverses else "",
            item.charge,
            item.paid,
            item.patient_responsibility,
            adjusted(item.adjustments),
            len(item.lines),
        )
        for item in claims
    ]
    columns = ("number", "status", "", "charge#", "paid#", "patient#", "claim level", "lines#")
    if rows:
        console.print(table("Claims", columns, rows))


def print_states(console: Console, claims: Iterable[RemittedClaimState]) -> None:
    """Print what became of the claims of a remittance."""
    for claim in claims:
        console.print(
            f"  {claim.claim_id}  {state_name(claim.state)}  version {claim.version}",
            highlight=False,
        )
