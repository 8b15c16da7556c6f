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


def test_every_event_and_each_server_error_is_sent(run: SlipsTester) -> None:
    run.file(SAMPLES[0], bucket="example-logs", key="nginx/access.log").check()
    assert len(run.sinks["index_all"].documents) == 5
    assert [body["path"] for body in run.sinks["server_errors"].bodies] == ["/page-3", "/page-5"]
