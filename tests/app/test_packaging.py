"""The wheel holds all that vegraph needs, and the project's files say so."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built in a folder of its own with the locked build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_every_module_is_in_the_wheel(wheel: zipfile.ZipFile):
    held = set(wheel.namelist())
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "vegraph").rglob("*.py")}
    assert modules - held == set()
    assert "vegraph/py.typed" in held


def test_graphiql_is_in_the_wheel(wheel: zipfile.ZipFile):
    held = set(wheel.namelist())
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "vegraph" / "app" / "graphiql").iterdir()}
    assert len(files) > 30
    assert files - held == set()


def test_the_projects_documents_are_in_the_wheel(wheel: zipfile.ZipFile):
    held = set(wheel.namelist())
    wanted = {f"vegraph/_documents/{path.relative_to(ROOT / 'schema').as_posix()}" for path in _documents()}
    assert "vegraph/_documents/bc/metadata.xml" in wanted
    assert "vegraph/_documents/fo/metadata.xml" in wanted
    assert wanted - held == set()


def test_the_licence_and_the_command_are_in_the_wheel(wheel: zipfile.ZipFile):
    names = wheel.namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    [entry_points] = [name for name in names if name.endswith("entry_points.txt")]
    assert b"vegraph = vegraph.app.cli:main" in wheel.read(entry_points)


def test_tests_and_chores_are_not_in_the_wheel(wheel: zipfile.ZipFile):
    assert [name for name in wheel.namelist() if not name.startswith(("vegraph/", "vegraph-"))] == []


def test_the_wheel_works_by_itself(wheel: zipfile.ZipFile, tmp_path: Path):
    wheel.extractall(tmp_path)
    code = (
        "import vegraph, vegraph.documents, vegraph.app.http.graphiql as g;"
        "assert vegraph.__file__.startswith(r'" + str(tmp_path) + "');"
        "assert (vegraph.documents.folder() / 'bc' / 'metadata.xml').is_file();"
        "assert len(g.routes()) == 1"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_locks_have_a_hash_for_each_version_and_name_no_registry():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pins = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]
        assert pins
        assert all(line.endswith("\\") for line in pins)
        assert "://" not in text


def test_what_runs_is_locked_alike_for_running_and_for_testing():
    def pins(name: str) -> dict[str, str]:
        lines = (ROOT / name).read_text().splitlines()
        found = (line.split(" ")[0].split("==") for line in lines if "==" in line and line[0].isalpha())
        return dict(found)

    running, testing = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {key: testing.get(key) for key in running} == running


def test_every_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = (ROOT / "requirements.txt").read_text().lower()
    for dependency in project["dependencies"]:
        name = dependency.split(">")[0].split("[")[0].strip().lower()
        assert f"\n{name}==" in f"\n{locked}", name


def _documents() -> list[Path]:
    return [path for path in (ROOT / "schema").rglob("*") if path.is_file()]
