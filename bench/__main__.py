"""`make bench`: the whole system and a bare echo in one run, figures as ratios.

    python -m bench [--claims 6000] [--in-flight 64] [--rounds 5] [--bulk 20000] [--rate 100]

Rates are of one Python client on the same machine, whose own CPU counts: trust the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import grpc
import uvloop

from bench import load, search
from claimflow.importers import generate
from claimflow.v1 import document_pb2
from server.embedded.ports import settle

ROOT = Path(__file__).resolve().parents[1]
_WARM_UP = 500  # calls
_SECONDS = 10  # of open load


@contextmanager
def running_system() -> Iterator[dict[str, str]]:
    """Start everything in a folder of its own; yield its `env`, forget it afterwards."""
    home = Path(tempfile.mkdtemp(prefix="claimflow-bench-"))
    ports = {f"CLAIMFLOW_{part}_PORT": "0" for part in ("COMMAND", "QUERY", "ELASTICSEARCH")}
    environment = {**os.environ, "CLAIMFLOW_HOME": str(home), **ports}
    words = [sys.executable, "-m", "server.embedded"]
    try:
        subprocess.run([*words, "up"], cwd=ROOT, env=environment, check=True, stdout=sys.stderr)
        lines = (home / "env").read_text().splitlines()
        pairs = (line.removeprefix("export ").split("=", 1) for line in lines)
        yield {name: shlex.split(value)[0] for name, value in pairs}
    finally:
        subprocess.run([*words, "reset"], cwd=ROOT, env=environment, check=False, stdout=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def running_echo() -> Iterator[str]:
    """Start the bare echo; yield its address."""
    port = settle(0, "echo")
    echo = subprocess.Popen([sys.executable, "-m", "bench.echo", str(port)], cwd=ROOT)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        echo.terminate()
        echo.wait()


async def unary(
    options: argparse.Namespace,
    env: dict[str, str],
    echo_address: str,
    documents: Iterator[document_pb2.ClaimDocument],
) -> None:
    """Compare durable commands with the echo, interleaved."""
    async with (
        grpc.aio.insecure_channel(env["CLAIMFLOW_COMMAND_ADDR"]) as command,
        grpc.aio.insecure_channel(echo_address) as echo,
    ):
        await asyncio.gather(
            command.channel_ready(), asyncio.wait_for(echo.channel_ready(), timeout=30)
        )
        submit = load.submitter(command, documents, env["CLAIMFLOW_TOKEN"])
        again = cycle(list(islice(documents, _WARM_UP)))
        bounce = load.submitter(echo, again, env["CLAIMFLOW_TOKEN"])
        await load.closed_loop(_WARM_UP, options.in_flight, submit)
        await load.closed_loop(_WARM_UP, options.in_flight, bounce)
        ratios = []
        for number in range(options.rounds):
            ours = await load.closed_loop(options.claims, options.in_flight, submit)
            bare = await load.closed_loop(options.claims, options.in_flight, bounce)
            ratios.append(ours.per_second / bare.per_second)
            print(
                f"  round {number + 1}: commands {ours.per_second:7.0f}/s"
                f" (p50 {ours.p50_ms:.1f} ms, p99 {ours.p99_ms:.1f} ms)"
                f"   echo {bare.per_second:7.0f}/s (p50 {bare.p50_ms:.1f} ms)"
                f"   ratio {ratios[-1]:.2f}"
            )
        print(
            f"unary durable SubmitClaim / bare echo: median {statistics.median(ratios):.2f},"
            f" range {min(ratios):.2f}-{max(ratios):.2f}; target 0.60"
        )


async def bulk(
    options: argparse.Namespace,
    env: dict[str, str],
    documents: Iterator[document_pb2.ClaimDocument],
) -> None:
    """Measure the stream of batches."""
    async with grpc.aio.insecure_channel(env["CLAIMFLOW_COMMAND_ADDR"]) as command:
        rate = await load.ingest(
            command, list(islice(documents, options.bulk)), env["CLAIMFLOW_TOKEN"], 200
        )
    print(f"bulk intake by stream, batches of 200: {rate:.0f} claims/s; target 5000")


async def freshness(
    options: argparse.Namespace,
    env: dict[str, str],
    documents: Iterator[document_pb2.ClaimDocument],
) -> None:
    """Measure commit to searchable under open load."""
    async with (
        grpc.aio.insecure_channel(env["CLAIMFLOW_COMMAND_ADDR"]) as command,
        grpc.aio.insecure_channel(env["CLAIMFLOW_QUERY_ADDR"]) as query,
    ):
        p50, p99 = await load.commit_to_searchable(
            command, query, documents, env["CLAIMFLOW_TOKEN"], options.rate, _SECONDS
        )
    print(
        f"commit to searchable at {options.rate:.0f} commands/s:"
        f" p50 {p50:.0f} ms, p99 {p99:.0f} ms; target 60 and 200 at 300/s"
    )


async def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--claims", type=int, default=6000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bulk", type=int, default=20000)
    parser.add_argument("--rate", type=float, default=300)
    options = parser.parse_args()
    needed = 2 * _WARM_UP + options.rounds * options.claims + options.bulk
    made = list(generate(needed + int(options.rate * _SECONDS), seed=7))
    documents = iter(made)
    print(
        f"Python {platform.python_version()}, grpcio {grpc.__version__}, {os.cpu_count()} cores,"
        f" request {made[0].ByteSize()} bytes, {options.in_flight} in flight, seed 7"
    )
    with running_system() as env, running_echo() as echo_address:
        await unary(options, env, echo_address, documents)
        await bulk(options, env, documents)
        await freshness(options, env, documents)
        await search.compare(env, options.rounds)


if __name__ == "__main__":
    uvloop.run(main())
