"""Every block of code in README and docs/ is run by a test, or says why not.

YAML is loaded and JSON read here, whatever the page. For the rest, RUN names who runs it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.config.written import load_text
from tests.each_case import each_case

from .blocks import ROOT, Block, read_blocks

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUN = {
    "README.md": "tests/docs/test_pages.py",
    "docs/tutorial.md": "tests/docs/test_pages.py",
    "docs/functions.md": "tests/docs/test_functions.py",
    "docs/testing.md": "tests/docs/test_testing.py",
    "docs/patterns.md": "tests/docs/test_patterns.py",
    "docs/deployment.md": "tests/docs/test_deployment.py",
    "docs/migrating.md": "tests/docs/test_migrating.py",
    "docs/upgrading.md": "tests/wheel/test_upgrade.py",
    "docs/send/README.md": "tests/sinks/test_aws_page.py",
    "docs/send/aws.md": "tests/sinks/test_aws_page.py",
    "docs/send/http.md": "tests/sinks/test_pages.py",
    "docs/send/slack.md": "tests/sinks/test_pages.py",
    "docs/send/gelf.md": "tests/sinks/test_pages.py",
    "docs/send/own.md": "tests/sinks/test_own.py",
    "docs/send/opensearch.md": "tests/sinks/test_pages.py",
    "docs/send/s3-archive.md": "tests/sinks/test_archive_queries.py",
    **{
        f"docs/how-to/{page}.md": "tests/docs/test_how_to.py"
        for page in ("aws-services", "backfill", "secrets", "slow-lane", "stages", "write-a-format")
    },
    # Written by `make docs`, and compared with the code.
    "docs/formats.md": "tests/ops/cli/test_formats.py",
    "docs/command-line.md": "tests/ops/cli/test_reference.py",
    "docs/reference/python.md": "tests/docs/test_reference.py",
}
BLOCKS = [(str(page.relative_to(ROOT)), block) for page in PAGES for block in read_blocks(page)]
NAMES = [f"{page}:{block.line}" for page, block in BLOCKS]
SMALLEST: dict[str, Any] = {"stack_name": "slips", "bucket_mapping": {"logs": [{"prefix": "", "format": "json"}]}}


@each_case(("page", "block"), BLOCKS, ids=NAMES)
def test_a_block_is_run_or_says_why_not(page: str, block: Block) -> None:
    verb, _, reason = block.note.partition(": ")
    if verb == "not run":
        assert reason
        for named in re.findall(r"tests/[\w/]+\.py", reason):
            assert (ROOT / named).exists()
    elif block.language not in ("yaml", "json") or page == "docs/patterns.md":
        assert Path(page).stem in (ROOT / RUN[page]).read_text(), f"{RUN[page]} does not name {page}"


def of_language(language: str) -> list[Any]:
    return [
        pytest.param(block.text, id=name)
        for name, (page, block) in zip(NAMES, BLOCKS, strict=True)
        if block.language == language and page != "docs/patterns.md" and not block.note.startswith("not run")
    ]


@pytest.mark.parametrize("text", of_language("yaml"))
def test_yaml_is_a_part_of_slips_yml_without_a_fault(text: str) -> None:
    load_text(yaml.safe_dump({**SMALLEST, **yaml.safe_load(text)}))


@pytest.mark.parametrize("text", of_language("json"))
def test_json_is_json(text: str) -> None:
    json.loads(text if text.startswith(("{", "[")) else f"{{{text}}}")


def test_every_page_that_is_run_has_blocks() -> None:
    assert {*RUN} <= {page for page, _ in BLOCKS}
