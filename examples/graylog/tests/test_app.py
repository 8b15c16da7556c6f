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


def test_every_line_is_a_message(run: SlipsTester) -> None:
    run.file(SAMPLES[0], bucket="example-logs", key="syslog/gates.log").check()
    bodies = run.sinks["forward"].bodies
    assert [body["hostname"] for body in bodies] == ["gate-1", "gate-2", "gate-3"]
    assert bodies[1]["message"].startswith("Failed password")
