"""A claim as a person reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console

from claimflow.cli._output import facts, table
from claimflow.client.values import enum_name, to_date, to_datetime
from claimflow.v1 import claim_pb2, document_pb2, options_pb2
from claimflow.v1.claim_pb2 import Claim
from claimflow.v1.common_pb2 import Receipt

# A longer list of changed fields is told by its parts.
CHANGES_SHOWN_MAX = 8
STYLES = {
    "REJECTED": "red",
    "DENIED": "red",
    "VOIDED": "red",
    "PENDED": "yellow",
    "INFO_REQUESTED": "yellow",
    "PENDING_APPROVAL": "yellow",
    "APPROVED": "green",
    "PAID": "green",
}


def state_name(state: int) -> str:
    """Return a state without its prefix."""
    return enum_name(claim_pb2.ClaimState.DESCRIPTOR, state)


def role_name(role: int) -> str:
    """Return a role without its prefix."""
    return enum_name(options_pb2.Role.DESCRIPTOR, role)


def moment(message: Timestamp) -> datetime | None:
    """Return an instant, None when it was not stated."""
    return to_datetime(message) if message.seconds or message.nanos else None


def print_result(console: Console, claim: Claim, receipt: Receipt) -> None:
    """Print what a command did."""
    print_headline(console, claim)
    for event in receipt.events:
        console.print(f"  {event.version:>4}  {event.event_type}", highlight=False)
    if not receipt.events:
        console.print("  nothing was written: validate only", highlight=False)
    print_findings(console, claim)
    console.print(facts([("request", receipt.request_id), ("token", receipt.consistency_token)]))


def print_headline(console: Console, claim: Claim) -> None:
    """Print one line: number, state, version, id."""
    state = state_name(claim.state)
    style = STYLES.get(state, "cyan")
    console.print(
        f"[bold]{claim.claim_number or '(new)'}[/]  [{style}]{state}[/]  version {claim.version}"
        f"  {claim.claim_id}",
        highlight=False,
    )


def print_findings(console: Console, claim: Claim) -> None:
    """Print every failed edit."""
    if not claim.findings:
        return
    severities = claim_pb2.EditSeverity.DESCRIPTOR
    rows = (
        (item.edit_id, enum_name(severities, item.severity), item.field_path, item.message)
        for item in claim.findings
    )
    console.print(table("Failed edits", ("edit", "severity", "field", "what"), rows))


def print_claim(console: Console, claim: Claim) -> None:
    """Print a whole claim."""
    print_headline(console, claim)
    document = claim.document
    billing = document.billing_provider
    console.print(
        facts(
            [
                ("type", enum_name(document_pb2.ClaimType.DESCRIPTOR, document.type)),
                ("charge", f"{document.total_charge} {document.currency_code}".strip()),
                ("decision", enum_name(claim_pb2.Decision.DESCRIPTOR, claim.decision).lower()
                 if claim.decision else ""),
                ("payer", document.payer.name or document.payer.payer_id),
                ("billing provider", billing.name or billing.npi),
                ("subscriber", _person(document.subscriber)),
                ("patient", _person(document.patient)),
                ("received", moment(claim.receive_time)),
                ("updated", moment(claim.update_time)),
                ("decided", moment(claim.decide_time)),
                ("late since", moment(claim.breach_time)),
                *_relatives(claim),
                ("source", "/".join(filter(None, (document.source.system, document.source.batch)))),
                ("charge basis", document.source.charge_basis),
                ("queue", claim.assignment.queue),
                ("assigned to", claim.assignment.assignee),
                ("not shown", f"{len(claim.redacted_fields)} fields your role may not see"
                 if claim.redacted_fields else ""),
            ]
        )
    )  # fmt: skip
    _print_diagnoses(console, document.diagnoses)
    _print_lines(console, claim)
    print_findings(console, claim)
    _print_open_work(console, claim)
    _print_adjudication(console, claim)
    _print_payment(console, claim)
    _print_appeals(console, claim)
    _print_papers(console, claim)


def _person(person: document_pb2.Person) -> str:
    name = " ".join(filter(None, (person.first_name, person.middle_name, person.last_name)))
    return "  ".join(filter(None, (name, person.member_id)))


def _relatives(claim: Claim) -> list[tuple[str, str]]:
    """Return how a claim stands to the others of its family."""
    link = claim.link
    relation = enum_name(claim_pb2.ClaimRelation.DESCRIPTOR, link.relation).lower()
    prior = "  ".join(filter(None, (link.prior_claim_number, link.prior_claim_id)))
    original = "  ".join(filter(None, (link.original_claim_number, link.original_claim_id)))
    return [
        (relation, prior if claim.HasField("link") else ""),
        ("the original", original if link.original_claim_id != link.prior_claim_id else ""),
        ("succeeded by", claim.next_claim_id),
    ]


def _print_diagnoses(console: Console, diagnoses: Iterable[document_pb2.Diagnosis]) -> None:
    systems = document_pb2.CodeSystem.DESCRIPTOR
    told = ", ".join(
        f"{place} {item.code} ({enum_name(systems, item.code_system)})"
        for place, item in enumerate(diagnoses, start=1)
    )
    if told:
        console.print(facts([("diagnoses", told)]))


def _print_lines(console: Console, claim: Claim) -> None:
    decided = {line.line_number: line for line in claim.adjudication.lines}
    rows = []
    for line in claim.document.service_lines:
        result = decided.get(line.line_number)
        rows.append(
            (
                line.line_number,
                to_date(line.service_from_date),
                " ".join((line.procedure.code, *line.procedure.modifiers)) or line.revenue_code,
                line.units,
                line.charge,
                result.allowed if result else "",
                result.paid if result else "",
                adjusted(result.adjustments) if result else "",
                " ".join(result.remark_codes) if result else "",
            )
        )
    columns = (
        "#",
        "date",
        "service",
        "units#",
        "charge#",
        "allowed#",
        "paid#",
        "adjusted",
        "remarks",
    )
    if rows:
        console.print(table("Service lines", columns, rows))


def adjusted(adjustments: Iterable[document_pb2.Adjustment]) -> str:
    """Return adjustments on one line."""
    return ", ".join(f"{item.group_code}-{item.reason_code} {item.amount}" for item in adjustments)


def _print_open_work(console: Console, claim: Claim) -> None:
    pends = [
        (pend.code, pend.opened_by, moment(pend.open_time), moment(pend.resolve_time))
        for pend in claim.pends
    ]
    if pends:
        console.print(table("Pends", ("code", "by", "opened", "resolved"), pends))
    statuses = claim_pb2.InformationRequestStatus.DESCRIPTOR
    requests = [
        (
            item.information_request_id,
            enum_name(statuses, item.status),
            item.control_number,
            to_date(item.due_date),
        )
        for item in claim.information_requests
    ]
    if requests:
        columns = ("id", "status", "control number", "due")
        console.print(table("Requests for information", columns, requests))
    holds = [
        (
            item.kind,
            item.placed_by,
            moment(item.place_time),
            item.released_by,
            moment(item.release_time),
        )
        for item in claim.holds
    ]
    if holds:
        console.print(table("Holds", ("kind", "by", "placed", "released by", "released"), holds))


def _print_adjudication(console: Console, claim: Claim) -> None:
    if not claim.HasField("adjudication"):
        return
    made = claim.adjudication
    console.print(
        facts(
            [
                ("adjudication", f"{made.adjudication_number}  {made.adjudication_hash}"),
                ("by", made.adjudicator),
                ("priced by", _pricing(made)),
                ("decision", enum_name(claim_pb2.Decision.DESCRIPTOR, made.decision)),
                ("allowed", made.allowed),
                ("paid", made.paid),
                ("patient", made.patient_responsibility),
                ("claim level", adjusted(made.adjustments)),
                ("uses up", ", ".join(map(_share, made.shares))),
                ("approvals", f"{len(made.approvals)} of {made.approvals_needed}"),
            ]
        )
    )
    for approval in made.approvals:
        told = f"  approved by {approval.approver} as {role_name(approval.role)}"
        console.print(told, highlight=False, markup=False)


def _pricing(made: claim_pb2.Adjudication) -> str:
    """Return by what the rules priced a claim; nothing when a person did."""
    if made.mode != claim_pb2.ADJUDICATION_MODE_AUTO:
        return ""
    source = made.provenance
    plan = f"plan {source.plan_id} version {source.plan_version}" if source.plan_id else ""
    return ", ".join(filter(None, ("the rules", plan, *source.fee_schedule_versions)))


def _share(share: claim_pb2.Share) -> str:
    return (
        f"{share.plan_id} {share.benefit_year}: deductible {share.deductible},"
        f" out of pocket {share.out_of_pocket}"
    )


def _print_payment(console: Console, claim: Claim) -> None:
    if not claim.HasField("payment"):
        return
    made = claim.payment
    console.print(
        facts(
            [
                ("payment", f"{made.trace_number}  {made.remittance_id}".strip()),
                ("on", to_date(made.payment_date)),
                ("of adjudication", made.adjudication_number),
                ("paid", made.paid),
                ("interest", made.interest),
            ]
        )
    )
    rows = [
        (item.overpayment_id, item.amount, item.recouped, item.recorded_by,
         moment(item.record_time))
        for item in made.overpayments
    ]  # fmt: skip
    if rows:
        columns = ("id", "amount#", "recouped#", "by", "recorded")
        console.print(table("Overpayments", columns, rows))


def _print_appeals(console: Console, claim: Claim) -> None:
    statuses = claim_pb2.AppealStatus.DESCRIPTOR
    outcomes = claim_pb2.AppealOutcome.DESCRIPTOR
    rows = [
        (
            item.appeal_id,
            item.level,
            item.adjudication_number,
            ", ".join(map(str, item.line_numbers)),
            item.amount_in_controversy,
            item.filed_by,
            to_date(item.due_date),
            enum_name(outcomes if item.outcome else statuses, item.outcome or item.status),
            item.closed_by,
            item.late,
        )
        for item in claim.appeals
    ]
    columns = ("id", "level", "adjudication", "lines", "amount#", "by", "due", "status",
               "closed by", "late")  # fmt: skip
    if rows:
        console.print(table("Appeals", columns, rows))


def _print_papers(console: Console, claim: Claim) -> None:
    kinds = claim_pb2.NoteKind.DESCRIPTOR
    notes = [
        (
            note.note_id,
            enum_name(kinds, note.kind),
            note.author,
            "(redacted)" if note.redacted else note.text,
        )
        for note in claim.notes
    ]
    if notes:
        console.print(table("Notes", ("id", "kind", "author", "text"), notes))
    papers = [
        (item.attachment_id, item.media_type, item.size_bytes, item.report_type_code, item.sha256)
        for item in claim.attachments
    ]
    if papers:
        columns = ("id", "type", "bytes#", "report", "sha256")
        console.print(table("Attachments", columns, papers))


def changed_fields(paths: Sequence[str]) -> str:
    """Return what changed: every path of a few, else how many below each part of the claim."""
    if len(paths) <= CHANGES_SHOWN_MAX:
        return ", ".join(paths)
    parts = Counter(path.partition(".")[0].partition("[")[0] for path in paths)
    return ", ".join(
        name if count == 1 else f"{name} ({count} fields)" for name, count in parts.items()
    )
