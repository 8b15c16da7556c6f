"""docs/deployment.md: its entry points are those of an app."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chalice.app import Chalice

from slips import Slips

from .blocks import ROOT, read_blocks

CONFIG = """stack_name: mine
backend: {queue: {batch_size: 100, batch_window: 5}}
bucket_mapping: {logs: [{prefix: in/, format: json}]}
"""


def test_the_lines_for_app_py_register_functions(tmp_path: Path) -> None:
    (tmp_path / "slips.yml").write_text(CONFIG)
    app = Chalice(app_name="mine")
    names: dict[str, Any] = {"app": app, "slips": Slips(app, config=tmp_path / "slips.yml")}
    blocks = [block for block in read_blocks(ROOT / "docs" / "deployment.md") if block.language == "python"]
    for block in blocks:
        if not block.note:
            exec(block.text, names)
    # Lambda imports app.py, and looks each function up by this string.
    handlers = {handler.name: handler.handler_string for handler in app.event_sources}
    assert handlers == {"dispatch_queue": "app.dispatch_queue", "dispatch_events": "app.dispatch_events"}
    assert {name for name in names if name.startswith("dispatch")} == {*handlers}
