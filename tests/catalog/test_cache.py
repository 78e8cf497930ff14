"""Parsed once, read from the cache afterwards, parsed again when the cache is no good."""

import hashlib
import os

import pytest

from tests.catalog.documents import entity, sets, xml
from vegraph.catalog import cache, csdl
from vegraph.catalog.lazy import LazyMapping
from vegraph.errors import CatalogError

DOCUMENT = xml(entity("thing"), container=sets("thing"))


def _is_compiled(catalog) -> bool:
    return isinstance(catalog.entity_types, LazyMapping)


def test_the_second_reading_comes_from_the_cache(tmp_path):
    first = cache.read(DOCUMENT, name="bc", directory=tmp_path)
    second = cache.read(DOCUMENT, name="bc", directory=tmp_path)
    assert (_is_compiled(first), _is_compiled(second)) == (False, True)
    assert first == second == csdl.read(DOCUMENT, name="bc")
    assert len(list(tmp_path.iterdir())) == 1


def test_another_document_is_another_file(tmp_path):
    cache.read(DOCUMENT, name="bc", directory=tmp_path)
    other = cache.read(xml(entity("other")), name="bc", directory=tmp_path)
    assert set(other.entity_types) == {"NS.other"}
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"VEGRAPH\x01 nonsense", b"\x00" * 4000])
def test_a_damaged_cache_is_made_anew(tmp_path, damage, caplog):
    cache.read(DOCUMENT, name="bc", directory=tmp_path)
    [path] = tmp_path.iterdir()
    path.write_bytes(damage)
    assert not _is_compiled(cache.read(DOCUMENT, name="bc", directory=tmp_path))
    assert path.name in caplog.text
    assert _is_compiled(cache.read(DOCUMENT, name="bc", directory=tmp_path))


def test_a_directory_that_cannot_be_written_is_done_without(tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    assert set(cache.read(DOCUMENT, name="bc", directory=blocked).entity_types) == {"NS.thing"}
    assert "not written" in caplog.text


def test_what_is_refused_is_not_kept(tmp_path):
    with pytest.raises(CatalogError):
        cache.read(b"<html>", name="bc", directory=tmp_path)
    assert os.listdir(tmp_path) == []


def test_without_a_directory_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not _is_compiled(cache.read(DOCUMENT, name="bc", directory=None))
    assert os.listdir(tmp_path) == []


def test_a_hash_begun_ahead_is_the_files_own_and_counts_once(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"first")
    cache.hash_ahead(path)
    first = cache.digest_of(path)
    path.write_bytes(b"second")
    assert first == hashlib.sha256(b"first").hexdigest()
    assert cache.digest_of(path) == hashlib.sha256(b"second").hexdigest()


def test_a_hash_of_nothing_fails_where_it_is_asked_for(tmp_path):
    cache.hash_ahead(tmp_path / "gone")
    with pytest.raises(FileNotFoundError):
        cache.digest_of(tmp_path / "gone")
