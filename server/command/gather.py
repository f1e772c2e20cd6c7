"""The facts of one decision, out of what its batch has loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from uuid import UUID

from server.claims.commands import (
    AdjudicateClaim,
    Asked,
    IssueRemittance,
    ReportPaymentFailure,
    SubmitClaim,
)
from server.claims.document import ClaimDocument
from server.claims.facts import Facts, Other
from server.claims.model import DECIDED, TERMINAL, Claim
from server.claims.payees import Account, Entry, account_of
from server.claims.policy import Policy
from server.claims.services import (
    Service,
    member_key,
    member_number,
    person_key,
    services_of,
)
from server.command.books import Books, denied
from server.command.requests import Look, Request


def facts_for(books: Books, request: Request, claim: Claim | None) -> Facts:
    """Return what the decision on a request rests on besides the claim."""
    command, tenant = request.command, request.tenant_id
    reference = books.reference
    if isinstance(command, IssueRemittance):
        return _of_remittance(books, tenant, command)
    if isinstance(command, ReportPaymentFailure):
        return _of_failure(books, tenant, command)
    base = Facts(
        _policy(books, tenant, command, claim),
        reference.codes,
        benefits=reference.benefits,
        code_edits=reference.code_edits,
    )
    if isinstance(command, SubmitClaim):
        return _of_person(books, tenant, command.document, None, base, _original(books, request))
    if isinstance(command, AdjudicateClaim) and claim is not None:
        return _of_person(books, tenant, claim.document, claim.claim_id, base, None)
    return base


def _policy(books: Books, tenant: UUID, command: Asked, claim: Claim | None) -> Policy:
    if claim is not None:
        return policy_of(books, tenant, claim)
    received = command.now.astimezone(UTC).date()
    return books.reference.policy(tenant, *_wanted(command), received)


def policy_of(books: Books, tenant: UUID, claim: Claim) -> Policy:
    """Return the policy that a claim is decided under: the one of its date (D17)."""
    document = claim.document
    return books.reference.policy(
        tenant, document.line_of_business, document.jurisdiction, claim.receipt_date
    )


def _wanted(command: Asked) -> tuple[str, str]:
    """Return line of business and jurisdiction of what is asked without a claim."""
    if isinstance(command, SubmitClaim):
        return command.document.line_of_business, command.document.jurisdiction
    if isinstance(command, Look):
        return command.line_of_business, command.jurisdiction
    return "", ""


def _original(books: Books, request: Request) -> Other | None:
    """Return the claim that a frequency 7 or 8 names, if there is one."""
    command = request.command
    assert isinstance(command, SubmitClaim), "asked for submissions only"
    number = command.document.original_claim_number
    claim_id = books.loaded.originals.get((request.tenant_id, number))
    claim = books.claim_of(request.tenant_id, claim_id) if claim_id else None
    return Other(claim, policy_of(books, request.tenant_id, claim)) if claim else None


def _of_person(
    books: Books,
    tenant: UUID,
    document: ClaimDocument,
    claim_id: UUID | None,
    base: Facts,
    original: Other | None,
) -> Facts:
    loaded, person = books.loaded, person_key(document)
    coverages = None
    if tenant in books.reference.benefits.tenants_with_coverage:
        member = member_key(member_number(document))
        coverages = loaded.coverages.get((tenant, member), ())
    return replace(
        base,
        services=_meeting(books, tenant, person, document, claim_id),
        coverages=coverages,
        used=loaded.used.get((tenant, person), {}),
        original=original,
    )


def _meeting(
    books: Books, tenant: UUID, person: str, document: ClaimDocument, claim_id: UUID | None
) -> tuple[Service, ...]:
    """Return the services of the person's other live claims that share a day with this one."""
    known = books.loaded.services.get((tenant, person))
    if not known:
        return ()
    own = services_of(document)
    days = [one.from_date for one in own if one.from_date is not None]
    if not days:
        return ()
    first = min(days)
    last = max(one.through_date or one.from_date or first for one in own)
    meeting = []
    for service in known:
        begins = service.from_date
        if begins is None or begins > last or (service.through_date or begins) < first:
            continue
        if service.claim_id == claim_id or not any(service.overlaps(one) for one in own):
            continue
        assert service.claim_id is not None, "services of other claims name them"
        changed = books.claim_of(tenant, service.claim_id)
        if changed is not None:
            if changed.state in TERMINAL:
                continue
            now = (service.line_number in denied(changed), changed.state in DECIDED)
            if now != (service.denied, service.decided):
                service = replace(service, denied=now[0], decided=now[1])
        meeting.append(service)
    return tuple(meeting)


def _of_remittance(books: Books, tenant: UUID, command: IssueRemittance) -> Facts:
    others = _others(books, tenant, command.claim_ids)
    base = _of_others(books, tenant, command, others)
    first = next(iter(others.values()), None)
    account = account_of(first.claim.document) if first else None
    used = (tenant, command.trace_number) in books.loaded.traces
    return replace(base, entries=_open(books, tenant, account), trace_number_used=used)


def _of_failure(books: Books, tenant: UUID, command: ReportPaymentFailure) -> Facts:
    issued = books.loaded.issued.get((tenant, command.remittance_id))
    if issued is None:
        return _of_others(books, tenant, command, {})
    told = issued.remittance
    others = _others(books, tenant, [one.claim_id for one in told.claims])
    return replace(
        _of_others(books, tenant, command, others),
        entries=_open(books, tenant, told.account),
        remittance=told,
        payment_failed=issued.failed,
        taken=issued.taken,
    )


def _open(books: Books, tenant: UUID, account: Account | None) -> tuple[Entry, ...]:
    """Return what stands open in an account; one payee may have several."""
    if account is None:
        return ()
    of_payee = books.loaded.entries.get((tenant, account.payee), ())
    return tuple(one for one in of_payee if one.account == account)


def _others(books: Books, tenant: UUID, claim_ids: Sequence[UUID]) -> dict[UUID, Other]:
    found = {}
    for claim_id in claim_ids:
        claim = books.claim_of(tenant, claim_id)
        if claim is not None:
            found[claim_id] = Other(claim, policy_of(books, tenant, claim))
    return found


def _of_others(books: Books, tenant: UUID, command: Asked, others: Mapping[UUID, Other]) -> Facts:
    reference = books.reference
    first = next(iter(others.values()), None)
    policy = first.policy if first else _policy(books, tenant, command, None)
    return Facts(policy, reference.codes, others=others)
