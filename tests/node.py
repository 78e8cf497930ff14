"""npm packages that some tests run: installed once per lock file, beside the checkout's other caches."""

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

from tests.services import require

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "npm"


def package(folder: Path) -> Path:
    """A copy of the folder with its locked packages installed; skips the test where npm is missing or unreachable."""
    require(shutil.which("node") and shutil.which("npm"), "node and npm are not installed")
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
        require(done.returncode == 0, f"npm could not install {folder.name}: {done.stderr[-500:]}")
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return target
