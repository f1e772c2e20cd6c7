"""Words that change a claim: one for each command of the workflow."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

import click

from claimflow.cli import _output
from claimflow.cli._adjudicate import ALL, Determination, deny, pay
from claimflow.cli._context import Cli
from claimflow.cli._view import print_result
from claimflow.client import CommandOptions, CreateOptions, document
from claimflow.client.values import build, to_python
from claimflow.v1 import claim_pb2
from claimflow.v1.claim_pb2 import AdjudicationLine, Claim
from claimflow.v1.common_pb2 import Receipt
from claimflow.v1.document_pb2 import Adjustment

F = TypeVar("F", bound=Callable[..., Any])


class Reply(Protocol):
    """What every command answers."""

    @property
    def claim(self) -> Claim:
        """Return the claim after the command."""

    @property
    def receipt(self) -> Receipt:
        """Return the proof of the write."""


def creating(function: F) -> F:
    """Add the options that every command takes."""
    for option in (
        click.option("--request-id", default=None, help="UUID; the same one happens once."),
        click.option("--validate-only", is_flag=True, help="Decide, but write nothing."),
        click.option("--reason-text", default="", help="What a person adds to the reason."),
        click.option("--reason", "reason_code", default=None, metavar="CODE", help="Why."),
    ):
        function = option(function)
    return function


def command(function: F) -> F:
    """Add the options that every command on an existing claim takes."""
    return creating(
        click.option(
            "--expected-version", type=click.IntRange(min=0), default=0, help="0: not checked."
        )(function)
    )


def created(options: Mapping[str, Any]) -> CreateOptions:
    """Return the common options of a command as the SDK takes them."""
    if options["reason_text"] and not options["reason_code"]:
        raise click.UsageError("--reason-text needs --reason")
    reason = (options["reason_code"], options["reason_text"]) if options["reason_code"] else None
    return CreateOptions(
        reason=reason, validate_only=options["validate_only"], request_id=options["request_id"]
    )


def commanded(options: Mapping[str, Any]) -> CommandOptions:
    """Return the common options of a command on an existing claim as the SDK takes them."""
    return CommandOptions(**created(options), expected_version=options["expected_version"])


def tell(cli: Cli, reply: Reply) -> None:
    """Print what a command did."""
    if cli.json:
        answer = {"claim": reply.claim, "receipt": reply.receipt}
        _output.write_json({name: to_python(part) for name, part in answer.items()})
        return
    print_result(_output.console(), reply.claim, reply.receipt)


def read_fields(file: BinaryIO) -> dict[str, Any]:
    """Return the JSON object of a file; numbers with a point stay exact."""
    try:
        fields = json.load(file, parse_float=Decimal)
    except ValueError as error:
        raise click.UsageError(f"not JSON: {_where(error)}") from None
    if not isinstance(fields, dict):
        raise click.UsageError("not a JSON object")
    return fields


def _where(error: ValueError) -> str:
    # The error's own text may quote the file.
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} column {error.colno}"
    return "not UTF-8"


@click.command()
@click.argument("file", type=click.File("rb"))
@creating
@click.pass_obj
def submit(cli: Cli, /, file: BinaryIO, **options: Any) -> None:
    """Submit one claim from a JSON file, - for standard input."""
    try:
        body = document(read_fields(file))
    except (TypeError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    tell(cli, cli.client.submit_claim(body, **created(options)))


@click.command()
@click.argument("claim")
@click.argument("pend_code")
@command
@click.pass_obj
def pend(cli: Cli, /, claim: str, pend_code: str, **options: Any) -> None:
    """Open a pend; `pend-reasons` lists the codes."""
    claim_id = cli.claim_id(claim)
    tell(cli, cli.client.pend_claim(claim_id, pend_code=pend_code, **commanded(options)))


@click.command()
@click.argument("claim")
@click.argument("pend_code")
@command
@click.pass_obj
def resolve(cli: Cli, /, claim: str, pend_code: str, **options: Any) -> None:
    """Close a pend."""
    claim_id = cli.claim_id(claim)
    tell(cli, cli.client.resolve_pend(claim_id, pend_code=pend_code, **commanded(options)))


@click.command("request-info")
@click.argument("claim")
@click.option(
    "--item", "items", multiple=True, required=True, metavar="REPORT_TYPE[:LINE[:TEXT]]",
    help="What to ask for: LOINC code or PWK report type.",
)  # fmt: skip
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Due date.")
@click.option(
    "--party", type=click.Choice(["provider", "member", "other"]), default="provider",
    show_default=True,
)  # fmt: skip
@command
@click.pass_obj
def request_info(
    cli: Cli, /, claim: str, items: Sequence[str], due: datetime, party: str, **options: Any
) -> None:
    """Ask an outside party for documents."""
    reply = cli.client.request_information(
        cli.claim_id(claim),
        party=party,
        items=[_item(text) for text in items],
        due_date=date(due.year, due.month, due.day),
        **commanded(options),
    )
    tell(cli, reply)


def _item(text: str) -> claim_pb2.InformationItem:
    report_type, _, rest = text.partition(":")
    line, _, wish = rest.partition(":")
    if line and not line.isdecimal():
        raise click.UsageError("--item takes REPORT_TYPE[:LINE[:TEXT]], LINE a number")
    return claim_pb2.InformationItem(
        report_type_code=report_type, line_number=int(line or 0), text=wish
    )


def attachment_options(function: F) -> F:
    """Add what describes a document."""
    for option in (
        click.option("--name", default=None, help="File name to show; default the file's own."),
        click.option("--media-type", default=None, help="Default by the file's name."),
        click.option("--transmission", default="EL", show_default=True, help="PWK02."),
        click.option("--report-type", default="", help="PWK01 or LOINC."),
    ):
        function = option(function)
    return function


def describe(file: Path, control_number: str, options: dict[str, Any]) -> dict[str, Any]:
    """Return the description of a file; its bytes stay where they are."""
    chosen = {name: options.pop(name) for name in ("name", "media_type")}
    guessed = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "sha256": digest,
        "media_type": chosen["media_type"] or guessed,
        "size_bytes": file.stat().st_size,
        "report_type_code": options.pop("report_type"),
        "transmission_code": options.pop("transmission"),
        "control_number": control_number,
        "name": chosen["name"] or file.name,
    }


@click.command("receive-info")
@click.argument("claim")
@click.argument("information_request_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--control-number", required=True, help="As the request stated it.")
@attachment_options
@command
@click.pass_obj
def receive_info(
    cli: Cli,
    /,
    claim: str,
    information_request_id: str,
    file: Path,
    control_number: str,
    **options: Any,
) -> None:
    """Record the answer to a request for information: a file's description, not its bytes."""
    reply = cli.client.receive_information(
        cli.claim_id(claim),
        information_request_id=information_request_id,
        control_number=control_number,
        attachments=[describe(file, control_number, options)],
        **commanded(options),
    )
    tell(cli, reply)


