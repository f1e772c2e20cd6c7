"""A client that knows nothing but reflection, like grpcurl, can list, describe and call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.rpc import status_pb2
from grpc_reflection.v1alpha import reflection_pb2

from claimflow.cli import demo
from tests.e2e.conftest import System

VERSIONS = ("grpc.reflection.v1", "grpc.reflection.v1alpha")
OURS = {
    "CLAIMFLOW_COMMAND_ADDR": "claimflow.v1.CommandService",
    "CLAIMFLOW_QUERY_ADDR": "claimflow.v1.QueryService",
}
METHODS = {
    "CLAIMFLOW_COMMAND_ADDR": "claimflow.v1.CommandService.PendClaim",
    "CLAIMFLOW_QUERY_ADDR": "claimflow.v1.SearchClaimsRequest.filter",
}


class Explorer:
    """Finds everything out from the server."""

    def __init__(self, channel: grpc.Channel, version: str, token: str) -> None:
        self._channel = channel
        self._ask: Any = channel.stream_stream(
            f"/{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._pool = descriptor_pool.DescriptorPool()
        self._known: set[str] = set()

    def services(self) -> set[str]:
        answer = self._reflect(reflection_pb2.ServerReflectionRequest(list_services=""))
        return {service.name for service in answer.list_services_response.service}

    def describe(self, symbol: str) -> None:
        request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
        self._add(self._reflect(request).file_descriptor_response.file_descriptor_proto)

    def message(self, name: str) -> Any:
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name))

    def call(self, service: str, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        descriptor = self._pool.FindServiceByName(service).FindMethodByName(method)
        request = message_factory.GetMessageClass(descriptor.input_type)()
        answer_type = message_factory.GetMessageClass(descriptor.output_type)
        json_format.ParseDict(fields, request, descriptor_pool=self._pool)
        call: Any = self._channel.unary_unary(
            f"/{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer_type.FromString,
        )
        answer = call(request, metadata=self._metadata, timeout=30)
        return json_format.MessageToDict(answer, preserving_proto_field_name=True)

    def _reflect(self, request: Any) -> Any:
        return next(iter(self._ask(iter([request]), metadata=self._metadata, timeout=10)))

    def _add(self, files: Any) -> None:
        for data in files:
            file = descriptor_pb2.FileDescriptorProto.FromString(data)
            if file.name in self._known:
                continue
            self._known.add(file.name)
            for needed in file.dependency:
                if needed not in self._known:
                    request = reflection_pb2.ServerReflectionRequest(file_by_filename=needed)
                    self._add(self._reflect(request).file_descriptor_response.file_descriptor_proto)
            self._pool.Add(file)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("address", OURS)
def test_both_services_are_listed_and_described(system: System, address: str, version: str) -> None:
    with grpc.insecure_channel(system.env[address]) as channel:
        explorer = Explorer(channel, version, system.token("examiner"))
        assert {OURS[address], "grpc.health.v1.Health"} <= explorer.services()
        explorer.describe(OURS[address])
        for symbol in ("google.rpc.ErrorInfo", "google.rpc.BadRequest", METHODS[address]):
            explorer.describe(symbol)
        assert explorer.message("google.rpc.ErrorInfo") is not None


def test_a_stranger_submits_adjudicates_and_searches(system: System) -> None:
    document = demo.document("REFLECTED-1", datetime.now(UTC).date())
    fields = json_format.MessageToDict(document, preserving_proto_field_name=True)
    with grpc.insecure_channel(system.env["CLAIMFLOW_COMMAND_ADDR"]) as channel:
        submitter = Explorer(channel, VERSIONS[0], system.token("submitter"))
        submitter.describe("claimflow.v1.CommandService")
        submitted = submitter.call(
            "claimflow.v1.CommandService", "SubmitClaim", {"document": fields}
        )
        claim_id = submitted["claim"]["claim_id"]
        examiner = Explorer(channel, VERSIONS[0], system.token("examiner"))
        examiner.describe("claimflow.v1.CommandService")
        lines = [
            {"line_number": 1, "charge": "27500.00", "allowed": "27500.00", "paid": "27500.00"},
            {"line_number": 2, "charge": "2500.00", "allowed": "2500.00", "paid": "2500.00"},
        ]
        adjudicated = examiner.call(
            "claimflow.v1.CommandService",
            "AdjudicateClaim",
            {
                "claim_id": claim_id,
                "lines": lines,
                "paid": "30000.00",
                "patient_responsibility": "0.00",
            },
        )
    assert adjudicated["claim"]["state"] == "CLAIM_STATE_PENDING_APPROVAL"
    token = adjudicated["receipt"]["consistency_token"]
    with grpc.insecure_channel(system.env["CLAIMFLOW_QUERY_ADDR"]) as channel:
        reader = Explorer(channel, VERSIONS[1], system.token("examiner"))
        reader.describe("claimflow.v1.QueryService")
        found = reader.call(
            "claimflow.v1.QueryService",
            "SearchClaims",
            {
                "filter": f'claim_number="{submitted["claim"]["claim_number"]}"',
                "consistency": {"at_least_as_fresh": {"token": token}},
            },
        )
    assert [one["claim_id"] for one in found["claims"]] == [claim_id]


def test_a_refusal_shows_reason_and_field_paths(system: System) -> None:
    with grpc.insecure_channel(system.env["CLAIMFLOW_COMMAND_ADDR"]) as channel:
        submitter = Explorer(channel, VERSIONS[0], system.token("submitter"))
        submitter.describe("claimflow.v1.CommandService")
        submitter.describe("google.rpc.ErrorInfo")
        submitter.describe("google.rpc.BadRequest")
        document = {"total_charge": "1.234", "service_lines": [{"charge": "much"}]}
        with pytest.raises(grpc.RpcError) as refused:
            submitter.call("claimflow.v1.CommandService", "SubmitClaim", {"document": document})
        error: Any = refused.value
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        details = status_pb2.Status.FromString(
            dict(error.trailing_metadata())["grpc-status-details-bin"]
        )
        kinds = {detail.type_url.rpartition("/")[2]: detail.value for detail in details.details}
        info = submitter.message("google.rpc.ErrorInfo").FromString(kinds["google.rpc.ErrorInfo"])
        bad = submitter.message("google.rpc.BadRequest").FromString(kinds["google.rpc.BadRequest"])
    assert info.reason == "VALIDATION_FAILED"
    assert info.domain == "claimflow"
    paths = {violation.field for violation in bad.field_violations}
    assert {"document.total_charge", "document.service_lines[0].charge"} <= paths
    assert "much" not in str(error) and "1.234" not in str(error)
