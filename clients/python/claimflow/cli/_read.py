"""Words that ask: show, search, aggregate, history, verify, actions, status and the catalogues."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from claimflow.cli import _output
from claimflow.cli._context import EXIT_REFUSED, Cli, is_id
from claimflow.cli._output import facts, table
from claimflow.cli._view import changed_fields, moment, print_claim, role_name, state_name
from claimflow.client import STRONG, QueryOptions, at_least_as_fresh
from claimflow.client.values import build, enum_name, to_date
from claimflow.v1 import claim_pb2
from claimflow.v1 import query_service_pb2 as pb
from claimflow.v1.common_pb2 import Freshness

F = TypeVar("F", bound=Callable[..., Any])


def freshness_options(function: F) -> F:
    """Add --after and --strong."""
    function = click.option(
        "--after", metavar="TOKEN", help="Wait until the write that gave this token is visible."
    )(function)
    return click.option("--strong", is_flag=True, help="Wait for all that is committed now.")(
        function
    )


def query_options(after: str | None, strong: bool) -> QueryOptions:
    """Return what those two options ask for."""
    if after and strong:
        raise click.UsageError("--after and --strong exclude each other")
    if after:
        return QueryOptions(consistency=at_least_as_fresh(after))
    return QueryOptions(consistency=STRONG) if strong else QueryOptions()


@click.command()
@click.argument("claim")
@click.option("--version", type=click.IntRange(min=1), default=None, help="As of this version.")
@click.option("--at", type=click.DateTime(), default=None, help="As of this time, UTC.")
@click.option("--full", is_flag=True, help="With all that your role may see.")
@freshness_options
@click.pass_obj
def show(
    cli: Cli,
    claim: str,
    version: int | None,
    at: datetime | None,
    full: bool,
    after: str | None,
    strong: bool,
) -> None:
    """Show a claim, by id or number, as it is or as it was."""
    if version is not None and at is not None:
        raise click.UsageError("--version and --at exclude each other")
    reply = cli.client.get_claim(
        claim if is_id(claim) else "",
        claim_number="" if is_id(claim) else claim,
        version=version or 0,
        time=at.replace(tzinfo=UTC) if at is not None else None,
        view=pb.CLAIM_VIEW_FULL if full else pb.CLAIM_VIEW_BASIC,
        **query_options(after, strong),
    )
    if cli.json:
        _output.write_json(reply.claim)
        return
    console = _output.console()
    print_claim(console, reply.claim)
    console.print(_freshness(reply.freshness))


@click.command()
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1)
@click.option("--order-by", default="", help='Such as "receive_time desc, total_charge".')
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="0: all.")
@click.option("--count", is_flag=True, help="Also count all matches.")
@freshness_options
@click.pass_obj
def search(
    cli: Cli,
    filter_words: Sequence[str],
    order_by: str,
    limit: int,
    count: bool,
    after: str | None,
    strong: bool,
) -> None:
    """Find claims, such as: search 'state = PENDED AND total_charge > 1000'."""
    pager = cli.client.search_claims(
        " ".join(filter_words),
        order_by=order_by,
        page_size=min(limit, 500) if limit else 500,
        count_total=count,
        **query_options(after, strong),
    )
    left = limit or None
    total, rows, freshness = 0, [], Freshness()
    for page in pager.pages():
        total, freshness = total or page.total_size, page.freshness
        claims = list(itertools.islice(page.claims, left))
        for claim in claims:
            if cli.json:
                _output.write_json(claim)
            else:
                rows.append(_row(claim))
        if left is not None and (left := left - len(claims)) <= 0:
            break
    if cli.json:
        return
    console = _output.console()
    columns = ("number", "state", "charge#", "paid#", "service", "provider", "received", "id")
    console.print(table("", columns, rows) if rows else "no claim matches")
    if count:
        console.print(f"{total} in all", highlight=False)
    console.print(_freshness(freshness))


def _row(claim: claim_pb2.Claim) -> tuple[Any, ...]:
    document = claim.document
    return (
        claim.claim_number,
        state_name(claim.state),
        document.total_charge,
        claim.adjudication.paid,
        to_date(document.statement_from_date)
        or next((to_date(line.service_from_date) for line in document.service_lines), None),
        document.billing_provider.npi,
        moment(claim.receive_time),
        claim.claim_id,
    )


@click.command()
@click.argument("filter_words", metavar="[FILTER]...", nargs=-1)
@click.option("--by", "dimensions", multiple=True, metavar="FIELD[:INTERVAL]", help="Up to three.")
@click.option("--sum", "sums", multiple=True, metavar="FIELD", help="Amounts to add up.")
@click.option("--limit", type=click.IntRange(0, 1000), default=0, help="Groups a dimension.")
@freshness_options
@click.pass_obj
def aggregate(
    cli: Cli,
    filter_words: Sequence[str],
    dimensions: Sequence[str],
    sums: Sequence[str],
    limit: int,
    after: str | None,
    strong: bool,
) -> None:
    """Count and sum claims, such as: aggregate --by state --sum total_charge."""
    reply = cli.client.aggregate_claims(
        " ".join(filter_words),
        group_by=[_dimension(text, limit) for text in dimensions],
        sums=sums,
        **query_options(after, strong),
    )
    if cli.json:
        _output.write_json(reply)
        return
    rows = [
        (*group.keys, group.claim_count, *(item.amount for item in group.sums))
        for group in reply.groups
    ]
    names = [text.partition(":")[0] for text in dimensions]
    console = _output.console()
    console.print(table("", (*names, "claims#", *(f"{field}#" for field in sums)), rows))
    more = "; some groups are left out" if reply.incomplete else ""
    console.print(f"{reply.claim_count} claims{more}", highlight=False)
    console.print(_freshness(reply.freshness))


def _dimension(text: str, limit: int) -> pb.GroupBy:
    field, _, interval = text.partition(":")
    try:
        return build(pb.GroupBy, {"field": field, "limit": limit, "interval": interval or None})
    except ValueError:
        names = (value.name.rsplit("_", 1)[1] for value in pb.CalendarInterval.DESCRIPTOR.values)
        known = ", ".join(name.lower() for name in list(names)[1:])
        raise click.UsageError(f"--by {field}: an interval is one of {known}") from None


@click.command()
@click.argument("claim")
@freshness_options
@click.pass_obj
def history(cli: Cli, claim: str, after: str | None, strong: bool) -> None:
    """List every event of a claim: who, when, why, what changed."""
    events = cli.client.get_claim_history(cli.claim_id(claim), **query_options(after, strong))
    if cli.json:
        for event in events:
            _output.write_json(event)
        return
    rows = [
        (
            event.version,
            moment(event.record_time),
            event.event_type,
            state_name(event.to_state),
            f"{event.actor} ({role_name(event.role)})",
            " ".join(filter(None, (event.reason.code, event.reason.text))),
            changed_fields([change.field_path for change in event.changes]),
        )
        for event in events
    ]
    columns = ("#", "when", "event", "state", "who", "why", "changed")
    _output.console().print(table("", columns, rows))


@click.command()
@click.argument("claim")
@freshness_options
@click.pass_context
def verify(context: click.Context, claim: str, after: str | None, strong: bool) -> None:
    """Check a claim's hash chain and state; exit code 1 when they do not hold."""
    cli: Cli = context.obj
    reply = cli.client.verify_claim_history(cli.claim_id(claim), **query_options(after, strong))
    if cli.json:
        _output.write_json(reply)
    else:
        console = _output.console()
        verdict = "[green]holds[/]" if reply.valid else "[bold red]broken[/]"
        console.print(f"history {verdict}: {reply.event_count} events", highlight=False)
        console.print(facts([("head hash", reply.head_hash)]))
        if reply.problems:
            rows = ((problem.version, problem.problem) for problem in reply.problems)
            console.print(table("Problems", ("version#", "problem"), rows))
    if not reply.valid:
        context.exit(EXIT_REFUSED)


