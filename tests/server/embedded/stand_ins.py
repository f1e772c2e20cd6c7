"""Stand-ins for our three programs: small, but real processes with real health and progress."""

from __future__ import annotations

import os
import signal
import sys
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import grpc
import psycopg
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from server.embedded import control
from server.embedded.plan import Plan, Program, follows, serving
from server.embedded.settings import Settings


def stand_in(*arguments: str) -> tuple[str, ...]:
    """Return the command of a stand-in."""
    return (sys.executable, "-m", "tests.server.embedded.stand_ins", *arguments)


COMMAND = Program(
    "command",
    stand_in("serve", "CLAIMFLOW_COMMAND_LISTEN"),
    serving("CLAIMFLOW_COMMAND_ADDR"),
)
QUERY = Program(
    "query", stand_in("serve", "CLAIMFLOW_QUERY_LISTEN"), serving("CLAIMFLOW_QUERY_ADDR")
)
WORKER = Program("worker", stand_in("work"), follows)
TIMERS = Program("timers", stand_in("work"), follows)
STAND_IN_PLAN = Plan((stand_in("migrate"),), (COMMAND, QUERY, WORKER, TIMERS))
BROKEN = ("/bin/sh", "-c", "echo this stand-in is broken >&2; exit 1")
BROKEN_PLAN = Plan((stand_in("migrate"),), (Program("command", BROKEN, follows),))
# Without Elasticsearch and its worker, for stories that are not about them.
FEW_PARTS = ("postgres", "command")


def _wait_for_the_end() -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    while not stop.wait(0.1):
        pass


def migrate() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS migrated (at timestamptz)")
        connection.execute("INSERT INTO migrated VALUES (now())")


def serve(listen: str) -> None:
    server = grpc.server(ThreadPoolExecutor(2))
    servicer = health.HealthServicer()
    servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    assert server.add_insecure_port(os.environ[listen])
    server.start()
    _wait_for_the_end()
    server.stop(0).wait()


def work() -> None:
    request = urllib.request.Request(
        os.environ["ELASTICSEARCH_URL"] + "/claimflow-progress/_doc/claims",
        data=b'{"position": 1}',
        headers={"content-type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=30).close()
    _wait_for_the_end()


if __name__ == "__main__":
    match sys.argv[1]:
        case "migrate":
            migrate()
        case "serve":
            serve(sys.argv[2])
        case "work":
            work()
        case "supervise":
            plan = BROKEN_PLAN if sys.argv[2] == "broken" else STAND_IN_PLAN
            handle = int(sys.argv[3])
            sys.exit(control.supervise(Settings.read(), handle, plan=plan, parts=FEW_PARTS))
        case other:
            sys.exit(f"no stand-in is called {other}")
