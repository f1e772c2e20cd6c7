"""Nothing runs that is not on the committed list, and nothing is fetched twice."""

import hashlib
import re
import shutil
import threading
from pathlib import Path

import pytest

from server.embedded import jars
from server.embedded.jars import Jar, JarError, fetch

CONTENT = b"a jar"
GENUINE = Jar(hashlib.sha256(CONTENT).hexdigest(), "org.elasticsearch", "elasticsearch", "9.0.0")


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Put a source without a network in place; return the names of what is fetched from it."""
    fetched: list[str] = []
    source = tmp_path / "source"
    source.write_bytes(CONTENT)

    def download(context: object, jar: Jar) -> Path:
        fetched.append(jar.filename)
        copy = tmp_path / f"copy-{len(fetched)}"
        shutil.copy(source, copy)
        return copy

    monkeypatch.setattr(jars, "_download_one", download)
    return fetched


def test_the_committed_list_names_every_file_once_with_its_checksum() -> None:
    committed = jars.committed()
    assert len({jar.filename for jar in committed}) == len(committed) == 53
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) for jar in committed)
    assert jars.version(committed) == "9.5.2"


def test_a_file_is_fetched_once(tmp_path: Path, downloads: list[str]) -> None:
    for _ in range(2):
        (path,) = fetch(tmp_path / "cache", jars=[GENUINE])
        assert path.read_bytes() == CONTENT
    assert downloads == [GENUINE.filename]


def test_two_at_once_fetch_once(tmp_path: Path, downloads: list[str]) -> None:
    threads = [
        threading.Thread(target=fetch, args=(tmp_path / "cache",), kwargs={"jars": [GENUINE]})
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert downloads == [GENUINE.filename]


def test_a_download_that_differs_is_refused_and_not_kept(
    tmp_path: Path, downloads: list[str]
) -> None:
    expected = Jar("0" * 64, GENUINE.group, GENUINE.artifact, GENUINE.version)
    with pytest.raises(JarError, match="not the file of the committed list"):
        fetch(tmp_path / "cache", jars=[expected])
    assert not list((tmp_path / "cache").rglob("*.jar"))


def test_a_file_changed_in_the_cache_is_refused(tmp_path: Path, downloads: list[str]) -> None:
    (path,) = fetch(tmp_path / "cache", jars=[GENUINE])
    path.write_bytes(b"something else")
    with pytest.raises(JarError, match="not the file of the committed list"):
        fetch(tmp_path / "cache", jars=[GENUINE])
