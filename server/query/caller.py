"""Who asks: whose claims they may read, which classes they may see, how long they wait.

Everything here comes from the verified credential and the method's permission (D15).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from claimflow.v1 import claim_pb2, options_pb2
from server.platform.blind import blind
from server.platform.contract import granted_roles
from server.platform.redaction import Sight
from server.query.fields import CLINICAL, FINANCIAL
from server.query.queries import Scope

TIMEOUT_SECONDS = 10.0

_OWN = frozenset(
    {options_pb2.ROLE_SUBMITTER, options_pb2.ROLE_PROVIDER_READER, options_pb2.ROLE_MEMBER}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the credential says of a caller."""

    tenant_id: UUID
    subject: str
    roles: frozenset[int]
    npis: tuple[str, ...]
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller of one call."""

    identity: Identity
    scope: Scope
    sight: Sight
    small_cells_hidden: bool
    index_key: bytes
    # Token of metadata "claimflow-consistency-token"; empty for none.
    metadata_token: str
    # Seconds until the call's deadline.
    remaining: Callable[[], float]
    # Sends a token as reply metadata.
    reply_token: Callable[[str], None]

    def blind(self, kind: str, value: str) -> str:
        """Return the keyed hash under which the index holds a value."""
        return blind(self.index_key, self.scope.tenant_id, kind, value)

    def timeout(self) -> float:
        """Return the seconds that a request to a store may take."""
        return min(max(self.remaining(), 0.05), TIMEOUT_SECONDS)

    def owns(self, claim: claim_pb2.Claim) -> bool:
        """Tell whether a claim of the tenant, as Postgres has it, is within the caller's scope."""
        if self.scope.own is None:
            return True
        document = claim.document
        members = {document.subscriber.member_id, document.patient.member_id} - {""}
        held = {
            "submitted_by": {claim.submitted_by},
            "billing_npi": {document.billing_provider.npi},
            "member_hash": {self.blind("member", member) for member in members},
        }
        return any(not held[path].isdisjoint(values) for path, values in self.scope.own)


def scope_of(identity: Identity, permission: int, index_key: bytes) -> Scope:
    """Return whose claims a caller may read under a permission: the widest that a role gives."""
    held = identity.roles & frozenset(granted_roles(permission))
    if held - _OWN:
        return Scope(identity.tenant_id)
    own: list[tuple[str, tuple[str, ...]]] = []
    if options_pb2.ROLE_SUBMITTER in held:
        own.append(("submitted_by", (identity.subject,)))
    if options_pb2.ROLE_PROVIDER_READER in held and identity.npis:
        own.append(("billing_npi", identity.npis))
    if options_pb2.ROLE_MEMBER in held and identity.member_id:
        hashed = blind(index_key, identity.tenant_id, "member", identity.member_id)
        own.append(("member_hash", (hashed,)))
    return Scope(identity.tenant_id, tuple(own))


def hides_small_cells(identity: Identity) -> bool:
    """Tell whether ANALYST is the only role by which a caller may aggregate."""
    held = identity.roles & frozenset(granted_roles(options_pb2.PERMISSION_CLAIM_AGGREGATE))
    return held == {options_pb2.ROLE_ANALYST}


def aggregate_sight(identity: Identity, sight: Sight) -> Sight:
    """Return what a caller may group and sum by.

    An analyst sees no claim, but sums of money and groups by codes: that is what small cells are
    hidden for (domain.md 2.4).
    """
    if options_pb2.ROLE_ANALYST in identity.roles:
        return Sight(sight.classes | {FINANCIAL, CLINICAL}, sight.also)
    return sight
