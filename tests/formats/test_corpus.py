"""`slips parse` against real samples: every event parsed, every known time met to the millisecond."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from slips.ops.cli.parse import parse
from tests.each_case import each_case

from . import corpus

pytestmark = corpus.needed


@each_case("row", corpus.samples(), ids=lambda row: row["file"])
def test_every_event_of_a_real_sample_is_parsed_and_has_its_time(row: dict[str, Any]) -> None:
    done = CliRunner().invoke(parse, ["--format", row["format"], str(corpus.FOLDER / row["file"])])
    assert (done.exit_code, done.stderr) == (0, "")
    assert list(corpus.faults(row, [json.loads(line) for line in done.stdout.splitlines()])) == []
