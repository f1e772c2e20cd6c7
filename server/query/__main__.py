"""The read process: `python -m server.query [serve]`."""

from __future__ import annotations

import argparse
import sys

# Nothing here may import grpc: the server forks its processes before that (processes.py).
from server.platform import processes
from server.platform.settings import SettingsError
from server.query.settings import query_settings


def parser() -> argparse.ArgumentParser:
    """Return the words and what they take."""
    words = argparse.ArgumentParser(prog="python -m server.query", description=__doc__)
    words.add_argument("word", nargs="?", choices=["serve"], default="serve")
    return words


def main(arguments: list[str] | None = None) -> int:
    parser().parse_args(arguments)
    try:
        settings = query_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2

    def serve() -> int:
        from server.query import process

        return process.serve(settings)

    return processes.run(settings.processes, serve)


if __name__ == "__main__":
    sys.exit(main())
