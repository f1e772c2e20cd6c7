"""A server's life: health, reflection, draining, and one program from start to end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from claimflow.v1 import command_service_pb2 as wire
from claimflow.v1 import errors_pb2
from server.embedded.tokens import TokenMint
from server.platform.call import Call
from server.platform.errors import Failure
from server.platform.serving import RunningServer
from server.platform.settings import ServerSettings, SettingsError
from tests.server.platform.conftest import Site
from tests.server.platform.desk import DESCRIPTOR, Desk
from tests.server.platform.rawclient import framed, raw_client

ROOT = Path(__file__).resolve().parents[3]
CHECK = "/grpc.health.v1.Health/Check"
VERSIONS = ("grpc.reflection.v1", "grpc.reflection.v1alpha")
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def channel_to(site: Site) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(f"127.0.0.1:{site.server.port}")


@pytest.mark.parametrize("name", ["", "claimflow.v1.CommandService"])
async def test_health_is_told_by_name(site: Site, name: str) -> None:
    async with channel_to(site) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(service=name))
        site.server.health.set(False)
        later = await health.Check(health_pb2.HealthCheckRequest(service=name))

    assert (answer.status, later.status) == (SERVING, NOT_SERVING)


async def test_health_of_nobody_is_not_found(site: Site) -> None:
    request = health_pb2.HealthCheckRequest(service="x").SerializeToString()

    assert (await site.raw.call(CHECK, framed(request))).code == 5


@pytest.mark.parametrize("body", [b"", framed(b"\xff")])
async def test_a_bad_health_check_is_refused_at_once(site: Site, body: bytes) -> None:
    assert (await site.raw.call(CHECK, body)).code == 3


async def test_who_watches_health_hears_of_the_end_and_does_not_hold_it_up(site: Site) -> None:
    async with channel_to(site) as channel:
        health: Any = health_pb2_grpc.HealthStub(channel)
        watch = health.Watch(health_pb2.HealthCheckRequest())
        told = [(await watch.read()).status]

        async def listen() -> None:
            while (answer := await watch.read()) is not grpc.aio.EOF:
                told.append(answer.status)

        await asyncio.gather(listen(), site.server.drain())

        # Its end is the server's, not the end of the server's patience.
        assert await watch.code() is grpc.StatusCode.OK
    assert told == [SERVING, NOT_SERVING]


async def test_a_stream_without_an_end_is_told_of_the_servers(site: Site) -> None:
    async def listen(_: Any, call: Call) -> AsyncIterator[Any]:
        yield wire.IngestClaimsResponse(batch_id="a")
        await call.draining.wait()
        raise Failure(errors_pb2.ERROR_REASON_SHUTTING_DOWN)

    site.desk.stream = listen
    call = site.stub.IngestClaims(metadata=site.metadata("SUBMITTER"))
    assert (await call.read()).batch_id == "a"

    began = time.monotonic()
    draining = asyncio.create_task(site.server.drain())
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call.read()

    assert refused.value.details() == "the server is shutting down"
    assert time.monotonic() - began < 1.0  # far below the patience for calls under way
    await draining


async def test_work_under_way_is_finished_before_the_end(site: Site) -> None:
    began = asyncio.Event()

    async def work(request: Any, call: Call) -> Any:
        began.set()
        await asyncio.sleep(0.2)
        return wire.PendClaimResponse(receipt={"version": 4})

    site.desk.work = work
    call = site.stub.PendClaim(wire.PendClaimRequest(), metadata=site.metadata())
    waiting = asyncio.ensure_future(call)
    await began.wait()

    await site.server.drain()

    assert (await waiting).receipt.version == 4


@pytest.mark.parametrize("version", VERSIONS)
async def test_reflection_describes_everything_under_both_names(site: Site, version: str) -> None:
    async with channel_to(site) as channel:
        ask = asker(channel, version)
        listed = await ask(reflection_pb2.ServerReflectionRequest(list_services=""))
        names = {one.name for one in listed.list_services_response.service}
        described = set()
        for symbol in (*names, "google.rpc.ErrorInfo", "google.rpc.BadRequest"):
            request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
            reply = await ask(request)
            if reply.file_descriptor_response.file_descriptor_proto:
                described.add(symbol)

    assert names == {
        "claimflow.v1.CommandService",
        "grpc.health.v1.Health",
        *(f"{one}.ServerReflection" for one in VERSIONS),
    }
    assert described == names | {"google.rpc.ErrorInfo", "google.rpc.BadRequest"}


async def test_reflection_shows_the_options_of_a_method(site: Site) -> None:
    request = reflection_pb2.ServerReflectionRequest(
        file_containing_symbol="claimflow.v1.CommandService"
    )
    async with channel_to(site) as channel:
        reply = await asker(channel, VERSIONS[0])(request)

    files = [
        descriptor_pb2.FileDescriptorProto.FromString(data)
        for data in reply.file_descriptor_response.file_descriptor_proto
    ]
    assert any(one.name == "claimflow/v1/command_service.proto" for one in files)


async def test_a_bad_reflection_request_is_refused(site: Site) -> None:
    path = f"/{VERSIONS[0]}.ServerReflection/ServerReflectionInfo"

    assert (await site.raw.call(path, framed(b"\xff"))).code == 3


async def test_beyond_this_machine_reflection_is_for_administrators(
    settings: ServerSettings, token_mint: TokenMint, tmp_path: Path
) -> None:
    # Given a server on all addresses, with TLS
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    make_certificate(certificate, key)
    open_to_all = replace(settings, listen="0.0.0.0:0", tls_cert_file=certificate, tls_key_file=key)
    server = RunningServer([(DESCRIPTOR, Desk())], open_to_all)
    await server.start()
    trust = grpc.ssl_channel_credentials(certificate.read_bytes())
    codes = {}
    async with grpc.aio.secure_channel(f"localhost:{server.port}", trust) as channel:
        for role in ("", "EXAMINER", "ADMIN"):
            # When somebody asks
            metadata = (("authorization", f"Bearer {token_mint.mint(role)}"),) if role else ()
            call = asker(channel, VERSIONS[0], metadata)
            try:
                await call(reflection_pb2.ServerReflectionRequest(list_services=""))
                codes[role] = "OK"
            except grpc.aio.AioRpcError as error:
                codes[role] = error.code().name
    await server.drain()

    # Then only an administrator is answered
    assert codes == {"": "UNAUTHENTICATED", "EXAMINER": "PERMISSION_DENIED", "ADMIN": "OK"}


async def test_a_taken_address_is_named(site: Site, settings: ServerSettings) -> None:
    taken = replace(settings, listen=f"127.0.0.1:{site.server.port}")

    with pytest.raises(SettingsError, match="cannot be opened"):
        RunningServer([(DESCRIPTOR, Desk())], taken)


def test_a_method_without_a_handler_does_not_start(settings: ServerSettings) -> None:
    async def start() -> None:
        RunningServer([(DESCRIPTOR, object())], settings)

    with pytest.raises(TypeError, match="has no handler"):
        asyncio.run(start())


@pytest.mark.parametrize("processes", [1, 2])
async def test_a_program_serves_until_it_is_told_to_stop(
    settings: ServerSettings, token_mint: TokenMint, tmp_path: Path, processes: int
) -> None:
    # Given a program of one or more processes
    port = free_port()
    environ = {
        **os.environ,
        "DATABASE_URL": "postgresql://nowhere",
        "ELASTICSEARCH_URL": "http://nowhere",
        "CLAIMFLOW_JWKS_FILE": str(settings.jwks_file),
        "CLAIMFLOW_JWT_ISSUER": settings.jwt_issuer,
        "CLAIMFLOW_SEAL_KEY_FILE": str(settings.seal_key_file),
        "CLAIMFLOW_INDEX_KEY_FILE": str(settings.index_key_file),
        "CLAIMFLOW_PROCESSES": str(processes),
        "CLAIMFLOW_DRAIN_WAIT_S": "0",
        "TEST_LISTEN": f"127.0.0.1:{port}",
    }
    log_file = tmp_path / "log"
    with log_file.open("wb") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.server.platform.program"],
            cwd=ROOT, env=environ, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        # When it is called, loses a process if it has one to lose, and is called again
        await serving(log_file, processes)
        await answers(port)
        if processes > 1:
            children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text()
            os.kill(int(children.split()[0]), signal.SIGKILL)
            await serving(log_file, processes + 1)
            await answers(port)
        program.send_signal(signal.SIGTERM)

        # Then it answers each time, and ends well
        assert await asyncio.to_thread(program.wait, 20) == 0
    finally:
        program.kill()
        program.wait()
    assert "Traceback" not in log_file.read_text()


async def serving(log_file: Path, times: int) -> None:
    """Wait until processes have said so often that they serve."""
    async with asyncio.timeout(30):
        while log_file.read_text().count('"event": "serving"') < times:
            await asyncio.sleep(0.05)


async def answers(port: int) -> None:
    """Wait until a server answers on a new connection."""
    request = framed(health_pb2.HealthCheckRequest().SerializeToString())
    async with asyncio.timeout(30):
        while True:
            try:
                async with raw_client(port) as client:
                    if (await client.call(CHECK, request)).code == 0:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.05)


def asker(channel: grpc.aio.Channel, version: str, metadata: Any = ()) -> Any:
    """Return a function that asks one question of reflection."""
    stub: Any = channel.stream_stream(
        f"/{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )

    async def ask(request: Any) -> Any:
        call = stub(iter([request]), metadata=metadata)
        return await anext(aiter(call))

    return ask


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def make_certificate(certificate: Path, key: Path) -> None:
    """Write a certificate for localhost and its key."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
