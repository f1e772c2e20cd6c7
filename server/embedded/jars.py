"""The Elasticsearch jars: a committed list with checksums, fetched once per user.

`python -m server.embedded.jars VERSION` prints the list of another version, for an upgrade.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from jgo.maven import MavenContext

LIST: Final = Path(__file__).with_name("elasticsearch-jars.txt")
# The server, and the one plugin without which it would not speak HTTP.
ARTIFACTS: Final = ("org.elasticsearch:elasticsearch", "org.elasticsearch.plugin:transport-netty4")
_DOWNLOADS_AT_ONCE = 4
_ATTEMPTS_MAX = 3
_TIMEOUT_SECONDS = 60


class JarError(RuntimeError):
    """A jar is not what the committed list says, or could not be fetched."""


@dataclass(frozen=True)
class Jar:
    """One file of the list."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def filename(self) -> str:
        """The file's name; unique within the list."""
        return f"{self.artifact}-{self.version}.jar"


def committed(listing: Path = LIST) -> list[Jar]:
    """Return the committed list, in its order: that of the class path."""
    jars = []
    for line in listing.read_text().splitlines():
        if line and not line.startswith("#"):
            sha256, coordinate = line.split()
            jars.append(Jar(sha256, *coordinate.split(":")))
    return jars


def version(jars: Sequence[Jar]) -> str:
    """Return the version of Elasticsearch that a list holds."""
    return next(jar.version for jar in jars if f"{jar.group}:{jar.artifact}" == ARTIFACTS[0])


def fetch(
    cache: Path,
    say: Callable[[str], None] = lambda _: None,
    jars: Sequence[Jar] | None = None,
) -> list[Path]:
    """Return the jars, downloading the missing ones; every file is verified at every call.

    Safe beside other processes doing the same. Raises `JarError` for a file that differs from the
    list, which is then left as it is for inspection.
    """
    jars = committed() if jars is None else jars
    folder = cache / f"elasticsearch-{version(jars)}"
    folder.mkdir(parents=True, exist_ok=True)
    with (cache / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = [jar for jar in jars if not (folder / jar.filename).exists()]
        if missing:
            _download(missing, folder, say)
    for jar in jars:
        _verify(folder / jar.filename, jar)
    return [folder / jar.filename for jar in jars]


def _download(jars: Sequence[Jar], folder: Path, say: Callable[[str], None]) -> None:
    # Imported here: where all is at hand already, neither this nor a network is needed.
    from jgo.maven import MavenContext, PythonResolver

    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as staging:
        context = MavenContext(
            resolver=PythonResolver(), repo_cache=Path(staging), timeout=_TIMEOUT_SECONDS
        )

        def one(jar: Jar) -> int:
            got = _download_one(context, jar)
            _verify(got, jar)
            size = got.stat().st_size
            os.replace(got, folder / jar.filename)  # same file system: all of it, or nothing
            return size

        total = 0
        with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
            try:
                for count, size in enumerate(pool.map(one, jars), start=1):
                    total += size
                    say(f"fetched {count} of {len(jars)} files, {total / 1e6:.0f} MB")
            except JarError:
                pool.shutdown(cancel_futures=True)
                raise


def _download_one(context: MavenContext, jar: Jar) -> Path:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    half = artifact.cached_path
    for attempt in range(1, _ATTEMPTS_MAX + 1):
        try:
            return Path(artifact.resolve())
        except Exception as error:  # whatever the client or its network layer raises
            if attempt == _ATTEMPTS_MAX:
                raise JarError(f"{jar.filename} could not be fetched: {error}") from error
            if half:
                half.unlink(missing_ok=True)  # half a file would count as got
            time.sleep(attempt)
    raise AssertionError("the last attempt returns or raises")


def _verify(path: Path, jar: Jar) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != jar.sha256:
        raise JarError(
            f"{path} is not the file of the committed list (expected sha256 {jar.sha256}, "
            f"found {found}); remove it to have it fetched again"
        )


def resolve(wanted: str) -> list[Jar]:
    """Return the list of a version as the registry's metadata and files give it now."""
    from jgo.maven import MavenContext, PythonResolver

    with tempfile.TemporaryDirectory() as staging:
        context = MavenContext(
            resolver=PythonResolver(), repo_cache=Path(staging), timeout=_TIMEOUT_SECONDS
        )
        roots = [context.create_dependency(f"{name}:jar:{wanted}") for name in ARTIFACTS]
        direct, others = context.resolver.resolve(roots)
        jars = []
        for dependency in (*direct, *others):
            artifact = dependency.artifact
            content = Path(artifact.resolve()).read_bytes()
            jars.append(
                Jar(
                    hashlib.sha256(content).hexdigest(),
                    artifact.groupId,
                    artifact.artifactId,
                    artifact.version,
                )
            )
    return jars


def main(wanted: str) -> None:
    """Print the list of a version in the form of the committed one."""
    print("# sha256  group:artifact:version; made by `python -m server.embedded.jars VERSION`")
    for jar in resolve(wanted):
        print(f"{jar.sha256}  {jar.group}:{jar.artifact}:{jar.version}")


if __name__ == "__main__":
    main(sys.argv[1])
