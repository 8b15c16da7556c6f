"""The folders that the functions run in, and what project/points.py reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .plan import Plan

PROJECT = Path(__file__).parent / "project"


def make_folder(plan: Plan, folder: Path) -> None:
    """Make the folder of a run: its plan, and where functions write down their visits and what they took."""
    (folder / "points").mkdir(parents=True)
    (folder / "delivered").touch()
    settings = {
        "kills": plan.kills, "stalls": plan.stalls, "flush_fails": plan.flush_fails, "down": plan.storms.down,
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(settings))


def make_task(plan: Plan, package: Path, folder: Path, chain: tuple[str, ...]) -> Path:
    """Make a copy of the package that has the app.py of the chaos runs, and this chain for what may be cut otherwise.
    Return its folder."""
    root = folder / f"task-{len(list(folder.glob('task-*')))}"
    root.mkdir()
    for entry in package.iterdir():
        if entry.name not in ("app.py", "slips.yml"):
            (root / entry.name).symlink_to(entry)
    for name in ("app.py", "points.py"):
        shutil.copy(PROJECT / name, root)
    text = (PROJECT / "slips.yml").read_text()
    for name, value in {
        "STACK": f"chaos-{plan.seed}-{folder.name.replace('_', '-')}", "ERRORS": plan.errors_per_object,
        "ATTEMPTS": plan.max_attempts, "CHECKPOINT": plan.checkpoint, "CHAIN": json.dumps(chain),
    }.items():  # fmt: skip
        text = text.replace(f" {name}", f" {value}")
    (root / "slips.yml").write_text(text)
    return root
