import json
import subprocess
import sys
from pathlib import Path


def test_every_row_of_the_reference_has_a_test_or_a_reason():
    run = subprocess.run(
        [sys.executable, "-m", "tests.emulator.coverage", "--json"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout, run.stderr
    assert json.loads(run.stdout)["missing"] == []
