"""What is read ahead is compiled by another process, or, where that fails, read and refused as ever."""

import gzip
import os
import subprocess
import sys

import pytest

from tests.catalog.documents import entity, sets, xml
from vegraph.app import starting
from vegraph.app.settings import parse
from vegraph.catalog import ahead, cache, csdl, folder
from vegraph.catalog.lazy import LazyMapping
from vegraph.catalog.python import environment, module
from vegraph.errors import CatalogError

DOCUMENT = xml(entity("thing"), container=sets("thing"))


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(ahead, "LARGE", 0)


def _read(path, directory):
    where = {"name": "bc", "language": "en-US", "cached_in": directory}
    folder.read_ahead(path, **where)
    return folder.read(path, **where)


def _is_compiled(catalog) -> bool:
    return isinstance(catalog.entity_types, LazyMapping)


@pytest.mark.parametrize("name", ["some.xml", "folder/metadata.xml"])
def test_it_is_there_compiled_when_it_is_read(tmp_path, name):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(DOCUMENT)
    source = path if name == "some.xml" else path.parent
    first, second = (_read(source, tmp_path / "cache") for _ in range(2))
    assert _is_compiled(first)
    assert first == second == csdl.read(DOCUMENT, name="bc")
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_another_document_at_the_same_place_is_another_catalog(tmp_path):
    path = tmp_path / "some.xml"
    for name in ("one", "two"):
        path.write_bytes(xml(entity(name)))
        assert set(_read(path, tmp_path / "cache").entity_types) == {f"NS.{name}"}


@pytest.mark.parametrize(
    ("content", "said"), [(b"<html>", "HTML"), (DOCUMENT[:-30], "ends in the middle"), (None, "cannot be read")]
)
def test_what_is_wrong_with_it_is_said_as_ever(tmp_path, content, said):
    path = tmp_path / "some.xml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CatalogError, match=said):
        _read(path, tmp_path / "cache")


def test_without_a_cache_it_is_read_here_and_once(tmp_path, monkeypatch, caplog):
    run: list[list[str]] = []
    monkeypatch.setattr(ahead, "_run", run.append)
    path, blocked = tmp_path / "some.xml", tmp_path / "file"
    path.write_bytes(DOCUMENT)
    blocked.write_text("not a directory")
    assert not _is_compiled(_read(path, blocked))
    assert "not written" in caplog.text
    assert run == []
    _read(path, tmp_path / "cache")
    assert len(run) == 1


@pytest.mark.parametrize(
    "command",
    [
        ["/nowhere/python"],
        [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"],
        [sys.executable, "-c", "import time; time.sleep(60)"],
    ],
)
def test_without_the_process_it_is_read_here(tmp_path, monkeypatch, command):
    monkeypatch.setattr(ahead, "module", lambda *_: command)
    monkeypatch.setattr(ahead, "PATIENCE_S", 0.5)
    path = tmp_path / "some.xml"
    path.write_bytes(DOCUMENT)
    assert not _is_compiled(_read(path, tmp_path / "cache"))
    assert _is_compiled(_read(path, tmp_path / "cache"))


def test_for_a_small_document_no_process_is_started(tmp_path, monkeypatch):
    monkeypatch.setattr(ahead, "LARGE", len(DOCUMENT) + 1)
    monkeypatch.setattr(ahead, "begin", lambda *_, **__: pytest.fail("a process was begun"))
    path = tmp_path / "some.xml"
    path.write_bytes(DOCUMENT)
    assert not _is_compiled(_read(path, tmp_path / "cache"))


@pytest.mark.parametrize("packed", [False, True])
def test_a_document_is_as_large_as_it_is_unpacked(tmp_path, monkeypatch, packed):
    monkeypatch.setattr(ahead, "LARGE", 10_000)
    path = tmp_path / "some.xml"
    data = DOCUMENT + b" " * 10_000
    path.write_bytes(gzip.compress(data) if packed else data)
    assert _is_compiled(_read(path, tmp_path / "cache"))


def test_one_document_of_two_sources_is_compiled_once(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(ahead, "_run", started.append)
    path = tmp_path / "some.xml"
    path.write_bytes(DOCUMENT)
    for name in ("one", "two"):
        folder.read_ahead(path, name=name, language="en-US", cached_in=tmp_path / "cache")
    ahead.finish(path)
    assert len(started) == 1


def test_a_server_begins_it_before_it_loads_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("VEGRAPH_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "some.xml"
    path.write_bytes(DOCUMENT)
    source = '[sources.bc]\nkind = "odata"\nurl = "http://127.0.0.1:9"\nmetadata = "some.xml"\n'
    starting._read_ahead(parse(source, tmp_path / "vegraph.toml", {}))
    ahead.finish(path)
    assert cache.place(cache.digest_of(path), cache.directory()).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a document that is never there is a pipe nobody writes to")
def test_it_ends_with_the_server_that_wanted_it(tmp_path):
    never = tmp_path / "never.xml"
    os.mkfifo(never)
    command = module("vegraph.catalog.compiling", str(never), "bc", "en-US", str(tmp_path / "target"))
    with subprocess.Popen(command, env=environment(), stdin=subprocess.PIPE) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 3
