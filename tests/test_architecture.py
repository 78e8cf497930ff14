"""One direction: catalog ► schema ► plan ► backend ► app, identity beside backend, emulator apart (style.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "vegraph"

STAGES = {
    "errors": set(),
    "catalog": {"errors"},
    "schema": {"errors", "catalog"},
    "plan": {"errors", "catalog", "schema"},
    "backend": {"errors", "catalog", "schema", "plan"},
    "identity": {"errors"},
    "emulator": {"catalog"},
    "documents": set(),
    "app": {"errors", "catalog", "schema", "plan", "backend", "identity", "emulator", "documents"},
}
"""Stage → the stages it may import, besides itself."""

NETWORK = {"httpx", "httpx_aiohttp", "aiohttp", "requests", "urllib.request", "http.client"}
"""What reaches other machines: backend's transport and identity alone may."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def stage_of(module: str) -> str:
    """The stage of a dotted name below vegraph."""
    return [*module.split("."), ""][1]


def name_of(path: Path) -> str:
    """A file's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module imports, inside functions and under TYPE_CHECKING too."""
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_stage_imports_none_that_comes_after_it(path: Path):
    own = stage_of(name_of(path))
    wrong = [
        f"line {line}: {module}"
        for line, module in imports(path)
        if module.startswith("vegraph.") and stage_of(module) not in {own, *STAGES.get(own, set()), "__version__"}
    ]
    assert own in STAGES or own == "", f"'{own}' is not a stage; say in STAGES what it may import"
    assert wrong == []


def may_reach_the_network(path: Path) -> bool:
    """backend/transport* and its connection, identity, and the emulators."""
    inside = path.relative_to(PACKAGE)
    return inside.parts[0] in {"identity", "emulator"} or (
        inside.parts[0] == "backend" and inside.parts[1].startswith(("transport", "connection"))
    )


@pytest.mark.parametrize("path", [p for p in MODULES if not may_reach_the_network(p)], ids=name_of)
def test_nothing_else_reaches_the_network(path: Path):
    names = {".".join(module.split(".")[:depth]) for _, module in imports(path) for depth in (1, 2)}
    assert names & NETWORK == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_file_can_be_read_in_one_sitting(path: Path):
    assert len(path.read_text("utf-8").splitlines()) <= 400


def test_modules_import_each_other_in_no_circle():
    known = {name_of(path): path for path in MODULES}
    graph = {
        name: {found for _, module in eager(path) if (found := nearest(module, known)) not in {None, name}}
        for name, path in known.items()
    }
    done: set[str] = set()
    for start in graph:
        _refuse_circles(start, graph, done, [])


def eager(path: Path) -> Iterator[tuple[int, str]]:
    """What a module imports when it is loaded: not inside functions, not under TYPE_CHECKING."""
    tree = ast.parse(path.read_text("utf-8"))
    lazy: set[int] = set()
    for node in ast.walk(tree):
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        if guarded or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lazy.update(inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom))
    return ((line, module) for line, module in imports(path) if line not in lazy)


def nearest(module: str, known: dict[str, Path]) -> str | None:
    """The module of the package that an imported name is, or lies in."""
    parts = module.split(".")
    return next((n for i in range(len(parts), 0, -1) if (n := ".".join(parts[:i])) in known), None)


def _refuse_circles(name: str, graph: dict[str, set[str | None]], done: set[str], path: list[str]) -> None:
    assert name not in path, f"a circle: {' → '.join([*path[path.index(name) :], name])}"
    if name not in done:
        for other in sorted(filter(None, graph[name])):
            _refuse_circles(other, graph, done, [*path, name])
        done.add(name)


TEXTS = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".txt", ".sh"} and ".venv" not in p.parts]


def test_no_file_names_a_place_on_one_machine():
    places = ["/" + "work/", "/" + "tmp/"]
    tracked = [p for p in TEXTS if not {"node_modules", ".cache", "dist"} & set(p.parts)]
    assert [str(p) for p in tracked if any(place in p.read_text("utf-8", errors="replace") for place in places)] == []
