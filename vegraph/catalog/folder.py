"""`schema/<source>/`: what was pulled from a source, written so that git shows what changed, and read back offline.

    metadata.xml or metadata.json        the $metadata document, indented
    public-entities.json …               or F&O's metadata services, rows by name
    entity-definitions.json              BC's captions, and Dataverse's in the same form
    routes/contoso/app/v1.0/…            metadata.xml and entity-definitions.json of further API routes of a BC source
    labels.json                          {language: {F&O label id: text}}
    entities.json                        what it comes to, one entity a line group; written, never read

The same answers always give the same bytes. The network is somebody else's: functions here take what was fetched.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from vegraph.catalog import ahead, cache, csdl, labels, metadata_services, routes
from vegraph.catalog.csdl import document
from vegraph.catalog.model import Catalog
from vegraph.catalog.summary import summary
from vegraph.errors import CatalogError

__all__ = ["Pulled", "hash_ahead", "read", "read_ahead", "taken", "write"]

_SERVICES = {
    "public_entities": "public-entities.json",
    "public_enumerations": "public-enumerations.json",
    "data_entities": "data-entities.json",
}
_DOCUMENTS = ("metadata.xml", "metadata.json", "metadata.xml.gz", "metadata.json.gz")
_DEFINITIONS = "entity-definitions.json"
_OWN = frozenset({*_DOCUMENTS, *_SERVICES.values(), _DEFINITIONS, "labels.json", "entities.json"})


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """What was fetched from one source; either `metadata` or the two public lists must be there."""

    metadata: bytes | None = None
    """The service's $metadata, XML or JSON."""
    public_entities: bytes | None = None
    public_enumerations: bytes | None = None
    data_entities: bytes | None = None
    """F&O's services; all pages joined, as `{"value": […]}` or a list."""
    routes: Mapping[str, bytes] = {}
    """$metadata of further BC routes: `contoso/app/v1.0` → document."""
    entity_definitions: bytes | None = None
    """BC's captions, of the main route."""
    route_definitions: Mapping[str, bytes] = {}
    """The same of further routes."""
    labels: Mapping[str, Mapping[str, str]] = {}
    """Language → label id → text."""


def write(folder: Path, pulled: Pulled, *, name: str, language: str = "en-US") -> Catalog:
    """Write the folder anew and give the catalog it holds. Raises CatalogError, and leaves the folder as it was, when
    the answers make no catalog; OSError where it cannot be written."""
    files = dict(_files(pulled, name))
    catalog = _catalog(files, name, language)
    files["entities.json"] = _json(summary(catalog))
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            beside.write_bytes(data)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    for path in _found(folder):
        if path not in files:
            (folder / path).unlink()
    return catalog


def read(path: Path, *, name: str, language: str = "en-US", cached_in: Path | None = None) -> Catalog:
    """The linked catalog of a folder, or of one document (.xml, .json, .gz). Raises CatalogError.

    `cached_in`: directory of compiled catalogs, by content; None: parsed every time.
    """
    ahead.finish(path)
    if not path.is_dir():
        return cache.read(path, name=name, directory=cached_in)
    where = f"{name} ({path})"
    try:
        found = [each for each in sorted(_found(path)) if each != "entities.json"]
        if not any(each in found for each in (*_DOCUMENTS, _SERVICES["public_entities"])):
            raise CatalogError(
                f"{where}: the folder holds no metadata.xml, metadata.json or public-entities.json. "
                f"Run 'vegraph catalog pull {name}'."
            )

        def make() -> Catalog:
            return _catalog({each: (path / each).read_bytes() for each in found}, where, language)

        if cached_in is None:
            return make()
        digests = {each: cache.digest_of(path / each) for each in found}
        return cache.cached(_digest(digests, language), cached_in, make)
    except OSError as error:
        raise CatalogError(f"{where}: the folder cannot be read ({error.strerror or error}).") from None


def hash_ahead(path: Path) -> dict[Path, Future[str]]:
    """Begins, in threads, to read what `read` with `cached_in` will look its catalog up by."""
    files = [path / each for each in _found(path) if each != "entities.json"] if path.is_dir() else [path]
    return {file: cache.hash_ahead(file) for file in files if file.exists()}


def read_ahead(path: Path, *, name: str, language: str, cached_in: Path) -> None:
    """Begins what `read` with the same arguments will wait for: hashes, and the compiling of large documents."""
    hashes = hash_ahead(path)
    if not hashes or sum(map(document.unpacked_size, hashes)) < ahead.LARGE:
        return

    def compiled() -> Path:
        digests = {str(file.relative_to(path)): found.result() for file, found in hashes.items()}
        return cache.place(_digest(digests, language) if path.is_dir() else digests["."], cached_in)

    ahead.begin(path, name=name, language=language, compiled=compiled)


