"""docs/patterns.md: every format is loaded, and reads its sample as the page says."""

from __future__ import annotations

import re
from pathlib import Path

import orjson
import pytest
import yaml
from click.testing import CliRunner

from slips.config.patterns.types import TYPES
from slips.ops.cli import main
from tests.config.written import faults_of, with_keys

from .blocks import ROOT, Block, read_blocks

PAGE = ROOT / "docs" / "patterns.md"
BLOCKS = read_blocks(PAGE)
EXAMPLES = [BLOCKS[at : at + 3] for at in range(0, len(BLOCKS), 3)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda blocks: f"line {blocks[0].line}")
def test_an_example_reads_its_sample_as_the_page_says(
    example: list[Block], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared, sample, events = example
    assert [block.language for block in example] == ["yaml", "text", "json"]
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLIPS_CONFIG", raising=False)
    formats = yaml.safe_load(declared.text)["formats"]
    (name,) = formats
    (tmp_path / "slips.yml").write_text(with_keys(bucket_mapping={"logs": [{"format": name}]}, formats=formats))
    (tmp_path / "sample").write_text(sample.text)
    ran = CliRunner().invoke(main, ["parse", "--format", name, "sample"])
    assert ran.stderr == ""
    assert list(map(orjson.loads, ran.stdout.splitlines())) == list(map(orjson.loads, events.text.splitlines()))


def first_cells(heading: str) -> list[str]:
    """Return the first cells of the table under a heading."""
    section = PAGE.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE)


def test_every_type_and_key_is_documented() -> None:
    assert first_cells("Types") == list(TYPES)
    faults = faults_of(with_keys(formats={"mine": {"x y z": 1, "line": "%{time:a}", "time": {"x y z": 1}}}))
    known = [fault.partition("allowed: ")[2].split(", ") for fault in faults]
    keys = [f"time.{key}" if set(names) == {"field", "pattern", "zone"} else key for names in known for key in names]
    assert sorted(first_cells("Keys")) == sorted(keys)
