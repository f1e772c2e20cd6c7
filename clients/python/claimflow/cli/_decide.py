"""Words that decide, and that take a decision back."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

import click

from claimflow.cli import _output
from claimflow.cli._adjudicate import ALL, Determination, deny, pay
from claimflow.cli._command import command, commanded, read_fields, tell
from claimflow.cli._context import Cli
from claimflow.client.values import build
from claimflow.v1.claim_pb2 import ADJUDICATION_MODE_AUTO
from claimflow.v1.command_service_pb2 import AdjudicateClaimRequest


@click.command()
@click.argument("claim")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--pay-all", is_flag=True, help="Pay every line.")
@click.option("--allowed", metavar="PERCENT", help="With --pay-all: pay this share, such as 80%.")
@click.option("--deny", "denial", metavar="CARC[:RARC]", help="Deny every line.")
@click.option("--auto", is_flag=True, help="Let the rules price the claim.")
@command
@click.pass_obj
def adjudicate(
    cli: Cli,
    /,
    claim: str,
    file: BinaryIO | None,
    pay_all: bool,
    allowed: str | None,
    denial: str | None,
    auto: bool,
    **options: Any,
) -> None:
    """Decide every line: from a JSON file {lines, adjustments}, all alike, or by the rules."""
    paying = pay_all or allowed is not None
    if sum((file is not None, paying, denial is not None, auto)) != 1:
        raise click.UsageError("give one of FILE, --pay-all (or --allowed), --deny, --auto")
    if auto:
        automatic = cli.client.adjudicate_claim(
            cli.claim_id(claim), mode=ADJUDICATION_MODE_AUTO, **commanded(options)
        )
        tell(cli, automatic)
        return
    share = _share(allowed) if allowed is not None else ALL
    read = cli.claim(claim)
    if file is not None:
        decided = _determination(read_fields(file))
    elif denial is not None:
        reason_code, _, remark_code = denial.partition(":")
        decided = deny(read.document.service_lines, reason_code, remark_code)
    else:
        decided = pay(read.document.service_lines, share)
    # What was read is what is decided on, unless the caller names another version.
    options["expected_version"] = options["expected_version"] or read.version
    reply = cli.client.adjudicate_claim(
        read.claim_id,
        lines=decided.lines,
        adjustments=decided.adjustments,
        paid=decided.paid,
        patient_responsibility=decided.patient_responsibility,
        **commanded(options),
    )
    tell(cli, reply)


def _share(text: str) -> Decimal:
    try:
        percent = Decimal(text.strip().removesuffix("%"))
    except InvalidOperation:
        raise click.UsageError("--allowed takes a percentage such as 80%") from None
    if not 0 <= percent <= 100:
        raise click.UsageError("--allowed is between 0% and 100%")
    return percent / 100


def _determination(fields: dict[str, Any]) -> Determination:
    if unknown := set(fields) - {"lines", "adjustments"}:
        raise click.UsageError(f"unknown field: {', '.join(sorted(unknown))}")
    try:
        request = build(AdjudicateClaimRequest, fields)
    except (TypeError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    return Determination(request.lines, request.adjustments)


@click.command()
@click.argument("claim")
@command
@click.pass_obj
def approve(cli: Cli, /, claim: str, **options: Any) -> None:
    """Approve the adjudication that stands now; shows its number and hash."""
    read = cli.claim(claim)
    if not read.HasField("adjudication"):
        raise click.ClickException("the claim has no adjudication to approve")
    made = read.adjudication
    if not cli.json:
        _output.console().print(
            f"adjudication {made.adjudication_number}  {made.adjudication_hash}"
            f"  pays {made.paid or '(not shown to you)'}",
            highlight=False,
            markup=False,
        )
    reply = cli.client.approve_adjudication(
        read.claim_id,
        adjudication_number=made.adjudication_number,
        adjudication_hash=made.adjudication_hash,
        **commanded(options),
    )
    tell(cli, reply)


@click.command("return")
@click.argument("claim")
@command
@click.pass_obj
def return_(cli: Cli, /, claim: str, **options: Any) -> None:
    """Refuse approval and withdraw the adjudication."""
    tell(cli, cli.client.return_for_rework(cli.claim_id(claim), **commanded(options)))


@click.command()
@click.argument("claim")
@command
@click.pass_obj
def finalize(cli: Cli, /, claim: str, **options: Any) -> None:
    """Make an adjudication final that needs no approval."""
    tell(cli, cli.client.finalize_claim(cli.claim_id(claim), **commanded(options)))


@click.command()
@click.argument("claim")
@command
@click.pass_obj
def reopen(cli: Cli, /, claim: str, **options: Any) -> None:
    """Let a final decision be made anew."""
    tell(cli, cli.client.reopen_claim(cli.claim_id(claim), **commanded(options)))


@click.command()
@click.argument("claim")
@command
@click.pass_obj
def void(cli: Cli, /, claim: str, **options: Any) -> None:
    """Withdraw a claim for good; what was paid for it is taken back."""
    tell(cli, cli.client.void_claim(cli.claim_id(claim), **commanded(options)))


WORDS: tuple[click.Command, ...] = (adjudicate, approve, return_, finalize, reopen, void)
