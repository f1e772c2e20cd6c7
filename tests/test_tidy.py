"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from claimflow.client import AsyncClient, Client
from claimflow.v1 import (
    claim_pb2,
    command_service_pb2,
    document_pb2,
    errors_pb2,
    options_pb2,
    query_service_pb2,
    remittance_pb2,
)
from server.claims import document, model
from server.claims.refusals import Refusal
from server.command.service import CommandService
from server.platform.contract import method_policy, phi_class
from server.query.service import QueryService

ROOT = Path(__file__).resolve().parents[1]
GENERATED = ("protos/gen/",)
LINES_MAX = 420
FUNCTION_LINES_MAX = 70


def tracked(*endings: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [
        ROOT / name
        for name in listed
        if name.endswith(endings) and not name.startswith(GENERATED) and (ROOT / name).is_file()
    ]


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


SERVICES = [
    (command_service_pb2.DESCRIPTOR.services_by_name["CommandService"], CommandService),
    (query_service_pb2.DESCRIPTOR.services_by_name["QueryService"], QueryService),
]
METHODS = [
    pytest.param(method, handler, id=method.full_name)
    for service, handler in SERVICES
    for method in service.methods
]


@pytest.mark.parametrize(("method", "handler"), METHODS)
def test_every_rpc_has_a_service_method_and_an_sdk_method(method: Any, handler: type) -> None:
    for owner in (handler, Client, AsyncClient):
        assert callable(getattr(owner, snake(method.name), None)), owner.__name__


@pytest.mark.parametrize(("method", "handler"), METHODS)
def test_every_rpc_declares_permission_idempotency_and_audit(method: Any, handler: type) -> None:
    policy = method_policy(method)
    assert policy.permission and policy.idempotency and policy.audit


def every_message(file: Any) -> list[Any]:
    found = list(file.message_types_by_name.values())
    for message in found:
        found.extend(message.nested_types)
    return found


@pytest.mark.parametrize(
    "message",
    [
        message
        for module in (
            document_pb2,
            claim_pb2,
            remittance_pb2,
            command_service_pb2,
            query_service_pb2,
        )
        for message in every_message(module.DESCRIPTOR)
    ],
    ids=lambda message: message.name,
)
def test_every_leaf_field_declares_how_private_it_is(message: Any) -> None:
    for field in message.fields:
        if field.message_type is None or field.message_type.full_name == "google.type.Date":
            assert phi_class(field) or field.message_type is not None, field.full_name


def test_every_refusal_is_an_error_reason() -> None:
    reasons = {
        name.removeprefix("ERROR_REASON_")
        for name in errors_pb2.ErrorReason.DESCRIPTOR.values_by_name
    }
    assert {refusal.value for refusal in Refusal} <= reasons


def proto_fields(message: Any) -> set[str]:
    return {field.name for field in message.fields}


DOCUMENT_CLASSES = [
    kind for kind in vars(document).values() if isinstance(kind, type) and is_dataclass(kind)
]


@pytest.mark.parametrize("kind", DOCUMENT_CLASSES, ids=lambda kind: kind.__name__)
def test_what_names_a_person_is_sealed(kind: type) -> None:
    message = document_pb2.DESCRIPTOR.message_types_by_name[kind.__name__]
    sealed = {field.name for field in fields(kind) if field.metadata.get("sealed")}
    direct = {
        field.name
        for field in message.fields
        if phi_class(field) == options_pb2.PHI_CLASS_DIRECT_ID
    }
    assert sealed == direct


def test_claimflow_stays_a_namespace() -> None:
    for folder in ("clients/python/claimflow", "protos/gen/claimflow", "protos/gen/claimflow/v1"):
        assert not (ROOT / folder / "__init__.py").exists(), f"{folder}/__init__.py breaks imports"


def test_tests_are_no_packages() -> None:
    assert not [path for path in tracked("__init__.py") if "tests" in path.parts]


def test_nothing_is_left_for_later() -> None:
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplemented" + r"Error)\b")
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked(".py", ".proto", ".md", ".yaml", "Makefile")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if words.search(line)
    ]
    assert not left


def test_no_file_names_a_download_address_or_a_machines_folder() -> None:
    address = re.compile(
        r"index-url|://[^ ]*/(simple|maven2|packages)/|[\"'= (]/(ro" + r"ot|wo" + r"rk)/"
    )
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked(".py", ".txt", ".toml", ".yaml", ".md", "Makefile", "Dockerfile", "run")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if address.search(line) and "no-emit-index-url" not in line and path.name != "test_tidy.py"
    ]
    assert not named


def test_no_file_holds_two_topics() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked(".py")
        if "tests" not in path.parts
        and not path.read_text().startswith("# Generated by")
        and (count := len(path.read_text().splitlines())) > LINES_MAX
    }
    assert not long


def test_no_function_holds_two_steps() -> None:
    long = []
    for path in tracked(".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    long.append(f"{path.relative_to(ROOT)}:{node.name} {lines}")
    assert not long


def test_readme_speaks_of_what_is_there() -> None:
    readme = (ROOT / "README.md").read_text()
    words = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z]+)`", readme)) <= words
    for link in re.findall(r"\]\(([^)#:]+)\)", readme):
        assert (ROOT / link).exists(), link


def test_a_determination_has_the_same_fields_in_rules_and_contract() -> None:
    message = claim_pb2.DESCRIPTOR.message_types_by_name["AdjudicationLine"]
    assert set(get_type_hints(model.AdjudicationLine)) == proto_fields(message)
