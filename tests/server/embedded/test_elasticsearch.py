"""A private Elasticsearch is the real one, on loopback, and back with its data after every kill."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from elasticsearch import Elasticsearch

from server.embedded.elasticsearch import PrivateElasticsearch, get


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateElasticsearch]:
    with PrivateElasticsearch(tmp_path_factory.mktemp("elasticsearch")) as server:
        yield server


def test_it_listens_on_loopback_only(server: PrivateElasticsearch) -> None:
    process = psutil.Process(server.child.pid)
    listening = [c.laddr.ip for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_a_write_is_there_after_kill_9_on_the_same_port(server: PrivateElasticsearch) -> None:
    with Elasticsearch(server.url) as client:
        client.index(
            index="survivor", id="1", document={"a": 1}, version=7, version_type="external"
        )
    server.kill()
    server.start()
    with Elasticsearch(server.url) as client:
        assert client.get(index="survivor", id="1")["_version"] == 7


def test_sigterm_is_a_clean_end(server: PrivateElasticsearch) -> None:
    assert server.child.pid is not None
    psutil.Process(server.child.pid).send_signal(signal.SIGTERM)
    server.stop()
    assert server.child.exit_code == 0
    server.start()


def test_a_server_that_is_not_there_answers_nothing(tmp_path: Path) -> None:
    assert get(PrivateElasticsearch(tmp_path).url, "/")[0] == 0


def test_a_test_s_indices_go_with_it(elasticsearch_url: str, index_prefix: str) -> None:
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.create(index=f"{index_prefix}claims")
        assert client.indices.exists(index=f"{index_prefix}claims")
