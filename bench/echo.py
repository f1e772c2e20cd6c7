"""The baseline: a bare grpc.aio server that parses a SubmitClaim request and answers a ready reply.

Same messages, same loop (uvloop), no interceptor, no rules, no database.
Run as `python -m bench.echo PORT`.
"""

from __future__ import annotations

import sys

import grpc
import uvloop

from claimflow.v1 import command_service_pb2

SERVICE = "claimflow.v1.CommandService"


async def serve(port: int) -> None:
    """Answer until the process ends."""
    reply = command_service_pb2.SubmitClaimResponse()

    async def submit_claim(
        request: command_service_pb2.SubmitClaimRequest, context: object
    ) -> command_service_pb2.SubmitClaimResponse:
        reply.claim.document.CopyFrom(request.document)
        return reply

    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 4 << 20)])
    handler = grpc.unary_unary_rpc_method_handler(
        submit_claim,
        request_deserializer=command_service_pb2.SubmitClaimRequest.FromString,
        response_serializer=command_service_pb2.SubmitClaimResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"SubmitClaim": handler}),)
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
