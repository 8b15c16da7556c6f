"""`make bench AGAINST=COMMIT`: when a row is called worse, and that both checkouts are measured."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.against import ROOT, Ratio, ratio


def pairs(*ratios: float) -> tuple[list[float], list[float]]:
    """Seconds of ours and of theirs that have these ratios."""
    return [1.0] * len(ratios), list(ratios)


def test_the_interval_of_nine_pairs_leaves_out_one_at_each_end() -> None:
    """Binomial: two of nine outside would be 82 %, one is 96 %."""
    assert ratio(*pairs(0.5, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 2.0)) == Ratio(0.93, 0.9, 0.96)


def test_the_interval_grows_narrow_with_the_pairs() -> None:
    many = ratio(*pairs(*(0.90 + n / 1000 for n in range(100))))
    assert (round(many.low, 3), round(many.high, 3)) == (0.939, 0.96)


@pytest.mark.parametrize("count", [1, 5])
def test_too_few_pairs_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="measure at least 9"):
        ratio(*pairs(*[1.0] * count))


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.90, 0.96, "worse"),
        (0.90, 0.97, "no difference seen"),
        (0.90, 1.20, "no difference seen"),
        (1.03, 1.10, "no difference seen"),
        (1.04, 1.10, "better"),
    ],
)
def test_a_row_is_worse_when_its_whole_interval_is(low: float, high: float, verdict: str) -> None:
    assert Ratio((low + high) / 2, low, high).verdict == verdict


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_commit_that_does_not_exist_is_named() -> None:
    ended = bench("--against", "no-such-commit", "ndjson")
    assert ended.returncode == 1
    assert "no-such-commit" in ended.stderr


def test_an_unknown_case_is_named_with_those_that_exist() -> None:
    ended = bench("--against", "HEAD", "nd-json")
    assert ended.returncode == 2
    assert "unknown case nd-json; there are ndjson, " in ended.stderr


@pytest.mark.slow
def test_a_commit_is_measured_with_its_own_engine() -> None:
    ended = bench("--against", "HEAD", "--quick", "--pairs", "9", "import_app")
    assert ended.stderr == ""
    assert ended.stdout.splitlines()[1].startswith("import_app ")
