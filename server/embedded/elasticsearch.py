"""A private Elasticsearch: the real server, one node, on the loopback interface only.

`python -m server.embedded.elasticsearch HOME PORT` runs it in the foreground; port 0 takes a free
one. The port in use is written to `HOME/port`.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from server.embedded import jars
from server.embedded.ports import LOOPBACK, free_port
from server.embedded.process import Child, StartError, tail, wait_until
from server.embedded.settings import Settings, write_atomically


class PrivateElasticsearch:
    """An Elasticsearch node in a folder: started, stopped, killed, restarted on the same port.

    Also a context manager: up on entry, stopped on exit, the data stays.
    """

    name = "elasticsearch"

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        cache: Path | None = None,
        heap: str = "512m",
        log: Path | None = None,
        pid_file: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.port = port or free_port()
        self._cache = cache or Settings.read().cache
        base = os.environ if environment is None else environment
        self.child = Child(
            self.name,
            [sys.executable, "-m", __name__, str(self.folder), str(self.port)],
            log=log or self.folder / "elasticsearch.log",
            pid_file=pid_file,
            environment={
                **base,
                "CLAIMFLOW_CACHE": str(self._cache),
                "CLAIMFLOW_ELASTICSEARCH_HEAP": heap,
            },
        )

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Have the jars at hand, fetched at the first start; raise `StartError` without them."""
        try:
            jars.fetch(self._cache, say)
        except jars.JarError as error:
            raise StartError(self.name, str(error)) from error

    def launch(self) -> None:
        """Start the server without waiting for it."""
        self.child.start()

    def ready(self) -> bool:
        """Say whether every index it holds can be read and written."""
        status, body = get(self.url, "/_cluster/health?wait_for_status=yellow&timeout=0s")
        return status == 200 and json.loads(body)["status"] in {"yellow", "green"}

    def start(self, timeout_seconds: float = 120.0) -> None:
        """Start the server and return when it answers; raise `StartError` when it does not."""
        self.prepare()
        self.launch()
        up = wait_until(lambda: self.ready() or self.child.pid is None, timeout_seconds)
        if not up or self.child.pid is None:
            self.child.stop(grace_seconds=5)
            raise StartError(self.name, f"did not come up\n{tail(self.child.log)}")

    def stop(self, grace_seconds: float = 30.0) -> None:
        """Close the node and end its process."""
        self.child.stop(grace_seconds)

    def kill(self) -> int:
        """Kill the process as a crash would and return its pid."""
        return self.child.kill()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()


def get(url: str, path: str, timeout_seconds: float = 2.0) -> tuple[int, bytes]:
    """Ask a server on this machine (no proxy in between); status 0 when it does not answer."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=timeout_seconds)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def main(home: Path, port: int) -> None:
    """Run a node in this process until SIGTERM or SIGINT."""
    from server.embedded import node  # needs the Java bridge, which a supervisor does without

    settings = Settings.read()
    listed = jars.committed()
    paths = jars.fetch(settings.cache, lambda text: print(text, flush=True), listed)
    home.mkdir(parents=True, exist_ok=True)
    chosen = port or free_port()
    write_atomically(home / "port", f"{chosen}\n", mode=0o644)
    node.run(
        home.resolve(),
        chosen,
        version=jars.version(listed),
        jars=paths,
        heap=settings.elasticsearch_heap,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
