"""Prints the demo's configuration as it is without running emulators: enough to look at its graph."""

from __future__ import annotations

import sys
from pathlib import Path

from vegraph.app.demo.config import Running, toml

bc = Running(url="http://127.0.0.1:7047/v2.0/production/api/v2.0", control="http://127.0.0.1:7048")
fo = Running(url="http://127.0.0.1:7049/data", control="http://127.0.0.1:7050")
sys.stdout.write(toml(host="127.0.0.1", port=8000, bc=bc, fo=fo, files=Path("demo")))
