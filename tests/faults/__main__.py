"""The fault rig: the whole system under kills, pauses and a failing Elasticsearch.

    python -m tests.faults [--minutes 20] [--seed N] [--plant BUG] [--keep FOLDER]
    python -m tests.faults --self-test      does it notice planted bugs?

Exit status 0: every promise held. The seed gives the same plan again, not the same interleaving.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from pathlib import Path

from tests.faults import planted, selftest
from tests.faults.run import run


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--plant", choices=sorted(planted.PLANTS), default="")
    parser.add_argument("--keep", type=Path, help="a folder for data, logs and history")
    parser.add_argument("--self-test", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.self_test:
        return asyncio.run(selftest.main())
    seed = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    print(f"seed {seed}, {chosen.minutes:g} minutes", flush=True)
    keep = chosen.keep.absolute() if chosen.keep else None
    report = asyncio.run(run(seed, chosen.minutes, plant=chosen.plant, keep=keep))
    print("\n".join(report.lines()))
    return 0 if report.passed else 1


if __name__ == "__main__":
    sys.exit(main())
