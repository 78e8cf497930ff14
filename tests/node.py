"""npm packages that some tests run: installed once per lock file, beside the checkout's other caches."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from tests.services import require

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "npm"


class Unavailable(RuntimeError):
    """npm is missing or cannot reach its packages."""


def package(folder: Path) -> Path:
    """A copy of the folder with its locked packages installed; skips the test where npm is missing or unreachable."""
    try:
        return installed(folder)
    except Unavailable as why:
        require(False, str(why))
        raise


def installed(folder: Path) -> Path:
    """A copy of the folder with its locked packages installed. `Unavailable` where that cannot be."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise Unavailable("node and npm are not installed")
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    digest = sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in files)).hexdigest()[:16]
    target = CACHE / f"{folder.name}-{digest}"
    if not (target / "node_modules").exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for path in files:
            shutil.copy(path, fresh)
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(["npm", "ci", *options], cwd=fresh, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise Unavailable(f"npm could not install {folder.name}: {done.stderr[-500:]}")
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return target


@contextmanager
def serving(place: Path, *arguments: str, log: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The origin of a server that `node ARGUMENTS` runs in that folder: it says `{"url": …}` in a line of JSON.

    It must end with its standard input. What it writes to standard error goes to `log`; RuntimeError with the end of
    that where it does not start.
    """
    with log.open("w") as errors:
        process = subprocess.Popen(
            ["node", *arguments], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(log.parent), **(environment or {})},
        )  # fmt: skip
    assert process.stdout is not None
    try:
        line = next((text for text in process.stdout if text.startswith("{")), None)
        if line is None:
            raise RuntimeError(f"{' '.join(arguments)} did not start: {log.read_text()[-2000:]}")
        url: str = json.loads(line)["url"]
        yield url
    finally:
        end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Closes its standard input, with which it is to end; kills it where it does not."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()
