"""Words that move a claim: one for each command of the workflow but the decisions."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from claimflow.cli._command import command, commanded, created, creating, read_fields, tell
from claimflow.cli._context import Cli
from claimflow.client import document
from claimflow.client.values import build
from claimflow.v1 import claim_pb2
from claimflow.v1.command_service_pb2 import RecordPriorPayerRequest

F = TypeVar("F", bound=Callable[..., Any])


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


@click.group()
def hold() -> None:
    """Stop a claim's payment, or let it go on."""


@hold.command("place")
@click.argument("claim")
@click.argument("kind")
@command
@click.pass_obj
def place_hold(cli: Cli, /, claim: str, kind: str, **options: Any) -> None:
    """Stop payment, such as for LEGAL; adjudication goes on."""
    tell(cli, cli.client.place_hold(cli.claim_id(claim), kind=kind, **commanded(options)))


@hold.command("release")
@click.argument("claim")
@click.argument("kind")
@command
@click.pass_obj
def release_hold(cli: Cli, /, claim: str, kind: str, **options: Any) -> None:
    """Let payment go on."""
    tell(cli, cli.client.release_hold(cli.claim_id(claim), kind=kind, **commanded(options)))


@click.command("prior-payer")
@click.argument("claim")
@click.argument("file", type=click.File("rb"))
@command
@click.pass_obj
def prior_payer(cli: Cli, /, claim: str, file: BinaryIO, **options: Any) -> None:
    """Record what an earlier payer decided, from a JSON file {prior_payer, lines}."""
    fields = read_fields(file)
    if unknown := set(fields) - {"prior_payer", "lines"}:
        raise click.UsageError(f"unknown field: {', '.join(sorted(unknown))}")
    try:
        decided = build(RecordPriorPayerRequest, fields)
    except (TypeError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    reply = cli.client.record_prior_payer(
        cli.claim_id(claim),
        prior_payer=decided.prior_payer,
        lines=decided.lines,
        **commanded(options),
    )
    tell(cli, reply)


WORDS: tuple[click.Command, ...] = (
    submit, pend, resolve, request_info, receive_info, expire_info, close, assign, take, release,
    transfer, note, redact_note, attach, hold, prior_payer
)  # fmt: skip
