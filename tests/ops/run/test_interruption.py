"""Ctrl-C and SIGTERM: the first asks, the second does not."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import time
from slips.ops.run.interruption import interruptible
with interruptible() as stopped:
    print("up", flush=True)
    stopped.wait()
    print("asked", flush=True)
    {then}
"""


def started(then: str) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(then=then)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    assert line(process) == "up"
    return process


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_the_run_end_by_itself(number: signal.Signals) -> None:
    with started("pass") as process:
        process.send_signal(number)
        assert line(process) == "asked"
        assert process.wait(20) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_what_hangs(number: signal.Signals) -> None:
    with started("time.sleep(60)") as process:
        process.send_signal(number)
        assert line(process) == "asked"
        process.send_signal(number)
        assert process.wait(20) == -number
