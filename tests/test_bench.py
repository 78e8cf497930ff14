"""Each subject of `scripts/bench` at its smallest: it runs, its own checks that all answers are equal hold, and no more
requests go to a backend than by hand. How long anything took decides nothing.
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cap.serving import SOURCE
from tests.node import package

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts"

ONCE = "--rounds 1 --round-s 0.02"
SUBJECTS = {
    "read": (f"--rows 2 3 --orders 60 --pages 1 --clients 2 {ONCE}", {"ratios", "times", "pages of 3 rows"}),
    "peers": (f"--rows 2 3 --clients 2 {ONCE}", {"ratios", "times"}),
    "write": (ONCE, {"ratio", "times"}),
    "identity": ("--requests 5", {"identity"}),
    "catalog": ("--sizes 50 --properties 3 --starts 1 --requests 3", {"what the size costs those who ask"}),
    "emulator": ("--rows 100 --requests 3", {"100 orders"}),
}
"""Subject → options, tables that must be among those it prints."""


def bench(*arguments: str) -> str:
    """What it prints; it and all that it started are ended after a minute."""
    path = {"PYTHONPATH": f"{SCRIPTS}{os.pathsep}{ROOT}"}
    with subprocess.Popen(
        [sys.executable, "-m", "benching", *arguments],
        cwd=ROOT, env=os.environ | path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            printed, said = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == 0, said[-3000:]
    return printed


def test_the_script_names_every_subject() -> None:
    choices = re.search(r"\{([\w,]+)\}", bench("--help"))
    usage = re.search(r"scripts/bench ([\w|]+)", (SCRIPTS / "bench").read_text("utf-8"))
    assert choices is not None
    assert usage is not None
    assert choices[1].split(",") == usage[1].split("|") == list(SUBJECTS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_runs_and_all_answer_alike(subject: str) -> None:
    options, wanted = SUBJECTS[subject]
    if subject == "peers":
        package(SOURCE)
        package(SCRIPTS / "benching" / "mesh")
    tables = json.loads(bench(subject, *options.split(), "--json"))["tables"]
    assert wanted <= {table["title"] for table in tables}
    for table in tables:
        assert table["rows"]
        assert [missed for missed in table["missed"] if missed.endswith(": calls")] == []