@click.command("expire-info")
@click.argument("claim")
@click.argument("information_request_id")
@command
@click.pass_obj
def expire_info(cli: Cli, /, claim: str, information_request_id: str, **options: Any) -> None:
    """End a request for information whose due date has passed."""
    reply = cli.client.expire_information_request(
        cli.claim_id(claim),
        information_request_id=information_request_id,
        **commanded(options),
    )
    tell(cli, reply)


@click.command()
@click.argument("claim")
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--pay-all", is_flag=True, help="Pay every line.")
@click.option("--allowed", metavar="PERCENT", help="With --pay-all: pay this share, such as 80%.")
@click.option("--deny", "denial", metavar="CARC[:RARC]", help="Deny every line.")
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
    **options: Any,
) -> None:
    """Decide every line: from a JSON file {lines, adjustments}, or all alike by an option."""
    paying = pay_all or allowed is not None
    if sum((file is not None, paying, denial is not None)) != 1:
        raise click.UsageError("give one of FILE, --pay-all (or --allowed), --deny")
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
        return Determination(
            [build(AdjudicationLine, line) for line in fields.get("lines", ())],
            [build(Adjustment, item) for item in fields.get("adjustments", ())],
        )
    except (TypeError, ValueError) as error:
        raise click.UsageError(str(error)) from None


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
def close(cli: Cli, /, claim: str, **options: Any) -> None:
    """Close a paid or denied claim."""
    tell(cli, cli.client.close_claim(cli.claim_id(claim), **commanded(options)))


@click.command()
@click.argument("claim")
@click.argument("assignee", required=False, default="")
@command
@click.pass_obj
def assign(cli: Cli, /, claim: str, assignee: str, **options: Any) -> None:
    """Lease a claim to a person, by default to yourself."""
    claim_id = cli.claim_id(claim)
    tell(cli, cli.client.assign_claim(claim_id, assignee=assignee, **commanded(options)))


@click.command()
@click.argument("queue", required=False, default="")
@creating
@click.pass_obj
def take(cli: Cli, /, queue: str, **options: Any) -> None:
    """Lease the longest waiting claim of a queue, by default GENERAL."""
    tell(cli, cli.client.take_next_claim(queue=queue, **created(options)))


@click.command()
@click.argument("claim")
@command
@click.pass_obj
def release(cli: Cli, /, claim: str, **options: Any) -> None:
    """End a lease."""
    tell(cli, cli.client.release_claim(cli.claim_id(claim), **commanded(options)))


@click.command()
@click.argument("claim")
@click.argument("queue")
@command
@click.pass_obj
def transfer(cli: Cli, /, claim: str, queue: str, **options: Any) -> None:
    """Move a claim to another queue."""
    tell(cli, cli.client.transfer_claim(cli.claim_id(claim), queue=queue, **commanded(options)))


NOTE_KINDS = ("internal", "provider-visible", "member-visible", "clinical")


@click.command()
@click.argument("claim")
@click.argument("text")
@click.option("--kind", type=click.Choice(NOTE_KINDS), default="internal", show_default=True)
@command
@click.pass_obj
def note(cli: Cli, /, claim: str, text: str, kind: str, **options: Any) -> None:
    """Add a note."""
    reply = cli.client.add_note(
        cli.claim_id(claim),
        text=text,
        kind=kind,
        **commanded(options),
    )
    tell(cli, reply)


@click.command("redact-note")
@click.argument("claim")
@click.argument("note_id")
@command
@click.pass_obj
def redact_note(cli: Cli, /, claim: str, note_id: str, **options: Any) -> None:
    """Take a note's text away for good."""
    tell(cli, cli.client.redact_note(cli.claim_id(claim), note_id=note_id, **commanded(options)))


@click.command()
@click.argument("claim")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--control-number", default="", help="2 to 80 characters; none with AA.")
@attachment_options
@command
@click.pass_obj
def attach(cli: Cli, /, claim: str, file: Path, control_number: str, **options: Any) -> None:
    """Link a file by its hash; its bytes are not sent."""
    described = describe(file, control_number, options)
    claim_id = cli.claim_id(claim)
    tell(cli, cli.client.add_attachment(claim_id, attachment=described, **commanded(options)))


WORDS: tuple[click.Command, ...] = (
    submit, pend, resolve, request_info, receive_info, expire_info, adjudicate, approve, return_,
    finalize, close, assign, take, release, transfer, note, redact_note, attach
)  # fmt: skip