def taken(pulled: Pulled, *, name: str, language: str = "en-US", cached_in: Path | None = None) -> Catalog:
    """The catalog of what was fetched, without a folder. Raises CatalogError."""
    files = dict(_files(pulled, name, plain=True))
    if cached_in is None:
        return _catalog(files, name, language)
    digests = {each: hashlib.sha256(data).hexdigest() for each, data in files.items()}
    return cache.cached(_digest(digests, language), cached_in, lambda: _catalog(files, name, language))


def _digest(digests: Mapping[str, str], language: str) -> str:
    """Of all files and of the language that their labels are read in."""
    text = "".join(f"{each}={digest};" for each, digest in sorted(digests.items()))
    return hashlib.sha256(f"{language};{text}".encode()).hexdigest()


def _found(folder: Path) -> Iterator[str]:
    """The files of ours that a folder holds, as relative paths."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name in _OWN and path.is_file():
            yield path.name
    for file_name in (*_DOCUMENTS, _DEFINITIONS):
        for path in (folder / "routes").rglob(file_name):
            yield path.relative_to(folder).as_posix()


def _files(pulled: Pulled, name: str, *, plain: bool = False) -> Iterator[tuple[str, bytes]]:
    """The files by relative path; `plain`: documents are not indented, for nobody will read them."""
    if pulled.metadata is not None:
        yield ("metadata.xml", pulled.metadata) if plain else _document(pulled.metadata, name)
    for member, file in _SERVICES.items():
        answer = getattr(pulled, member)
        if answer is not None:
            rows = metadata_services.rows(answer, f"{name}: {file}")
            yield file, _json(sorted(rows, key=lambda row: str(row.get("Name", ""))))
    for route, data in sorted(pulled.routes.items()):
        if ".." in PurePosixPath(route).parts or route.startswith("/"):
            raise CatalogError(f"{name}: '{route}' is not an API route such as 'contoso/app/v1.0'.")
        file, content = ("metadata.xml", data) if plain else _document(data, f"{name} route {route}")
        yield f"routes/{route}/{file}", content
    for route, data in sorted(pulled.route_definitions.items()):
        yield f"routes/{route}/{_DEFINITIONS}", _sorted_definitions(data, f"{name} route {route}")
    if pulled.entity_definitions is not None:
        yield _DEFINITIONS, _sorted_definitions(pulled.entity_definitions, name)
    if pulled.labels:
        yield "labels.json", _json({tag: dict(sorted(texts.items())) for tag, texts in sorted(pulled.labels.items())})


def _sorted_definitions(answer: bytes, where: str) -> bytes:
    rows = metadata_services.rows(answer, f"{where}: entityDefinitions")
    return _json(sorted(rows, key=lambda row: str(row.get("entityName", ""))))


def _document(data: bytes, where: str) -> tuple[str, bytes]:
    _, text = document.text_of(data, where)
    if text[:1] == b"{":
        try:
            return "metadata.json", _json(json.loads(text))
        except (ValueError, RecursionError):
            raise CatalogError(f"{where}: the metadata is not well-formed JSON. Fetch it again.") from None
    from vegraph.catalog.csdl import pretty  # lxml: a start from compiled catalogs does without

    return "metadata.xml", pretty.indented(text, where)


def _json(value: Any) -> bytes:
    """Indented, the order of the members kept: it means something in CSDL."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _catalog(files: Mapping[str, bytes], where: str, language: str) -> Catalog:
    main = next((files[found] for found in _DOCUMENTS if found in files), None)
    if main is not None:
        catalog = csdl.read(main, name=where)
    else:
        catalog = metadata_services.read(
            files.get(_SERVICES["public_entities"], b"[]"),
            files.get(_SERVICES["public_enumerations"], b"[]"),
            files.get(_SERVICES["data_entities"], b"[]"),
            name=where,
        )
    more = {
        str(PurePosixPath(found).parent.relative_to("routes")): csdl.read(data, name=f"{where}, {found}")
        for found, data in files.items()
        if found.startswith("routes/") and not found.endswith(_DEFINITIONS)
    }
    if more:
        catalog = routes.merged({"": catalog, **more})
    for route in ("", *more):  # after merging: what differs in its captions alone is not two things
        file = f"routes/{route}/{_DEFINITIONS}" if route else _DEFINITIONS
        if file in files:
            rows = metadata_services.rows(files[file], f"{where}, {file}")
            catalog = labels.with_captions(catalog, rows, language, api=route)
    if "labels.json" in files:
        catalog = labels.with_labels(catalog, _texts(files["labels.json"], language, where))
    return catalog


def _texts(data: bytes, language: str, where: str) -> Mapping[str, str]:
    """The texts of a language, letter case aside; of the language without its country where that is all there is."""
    try:
        found = msgspec.json.decode(data, type=dict[str, dict[str, str]])
    except msgspec.DecodeError as error:
        raise CatalogError(f"{where}, labels.json: not {{language: {{label id: text}}}} ({error}).") from None
    by_tag = {tag.casefold(): texts for tag, texts in found.items()}
    wanted = language.casefold()
    return by_tag.get(wanted) or by_tag.get(wanted.partition("-")[0]) or {}
