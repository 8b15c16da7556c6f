"""`slips parse` against real samples: every event parsed, every known time met to the millisecond."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from slips.ops.cli.parse import parse

from . import corpus

pytestmark = corpus.needed


@pytest.mark.parametrize("row", corpus.samples(), ids=lambda row: row["file"])
def test_every_event_of_a_real_sample_is_parsed_and_has_its_time(row: dict[str, Any]) -> None:
    done = CliRunner().invoke(parse, ["--format", row["format"], str(corpus.FOLDER / row["file"])])
    assert (done.exit_code, done.stderr) == (0, "")
    assert list(corpus.faults(row, [json.loads(line) for line in done.stdout.splitlines()])) == []
