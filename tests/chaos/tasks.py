"""The folders that the functions run in, and what project/points.py reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .plan import Plan

PROJECT = Path(__file__).parent / "project"


def make_folder(plan: Plan, folder: Path, archive: str) -> None:
    """Make the folder of a run: its plan, and where functions write down their visits and what they took. One of them
    writes it to `archive`."""
    (folder / "points").mkdir(parents=True)
    (folder / "delivered").touch()
    settings = {
        "kills": plan.kills, "stalls": plan.stalls, "flush_fails": plan.flush_fails, "down": plan.storms.down,
        "archive": archive,
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(settings))


def name_stack(plan: Plan, folder: Path) -> str:
    """Return the name of a run's stack, which no other run in the account has."""
    return f"chaos-{plan.seed}-{folder.name.replace('_', '-')}"


def make_task(plan: Plan, package: Path, folder: Path, chain: tuple[str, ...], processes: int) -> Path:
    """Make a copy of the package that has the app.py of the chaos runs, this chain for what may be cut otherwise, and
    so many processes for a batch. Return its folder."""
    root = folder / f"task-{len(list(folder.glob('task-*')))}"
    root.mkdir()
    for entry in package.iterdir():
        if entry.name not in ("app.py", "slips.yml"):
            (root / entry.name).symlink_to(entry)
    for name in ("app.py", "points.py"):
        shutil.copy(PROJECT / name, root)
    text = (PROJECT / "slips.yml").read_text()
    for name, value in {
        "STACK": name_stack(plan, folder), "ERRORS": plan.errors_per_object,
        "ATTEMPTS": plan.max_attempts, "CHECKPOINT": plan.checkpoint, "CHAIN": json.dumps(chain),
        "PROCESSES": processes,
    }.items():  # fmt: skip
        text = text.replace(f" {name}", f" {value}")
    (root / "slips.yml").write_text(text)
    return root
