"""The words `backup` and `restore` on the installation of a home."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from server.embedded.backup import BackupError, backup
from server.embedded.postgres import PrivatePostgres
from server.embedded.restore import Target, restore
from server.embedded.settings import Home, Settings
from server.embedded.supervisor import lock, sweep


def postgres_of(settings: Settings) -> PrivatePostgres:
    """Return the server of a home, as its supervisor makes it, neither started nor stopped."""
    home = Home(settings.home)
    return PrivatePostgres(settings.home / "postgres", log=home.log_file("postgres"))


def back_up(settings: Settings, folder: Path) -> int:
    """Back a running installation up; return the exit status."""
    base = backup(_existing(settings), folder)
    print(f"copied whole and verified: {base.folder}")
    print(f"every moment from {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} on can be restored")
    print("keep the keys of the installation apart from it: without them no token can be opened")
    return 0


def put_back(settings: Settings, folder: Path, target: Target) -> int:
    """Restore a stopped installation; return the exit status."""
    postgres = _existing(settings)
    home = Home(settings.home)
    place = lock(home)
    if place is None:
        raise BackupError("claimflow is running: stop it first (`make down`)")
    with place:
        sweep(home)
        done = restore(postgres, folder, target)
    print(f"restored from {done.base.folder.name} in {done.seconds:.1f} s")
    print(f"the log goes on at {done.position} on timeline {done.timeline}")
    if done.kept is not None:
        print(f"what was there is kept in {done.kept}")
    print("start it again: a new epoch begins, and the views are built anew")
    return 0


def _existing(settings: Settings) -> PrivatePostgres:
    if not (settings.home / "postgres" / "data").exists():
        raise BackupError(f"there is no installation in {settings.home}")
    Home(settings.home).create()
    return postgres_of(settings)
