"""`python -m server.query serve`: the read process."""

from __future__ import annotations

import os
import sys

from server.platform import processes


def _serve() -> int:
    # Imported here, after the fork: grpc's threads do not survive one (D13).
    from server.platform.serving import run
    from server.query.process import serve

    return run(serve(os.environ))


def main() -> int:
    if sys.argv[1:] not in ([], ["serve"]):
        print("usage: python -m server.query [serve]", file=sys.stderr)
        return 2
    return processes.run(int(os.environ.get("CLAIMFLOW_PROCESSES") or "1"), _serve)


if __name__ == "__main__":
    sys.exit(main())
