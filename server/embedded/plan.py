"""What runs on one machine: the parts, their environment, and when each counts as ready."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import grpc
import psycopg
from grpc_health.v1 import health_pb2, health_pb2_grpc

from server.embedded.elasticsearch import PrivateElasticsearch, get
from server.embedded.ports import LOOPBACK, settle
from server.embedded.postgres import PrivatePostgres
from server.embedded.process import Child
from server.embedded.settings import Home, Settings, write_atomically
from server.embedded.tokens import AUDIENCE, DEMO_TENANT, ISSUER, TokenMint, secret

Environment = Mapping[str, str]


class Part(Protocol):
    """Something a supervisor keeps running."""

    name: str
    child: Child

    def prepare(self, say: Callable[[str], None]) -> None:
        """Do what only a first start needs."""

    def launch(self) -> None:
        """Start without waiting."""

    def ready(self) -> bool:
        """Say whether it does its work."""

    def stop(self, grace_seconds: float) -> None:
        """Stop and wait."""


@dataclass(frozen=True)
class Program:
    """One of our own programs as a part."""

    name: str
    command: tuple[str, ...]
    # Asked with the environment the program was given.
    is_ready: Callable[[Environment], bool]


@dataclass(frozen=True)
class Plan:
    """Our programs; tests put others in their place."""

    # Run to their end, in order, once Postgres is up and before the programs.
    prepare: tuple[tuple[str, ...], ...]
    programs: tuple[Program, ...]


class ProgramPart:
    """A program, made a part."""

    def __init__(self, program: Program, home: Home, environment: Environment) -> None:
        self.name = program.name
        self._program = program
        self._environment = environment
        self.child = Child(
            program.name,
            program.command,
            log=home.log_file(program.name),
            pid_file=home.pid_file(program.name),
            environment=environment,
        )

    def prepare(self, say: Callable[[str], None]) -> None:
        """Nothing to prepare."""

    def launch(self) -> None:
        """Start without waiting."""
        self.child.start()

    def ready(self) -> bool:
        """Say what the plan says."""
        return self._program.is_ready(self._environment)

    def stop(self, grace_seconds: float) -> None:
        """Stop and wait."""
        self.child.stop(grace_seconds)


def serving(address_setting: str) -> Callable[[Environment], bool]:
    """Return a question: does the gRPC health service at this address say SERVING."""

    def ask(environment: Environment) -> bool:
        options = (("grpc.enable_http_proxy", 0),)
        with grpc.insecure_channel(environment[address_setting], options=options) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            try:
                reply = stub.Check(health_pb2.HealthCheckRequest(), timeout=2.0)
            except grpc.RpcError:
                return False
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)

    return ask


def follows(environment: Environment) -> bool:
    """Say whether the worker has stored its progress."""
    status, _ = get(environment["ELASTICSEARCH_URL"], "/claimflow-progress/_doc/claims")
    return status == 200


def ticks(environment: Environment) -> bool:
    """Say whether the timers look at the store."""
    with psycopg.connect(environment["DATABASE_URL"], connect_timeout=2) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'claimflow timers'"
            " AND datname = current_database()"
        ).fetchone()
    return found is not None


def _module(name: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *words)


PLAN: Final = Plan(
    prepare=(
        _module("server.command", "migrate"),
        # Sample data has bad numbers: the demo tenant warns where others reject.
        _module("server.command", "set-policy", DEMO_TENANT, "sandbox", "--name=demo", "--if-new"),
        _module("server.command", "load-demo"),
    ),
    programs=(
        Program("command", _module("server.command", "serve"), serving("CLAIMFLOW_COMMAND_ADDR")),
        Program("query", _module("server.query", "serve"), serving("CLAIMFLOW_QUERY_ADDR")),
        Program("worker", _module("projections", "run"), follows),
        Program("timers", _module("server.command", "timers"), ticks),
    ),
)


class Site:
    """One installation: its keys, ports and stores, and the environment its parts share."""

    def __init__(self, settings: Settings, parts: tuple[str, ...]) -> None:
        self.home = Home(settings.home)
        self.home.create()
        self.mint = TokenMint(self.home.keys)
        ports = {
            name: settle(port, f"CLAIMFLOW_{name.upper()}_PORT") if name in parts else port
            for name, port in (
                ("elasticsearch", settings.elasticsearch_port),
                ("command", settings.command_port),
                ("query", settings.query_port),
            )
        }
        base = {**os.environ, "CLAIMFLOW_HOME": str(settings.home)}
        base.pop("CLAIMFLOW_TOKEN", None)  # no server needs one
        self.postgres = PrivatePostgres(
            settings.home / "postgres",
            log=self.home.log_file("postgres"),
            pid_file=self.home.pid_file("postgres"),
            environment=base,
        )
        self.elasticsearch = PrivateElasticsearch(
            settings.home / "elasticsearch",
            port=ports["elasticsearch"],
            cache=settings.cache,
            heap=settings.elasticsearch_heap,
            log=self.home.log_file("elasticsearch"),
            pid_file=self.home.pid_file("elasticsearch"),
            environment=base,
        )
        self.own = self._own(settings.home, ports)
        self.environment = {**base, **self.own}

    def part(self, name: str, plan: Plan) -> Part:
        """Return a part by its name."""
        if name == "postgres":
            return self.postgres
        if name == "elasticsearch":
            return self.elasticsearch
        program = next(program for program in plan.programs if program.name == name)
        return ProgramPart(program, self.home, self.environment)

    def write_env(self) -> None:
        """Write fresh tokens and the `env` file."""
        values = {**self.own, "CLAIMFLOW_TOKEN": self.mint.write_tokens(self.home.tokens)}
        lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
        write_atomically(self.home.env, "\n".join(lines) + "\n")

    def _own(self, home: Path, ports: Mapping[str, int]) -> dict[str, str]:
        command = f"{LOOPBACK}:{ports['command']}"
        query = f"{LOOPBACK}:{ports['query']}"
        return {
            "CLAIMFLOW_HOME": str(home),
            "CLAIMFLOW_COMMAND_ADDR": command,
            "CLAIMFLOW_QUERY_ADDR": query,
            "CLAIMFLOW_COMMAND_LISTEN": command,
            "CLAIMFLOW_QUERY_LISTEN": query,
            "DATABASE_URL": self.postgres.url,
            "ELASTICSEARCH_URL": self.elasticsearch.url,
            "CLAIMFLOW_JWKS_FILE": str(self.mint.jwks_file),
            "CLAIMFLOW_JWT_ISSUER": ISSUER,
            "CLAIMFLOW_JWT_AUDIENCE": AUDIENCE,
            "CLAIMFLOW_INDEX_KEY_FILE": str(secret(self.home.keys / "index.key")),
            "CLAIMFLOW_SEAL_KEY_FILE": str(secret(self.home.keys / "seal.key")),
        }
