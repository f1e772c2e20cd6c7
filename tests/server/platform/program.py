"""A server program as the real ones are made, around the desk."""

from __future__ import annotations

import os
import sys

# Nothing here may import grpc: processes are forked before that.
from server.platform import processes
from server.platform.settings import ServerSettings


def main() -> int:
    """Serve until told to stop."""
    settings = ServerSettings.from_environ(os.environ, listen=os.environ["TEST_LISTEN"])

    def serve() -> int:
        from server.platform import telemetry
        from server.platform.serving import run, serve_until_told
        from tests.server.platform.desk import DESCRIPTOR, Desk

        telemetry.configure(settings.log_level)
        return run(serve_until_told([(DESCRIPTOR, Desk())], settings))

    return processes.run(settings.processes, serve)


if __name__ == "__main__":
    sys.exit(main())