@click.command()
@click.argument("claim")
@click.pass_obj
def actions(cli: Cli, claim: str) -> None:
    """Tell what you may do to a claim now, and what blocks the rest."""
    reply = cli.client.list_allowed_actions(cli.claim_id(claim))
    if cli.json:
        _output.write_json(reply)
        return
    rows = ((item.command, item.allowed, item.blocked_by) for item in reply.actions)
    console = _output.console()
    console.print(table("", ("command", "allowed", "blocked by"), rows))
    console.print(f"as of version {reply.version}", highlight=False)


@click.command()
@click.pass_obj
def status(cli: Cli) -> None:
    """Tell how far the index is behind."""
    reply = cli.client.get_projection_status()
    if cli.json:
        _output.write_json(reply)
        return
    rows = (
        (
            item.view,
            item.phase,
            item.index,
            item.document_count,
            item.position,
            item.lag_bytes,
            item.lag.ToTimedelta(),
            item.quarantined,
        )
        for item in reply.projections
    )
    columns = ("view", "phase", "index", "documents#", "position", "lag bytes#", "lag#",
               "quarantined#")  # fmt: skip
    console = _output.console()
    console.print(table("", columns, rows))
    console.print(_freshness(reply.freshness))


@click.command()
@click.argument("request_id")
@click.pass_obj
def outcome(cli: Cli, request_id: str) -> None:
    """Tell how a command ended whose answer was lost."""
    reply = cli.client.get_command_outcome(request_id)
    if cli.json:
        _output.write_json(reply)
        return
    console = _output.console()
    console.print(
        facts(
            [
                ("method", reply.method.rpartition("/")[2]),
                ("claim", reply.claim_id),
                ("version", reply.receipt.version),
                ("committed", moment(reply.commit_time)),
                ("token", reply.receipt.consistency_token),
            ]
        )
    )
    for event in reply.receipt.events:
        console.print(f"  {event.version:>4}  {event.event_type}", highlight=False)


