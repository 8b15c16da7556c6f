"""docs/migrating.md: the right column does what the left one did."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slips.testing import SlipsTester

from .blocks import ROOT, read_blocks

APP = """from chalice.app import Chalice
from slips import Buffer, Slips

app = Chalice(app_name="my-logs")
slips = Slips(app, config="slips.yml")
"""
CONFIG = (
    "stack_name: mine\nhandler: {args: {index: logs}}\n"
    "bucket_mapping: {logs: [{prefix: in/, format: [s3-lines, json]}]}\n"
)


def right_column() -> str:
    [block] = [block for block in read_blocks(ROOT / "docs" / "migrating.md") if block.language == "python"]
    at = block.text.splitlines()[2].index("@")
    return "".join(f"{line[at:].rstrip()}\n" for line in block.text.splitlines()[1:])


def test_the_functions_send_what_the_class_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slips.yml").write_text(CONFIG)
    (tmp_path / "migrated_app.py").write_text(APP + right_column())
    monkeypatch.syspath_prepend(str(tmp_path))
    module = import_module("migrated_app")
    sys.modules.pop("migrated_app")
    sent: list[Any] = []
    monkeypatch.setattr(module, "state", SimpleNamespace(), raising=False)
    monkeypatch.setattr(module, "send", lambda index, rows: sent.append((index, rows)), raising=False)
    SlipsTester(module, sends=True).lines("json", [{"n": 1}, {"n": 2}]).check()
    assert sent == [("logs", [{"n": 1}, {"n": 2}])]
