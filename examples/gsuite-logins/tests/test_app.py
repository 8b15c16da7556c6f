"""What app.py does with the samples."""

from pathlib import Path

import pytest
from slips.testing import SlipsTester, slips_fixture

run = slips_fixture("app")
SAMPLES = sorted(path for path in Path("samples").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", SAMPLES, ids=str)
def test_every_event_of_a_sample_is_delivered(run: SlipsTester, path: Path) -> None:
    _, bucket, *key = path.parts
    outcome = run.file(path, bucket=bucket, key="/".join(key))
    outcome.check()
    assert outcome.books.events > 0


def test_only_failed_logins_are_printed(run: SlipsTester, capsys: pytest.CaptureFixture[str]) -> None:
    run.file(SAMPLES[0], bucket="example-logs", key="logs/g_suite/logins.json").check()
    assert [line.split()[3] for line in capsys.readouterr().out.splitlines()] == ["bob@example.com"] * 2
