"""What can be set about one machine's installation, and where its state lies."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PARTS = ("postgres", "elasticsearch", "command", "query", "worker", "timers")
ROOT = Path(__file__).resolve().parents[2]


class SettingError(ValueError):
    """A setting cannot be used as it stands; the text names it and says what would do."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a user may choose; read once, at the top."""

    # CLAIMFLOW_HOME: the folder that holds all state.
    home: Path = Path(".claimflow")
    # CLAIMFLOW_CACHE: the folder for what can be fetched again; shared by all homes of a user.
    cache: Path = field(default_factory=lambda: _default_cache(os.environ))
    # CLAIMFLOW_COMMAND_PORT: TCP port of the command server; 0 takes a free one.
    command_port: int = 50051
    # CLAIMFLOW_QUERY_PORT: TCP port of the query server; 0 takes a free one.
    query_port: int = 50052
    # CLAIMFLOW_ELASTICSEARCH_PORT: HTTP port of the private Elasticsearch; 0 takes a free one.
    elasticsearch_port: int = 9200
    # CLAIMFLOW_ELASTICSEARCH_HEAP: its Java heap, as java's -Xmx takes it.
    elasticsearch_heap: str = "512m"

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings of an environment; raise `SettingError` for one out of range."""
        heap = environment.get("CLAIMFLOW_ELASTICSEARCH_HEAP") or "512m"
        if not re.fullmatch(r"[1-9][0-9]*[mg]", heap):
            raise SettingError("CLAIMFLOW_ELASTICSEARCH_HEAP must look like 512m or 2g")
        home = Path(environment.get("CLAIMFLOW_HOME") or ".claimflow")
        return Settings(
            home=home.expanduser().absolute(),
            cache=_default_cache(environment),
            command_port=_port(environment, "CLAIMFLOW_COMMAND_PORT", 50051),
            query_port=_port(environment, "CLAIMFLOW_QUERY_PORT", 50052),
            elasticsearch_port=_port(environment, "CLAIMFLOW_ELASTICSEARCH_PORT", 9200),
            elasticsearch_heap=heap,
        )

    def environment(self) -> dict[str, str]:
        """Return what `read` gives back as these settings."""
        return {
            "CLAIMFLOW_HOME": str(self.home.absolute()),
            "CLAIMFLOW_CACHE": str(self.cache.absolute()),
            "CLAIMFLOW_COMMAND_PORT": str(self.command_port),
            "CLAIMFLOW_QUERY_PORT": str(self.query_port),
            "CLAIMFLOW_ELASTICSEARCH_PORT": str(self.elasticsearch_port),
            "CLAIMFLOW_ELASTICSEARCH_HEAP": self.elasticsearch_heap,
        }


@dataclass(frozen=True)
class Home:
    """The places inside CLAIMFLOW_HOME."""

    path: Path

    @property
    def env(self) -> Path:
        """A shell file of `export` lines: addresses, a token, what the programs need."""
        return self.path / "env"

    @property
    def tokens(self) -> Path:
        """One credential a file, named after its role."""
        return self.path / "tokens"

    @property
    def keys(self) -> Path:
        """Secret keys, and the public key set `jwks.json`."""
        return self.path / "keys"

    @property
    def run(self) -> Path:
        """Process ids, the supervisor's lock and status."""
        return self.path / "run"

    @property
    def log(self) -> Path:
        """A log for each part."""
        return self.path / "log"

    def pid_file(self, part: str) -> Path:
        """Return the file with a part's process id."""
        return self.run / f"{part}.pid"

    def log_file(self, part: str) -> Path:
        """Return the file a part writes its output to."""
        return self.log / f"{part}.log"

    def create(self) -> None:
        """Make the folders; what lies in them is for the owner alone."""
        self.path.mkdir(parents=True, exist_ok=True)
        for folder in (self.run, self.log, self.keys, self.tokens):
            folder.mkdir(exist_ok=True)
        for folder in (self.keys, self.tokens, self.log):
            folder.chmod(0o700)


def write_atomically(path: Path, content: str | bytes, *, mode: int = 0o600) -> None:
    """Replace a file so that a reader sees the old or the new content, never a part of it."""
    data = content.encode() if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.fchmod(handle, mode)  # a umask may have taken bits away
        os.write(handle, data)
    finally:
        os.close(handle)
    os.replace(beside, path)


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise SettingError(f"{name} must be a port number, or 0 for a free one")
    return int(text)


def _default_cache(environment: Mapping[str, str]) -> Path:
    if chosen := environment.get("CLAIMFLOW_CACHE"):
        return Path(chosen).expanduser().absolute()
    base = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().absolute() / "claimflow"