def catalogue_options(function: F) -> F:
    """Add --line-of-business and --jurisdiction."""
    function = click.option("--line-of-business", default="", help="Default COMMERCIAL.")(function)
    return click.option("--jurisdiction", default="", help="Default US.")(function)


@click.command()
@catalogue_options
@click.pass_obj
def edits(cli: Cli, line_of_business: str, jurisdiction: str) -> None:
    """List the intake edits with the severities in force."""
    reply = cli.client.list_edits(line_of_business=line_of_business, jurisdiction=jurisdiction)
    if cli.json:
        _output.write_json(reply)
        return
    severities = claim_pb2.EditSeverity.DESCRIPTOR
    rows = (
        (
            item.edit_id,
            enum_name(severities, item.severity),
            item.status_category_code,
            item.description,
        )
        for item in reply.edits
    )
    console = _output.console()
    console.print(table("", ("edit", "severity", "277CA", "what"), rows))
    console.print(f"policy version {reply.policy_version}", highlight=False)


@click.command("pend-reasons")
@catalogue_options
@click.pass_obj
def pend_reasons(cli: Cli, line_of_business: str, jurisdiction: str) -> None:
    """List the pend codes in force and who may resolve them."""
    reply = cli.client.list_pend_reasons(
        line_of_business=line_of_business, jurisdiction=jurisdiction
    )
    if cli.json:
        _output.write_json(reply)
        return
    rows = (
        (item.pend_code, ", ".join(role_name(role) for role in item.resolvers), item.description)
        for item in reply.reasons
    )
    console = _output.console()
    console.print(table("", ("code", "resolved by", "what"), rows))
    console.print(f"policy version {reply.policy_version}", highlight=False)


def _freshness(freshness: Freshness) -> Any:
    lag = freshness.lag.ToTimedelta()
    behind = f"at most {_output.cell(lag)} behind" if lag else "up to date"
    rows: list[tuple[str, Any]] = [
        ("freshness", behind),
        ("quarantined", freshness.quarantined or ""),
        ("token", freshness.consistency_token),
    ]
    return facts(rows)


WORDS: tuple[click.Command, ...] = (
    show, search, aggregate, history, verify, actions, status, outcome, edits, pend_reasons
)  # fmt: skip
