"""docs/reliability.md names alarms that exist, times that hold, and tests that prove them."""

from __future__ import annotations

import ast
import re

import pytest

from slips.drain.chunk import LEASE_SECONDS
from slips.ops.deploy.lambda_settings import LONGEST_EVENT_AGE, event_source_settings
from slips.ops.deploy.stack.queues import RETENTION_SECONDS

from ..builders import config
from ..ops.deploy.test_alarms import ALL
from .blocks import ROOT

HOUR, DAY = 3600, 86400


def read_rows() -> list[list[str]]:
    """The rows of the table "Who holds the work now"."""
    _, _, section = (ROOT / "docs" / "reliability.md").read_text().partition("## Who holds the work now\n")
    lines = section.partition("\n## ")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")][2:]


ROWS = read_rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
class TestARow:
    def test_names_a_test_that_there_is(self, row: list[str]) -> None:
        path, _, name = row[-1].strip("`").partition("::")
        names = {
            node.name for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.FunctionDef)
        }
        assert name in names

    def test_names_alarms_that_there_are(self, row: list[str]) -> None:
        named = {*re.findall(r"`([\w-]+)`", row[3])} - {"slow"}
        assert named <= set(ALL)
        assert named or row[3] == "as before"


def test_the_times_are_those_of_the_resources() -> None:
    lane = config().fast
    assert LONGEST_EVENT_AGE == 6 * HOUR
    assert RETENTION_SECONDS == 14 * DAY
    assert event_source_settings(lane)["MaximumRecordAgeInSeconds"] == 6 * DAY
    assert config().retry_give_up_after == 12 * HOUR
    assert LEASE_SECONDS == 5 * 60
