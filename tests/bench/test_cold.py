"""The cases of `make bench` that start Python in another folder."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ..deployment.project import ROOT


@pytest.mark.slow
@pytest.mark.parametrize("case", ["cold_start", "cold_import"])
def test_a_case_measures_the_project_in_its_own_folder(case: str) -> None:
    command = [sys.executable, "-m", "bench", "--case", case, "--quick"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert all(row["ours"] > 0 for row in json.loads(done.stdout.splitlines()[-1]))
