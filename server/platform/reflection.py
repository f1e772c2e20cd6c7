"""Reflection under both names, v1 and v1alpha: grpcio serves the older one, the messages are equal.

Who can reach the server only from this machine may ask; beyond, an administrator (3.10).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, text_format
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from claimflow.v1 import errors_pb2, options_pb2
from server.platform.call_log import CallLog
from server.platform.decoding import invalid
from server.platform.errors import Failure
from server.platform.rpc import Edge, hear_out, metadata_of, refuse

NAMES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
# Their messages travel as details of an error; importing them lets a client find them.
ERROR_DETAILS = (error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR)
STREAM_SECONDS_MAX = 600.0


def handlers(names: Sequence[str], edge: Edge) -> list[grpc.GenericRpcHandler]:
    """Return the registrations of reflection over these services and itself."""
    describe_v1()
    servicer = reflection.aio.ReflectionServicer([*names, *NAMES])
    return [_handler(name, servicer, edge) for name in NAMES]


def describe_v1() -> None:
    """Put the v1 names into the descriptor pool, so that they can be described too."""
    described = descriptor_pb2.FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(described)
    text = text_format.MessageToString(described).replace("v1alpha", "v1")
    renamed = text_format.Parse(text, descriptor_pb2.FileDescriptorProto())
    descriptor_pool.Default().AddSerializedFile(renamed.SerializeToString())


def _handler(name: str, servicer: Any, edge: Edge) -> grpc.GenericRpcHandler:
    method = f"/{name}/ServerReflectionInfo"

    async def answer(_: object, context: Any) -> None:
        with CallLog(method) as log:
            try:
                if not edge.settings.is_local:
                    try:
                        _check_administrator(edge, context, log)
                    except Failure:
                        await hear_out(context)
                        raise
                async with asyncio.timeout(STREAM_SECONDS_MAX):
                    async for reply in servicer.ServerReflectionInfo(_asked(context), context):
                        await context.write(reply.SerializeToString())
            except Exception as error:
                await refuse(context, error, log)

    way: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(answer)
    return grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": way})


def _check_administrator(edge: Edge, context: Any, log: CallLog) -> None:
    caller = edge.authenticator.authenticate(metadata_of(context).get("authorization"))
    log.principal, log.role = caller, options_pb2.ROLE_ADMIN
    if options_pb2.ROLE_ADMIN not in caller.roles:
        missing = {"permission": "REFLECTION"}
        raise Failure(errors_pb2.ERROR_REASON_PERMISSION_MISSING, missing)


async def _asked(context: Any) -> AsyncIterator[Any]:
    while (body := await context.read()) is not grpc.aio.EOF:
        try:
            request = reflection_pb2.ServerReflectionRequest.FromString(body)
        except (DecodeError, UnicodeDecodeError):
            raise invalid("", "the message cannot be decoded") from None
        if owner := _owner(request.file_containing_symbol):
            request.file_containing_symbol = owner
        yield request


def _owner(symbol: str) -> str | None:
    """Return the service or message that a method or field belongs to, None for anything else.

    The descriptor pool finds files by services and messages only; clients ask for members too.
    """
    pool = descriptor_pool.Default()
    owner, _, member = symbol.rpartition(".")
    for find, members in (
        (pool.FindServiceByName, "methods_by_name"),
        (pool.FindMessageTypeByName, "fields_by_name"),
    ):
        try:
            if member in getattr(find(owner), members):
                return owner
        except KeyError:
            continue
    return None
