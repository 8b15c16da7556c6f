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


def test_the_rule_chooses_the_alerts(run: SlipsTester, capsys: pytest.CaptureFixture[str]) -> None:
    _, bucket, *key = SAMPLES[0].parts
    outcome = run.file(SAMPLES[0], bucket=bucket, key="/".join(key))
    assert (outcome.books.skipped, outcome.delivered["alert"]) == (1, 2)
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()] == ["HIGH", "CRITICAL"]
