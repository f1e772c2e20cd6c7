"""CommandService behind its real door: gRPC, credentials, documents, and what a refusal says."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from claimflow.v1 import command_service_pb2 as wire
from claimflow.v1 import document_pb2
from claimflow.v1.command_service_pb2_grpc import CommandServiceStub
from server.command.engine import Engine
from server.command.ledger import Ledger
from server.command.service import CommandService
from server.command.serving import DESCRIPTOR
from server.command.settings import CommandSettings
from server.embedded.tokens import TokenMint
from server.platform.positions import TokenCodec
from server.platform.serving import RunningServer

CLINIC = ("SUBMITTER", "clinic")
EVE = ("EXAMINER", "eve")


@dataclass
class Door:
    stub: Any
    mint: TokenMint
    tokens: TokenCodec

    async def call(self, method: str, request: Any, who: tuple[str, str] = CLINIC) -> Any:
        return await getattr(self.stub, method)(request, metadata=self.metadata(who))

    def metadata(self, who: tuple[str, str], tenant: str | None = None) -> Any:
        role, subject = who
        more: dict[str, Any] = {"tenant": tenant} if tenant else {}
        return (("authorization", f"Bearer {self.mint.mint(role, subject=subject, **more)}"),)

    async def submit(self, document: Any = None, **fields: Any) -> Any:
        request = wire.SubmitClaimRequest(document=document or claim_document(), **fields)
        return await self.call("SubmitClaim", request)


@asynccontextmanager
async def opened(database: str, token_mint: TokenMint, tmp_path: Path) -> AsyncIterator[Door]:
    key = tmp_path / "seal.key"
    key.write_bytes(bytes(32))
    settings = CommandSettings(
        database_url=database,
        jwks_file=token_mint.jwks_file,
        jwt_issuer=token_mint.issuer,
        seal_key_file=key,
        drain_wait_s=0.0,
    )
    ledger = Ledger(database)
    engine = Engine(ledger)
    await engine.start()
    tokens = TokenCodec(bytes(32))
    service = CommandService(engine, tokens, durability=1)
    server = RunningServer([(DESCRIPTOR, service)], settings)
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield Door(CommandServiceStub(channel), token_mint, tokens)
    await server.drain()
    await engine.stop()


_PEOPLE = itertools.count(1)


def claim_document(**changes: Any) -> document_pb2.ClaimDocument:
    document = document_pb2.ClaimDocument(
        type=document_pb2.CLAIM_TYPE_PROFESSIONAL,
        patient_control_number="PCN-1",
        frequency_code="1",
        total_charge="100.00",
        currency_code="USD",
        place_of_service_code="11",
        payer={"payer_id": "PAY01", "name": "Payer"},
        billing_provider={"npi": "1234567893", "name": "Clinic"},
        subscriber={
            "member_id": f"M{next(_PEOPLE):06}",
            "last_name": "Canary",
            "first_name": "Jane",
            "birth_date": {"year": 1980, "month": 1, "day": 1},
        },
        diagnoses=[{"qualifier": 1, "code_system": 1, "code": "J029"}],
        service_lines=[
            {
                "line_number": 1,
                "procedure": {"code_system": 5, "code": "99213"},
                "charge": "100.00",
                "units": "1",
                "unit_basis_code": "UN",
                "service_from_date": {"year": 2026, "month": 1, "day": 5},
                "diagnosis_pointers": [1],
            }
        ],
    )
    document.MergeFrom(document_pb2.ClaimDocument(**changes))
    return document


def details(error: grpc.aio.AioRpcError) -> tuple[str, dict[str, str], list[str]]:
    """Reason, metadata and field paths of an error."""
    trailing = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailing["grpc-status-details-bin"])
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info) or detail.Unpack(bad)
    return info.reason, dict(info.metadata), [one.field for one in bad.field_violations]


async def refused(work: Any) -> tuple[str, dict[str, str], list[str]]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await work
    return details(caught.value)


async def ingest(door: Door, *batches: Any) -> list[Any]:
    async def send() -> AsyncIterator[Any]:
        for batch in batches:
            yield batch

    call = door.stub.IngestClaims(send(), metadata=door.metadata(CLINIC))
    return [answer async for answer in call]


def batch(documents: list[Any], batch_id: str | None = None) -> Any:
    return wire.IngestClaimsRequest(batch_id=batch_id or str(uuid4()), documents=documents)
