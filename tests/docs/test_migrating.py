"""docs/migrating.md: the right column does what the left one did."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slips.testing import SlipsTester

from .blocks import ROOT, Reader, read_blocks

APP = """from chalice.app import Chalice
from slips import Buffer, Slips

app = Chalice(app_name="my-logs")
slips = Slips(app, config="slips.yml")
"""
CONFIG = (
    "stack_name: mine\nhandler: {args: {index: logs}}\n"
    "bucket_mapping: {logs: [{prefix: in/, format: [s3-lines, json]}]}\n"
)

LEGACY = """stack_name: security-logs
backend:
  sns_topics:
    - {name: security-logs-events, arn: "arn:aws:sns:eu-west-1:123456789012:security-logs-events"}
  kinesis_stream_fast_arn: arn:aws:kinesis:eu-west-1:123456789012:stream/security-logs-fast
  kinesis_stream_slow_arn: arn:aws:kinesis:eu-west-1:123456789012:stream/security-logs-slow
  role_arn: {dispatcher: "arn:aws:iam::123456789012:role/dispatcher"}
handler:
  path: handler.py
  role_arn: arn:aws:iam::123456789012:role/main
  args: {index: logs}
bucket_mapping:
  security-logs: [{prefix: g_suite/, format: [s3-lines, json, g-suite-login]}]
"""
HANDLER = """from slips.interface import Handler


class MyHandler(Handler):
    def setup(self, args):
        self.index = args["index"]
        self.rows = []

    def recv(self, meta, event):
        self.rows.append(event)

    def result(self):
        print(self.index, len(self.rows))
"""
LOGINS = ROOT / "samples" / "example-logs" / "logs" / "g_suite" / "team a+b" / "day=1" / "logins.json"


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


@pytest.mark.slow
def test_the_commands_do_what_they_show(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text(LEGACY)
    (tmp_path / "handler.py").write_text(HANDLER)
    (tmp_path / "login.log").write_bytes(LOGINS.read_bytes())
    reader = Reader(tmp_path)
    for block in read_blocks(ROOT / "docs" / "migrating.md"):
        reader.follow(block)
