"""docs/testing.md: its conftest.py and its tests, in a project of their own, pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .blocks import ROOT, read_blocks

APP = """from chalice.app import Chalice
from slips import Slips
from slips.sinks import Firehose

app = Chalice(app_name="my-logs")
slips = Slips(app, config="slips.yml")
rows = []


def send(batch):
    ...


@slips.on_format("g-suite-login")
def watch_logins(meta, event):
    rows.append({"id": event["id"], "event": meta.event_id})


@slips.on_flush
def flush():
    batch = rows[:]
    rows.clear()
    send(batch)


@slips.on_format("okta", to=Firehose("logins"))
def row(meta, event):
    return {"user": event["actor"]["alternateId"]}
"""
CONFIG = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: [s3-lines, json]}]}\n"
KNOWN = """from app import watch_logins

event = {"id": {"time": "2026-03-01T09:15:02Z"}, "actor": {"email": "ada"}}
TEN_LOGINS = [{**event, "id": f"{number}"} for number in range(10)]
LOGIN = {"actor": {"alternateId": "ada@example.com"}, "published": "2026-03-01T09:15:02Z"}
"""


def test_what_the_page_shows_passes(tmp_path: Path) -> None:
    conftest, *tests = [block.text for block in read_blocks(ROOT / "docs" / "testing.md") if block.language == "python"]
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "slips.yml").write_text(CONFIG)
    (tmp_path / "conftest.py").write_text(conftest)
    direct = [text for text in tests if "def test_" not in text]
    shown = [text for text in tests if "def test_" in text]
    (tmp_path / "test_shown.py").write_text("\n".join([KNOWN, *shown, *direct]))
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "test_shown.py"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stdout
    assert "7 passed" in ended.stdout, ended.stdout
