"""Make docs/images/: the console's main states, with invented data.

python -m tests.console.screenshots
"""

from __future__ import annotations

import math
import tempfile
import time
from pathlib import Path
from typing import Any

from slips import aws
from slips.ledger.audit import Act, Caller, Trail
from slips.ledger.cause_notes import CauseNotes
from slips.ledger.counters import Counters
from slips.model import Books, Failure, ProcessorBooks
from slips.model.ports import FinishedWork
from slips.model.utc import iso
from slips.ops.run.embedded import EmbeddedAws

from ..builders import failure, item
from .browser import find_chromium, launch
from .world import World, world

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZE = {"width": 1180, "height": 900}
FORMATS = {"cloudtrail": 900, "aws-waf": 700, "g-suite-login": 60, "paloalto": 420, "syslog": 300}
TRACEBACK = """Traceback (most recent call last):
  File "/var/task/app.py", line 27, in watch_logins
    email = event["actor"]["email"]
            ~~~~~^^^^^^^^^
KeyError: 'actor'
"""
SAMPLE = '{"id": {"time": "2026-03-01T09:15:02Z", "uniqueQualifier": "-358"}, "events": [{"name": "login_success"}]}'
CAUSES: tuple[tuple[int, dict[str, Any]], ...] = (
    (37, {"fingerprint": "c1", "traceback": TRACEBACK, "sample": SAMPLE, "error_message": "'actor'"}),
    (
        12,
        {
            "fingerprint": "c2", "error_type": "ReadTimeout", "format": "cloudtrail",
            "processor": "index_console_logins", "attempts": 3,
            "error_message": "search.acme.example: no answer within 10 s",
        },
    ),
    (
        3,
        {
            "fingerprint": "c3", "error_type": "ParseError", "stage": "parse", "processor": "", "format": "door-badge",
            "error_message": "not enough values to unpack (expected 4, got 2): <script>alert(1)</script>",
        },
    ),
)  # fmt: skip


def main() -> None:
    """Write all images."""
    if not find_chromium():
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, EmbeddedAws() as up, world(up, Path(folder), "acme") as here:
        plant(here)
        with launch() as browser:
            for scheme in ("light", "dark"):
                context = browser.new_context(viewport=SIZE, color_scheme=scheme, timezone_id="UTC")
                capture_states(context.new_page(), here, scheme)
            context = browser.new_context(viewport={"width": 360, "height": 780}, timezone_id="UTC")
            page = open_page(context.new_page(), here.url, ".cause")
            capture(page, "console-narrow")


def capture_states(page: Any, here: World, scheme: str) -> None:
    """Capture the states of one colour scheme."""
    open_page(page, here.url, ".cause")
    capture(page, f"console-{scheme}")
    if scheme == "dark":
        return
    page.click(".cause-head >> nth=0")
    page.wait_for_selector(".cause pre >> nth=1")
    page.locator(".causes").evaluate("node => scrollTo(0, node.parentElement.offsetTop - 20)")
    capture(page, "console-cause")
    page.click(".cause >> text=Drain… >> nth=0")
    page.wait_for_selector("dialog[open] >> text=as a canary")
    capture(page, "console-canary")
    open_page(page, f"{here.url}#/errors", ".items .key")
    page.wait_for_selector(".filter-form")
    page.locator("tbody .tick input").nth(1).click()
    page.locator("tbody .tick input").nth(4).click(modifiers=["Shift"])
    capture(page, "console-errors")
    open_page(page, f"{here.url}#/errors/0001", "text=--pdb")
    capture(page, "console-item")
    open_page(page, f"{here.url}#/audit", ".audit tbody tr")
    capture(page, "console-audit")
    open_page(page, f"{here.url}#/objects?bucket=acme-logs&key=logs/cloudtrail.json.gz", "text=balanced")
    capture(page, "console-object")


def open_page(page: Any, url: str, selector: str) -> Any:
    """Open a page, and wait until it shows the selector."""
    page.goto("about:blank")
    page.goto(url)
    page.wait_for_selector(selector)
    return page


def capture(page: Any, name: str) -> None:
    """Capture the window."""
    page.mouse.move(0, 0)
    page.screenshot(path=str(FOLDER / f"{name}.png"), animations="disabled")


def plant(here: World) -> None:
    """Record a day of events, some causes, and the books of an object."""
    now = time.time()
    for back in range(144, -1, -1):
        at = now - back * 600
        counters = Counters(aws.client("dynamodb"), here.slips.config.ledger_table, lambda at=at: at)
        day = 1 + 0.7 * math.sin((at % 86400) / 86400 * 2 * math.pi - math.pi / 2) + 0.12 * math.sin(back * 1.7)
        passed = 10 if back else now % 600 / 60  # Minutes of the slot: the chart divides by them.
        counts = {name: int(share * day * passed) for name, share in FORMATS.items()}
        slow = {"aws-waf": counts.pop("aws-waf")}
        for lane, by_format, seconds in (("fast", counts, 0.4), ("slow", slow, 21.0)):
            events = sum(by_format.values())
            report = {"objects": events // 400, "events": events, "bytes": events * 640, "by_format": by_format}
            counters.record(lane, {**report, "quarantined": 2 if back % 9 == 0 else 0}, seconds)
    here.slips.quarantine.record(
        [error for kind, (many, fields) in enumerate(CAUSES) for error in _errors(kind, many, fields, now)]
    )
    plant_past(here, now)
    work = item("logs/cloudtrail.json.gz", bucket_name="acme-logs", work_id="w1")
    progress = here.slips.ledger.begin(work)
    assert progress is not None
    books = Books(records=48_210, parsed=48_208, unparsable=2, events=48_208, bytes=3_120_442, processors={
        "index_console_logins": ProcessorBooks(delivered=412, filtered=47_796),
        "count": ProcessorBooks(delivered=48_208),
    })  # fmt: skip
    here.slips.ledger.finish([FinishedWork(work, books, "done", progress.token)])


def plant_past(here: World, now: float) -> None:
    """Record what people did: one cause was drained and came back, another is muted."""
    alice = Caller(name="arn:aws:sts::123456789012:assumed-role/oncall/alice", address="192.0.2.17")
    bob = Caller(name="arn:aws:sts::123456789012:assumed-role/oncall/bob", address="192.0.2.40")
    acts = (
        (9000, "discard", alice, "fingerprint 'c4'", "test data of May", 214),
        (7800, "drain", bob, "fingerprint 'c1'", "", 10),
        (7700, "drain", bob, "fingerprint 'c1'", "", 1190),
        (3000, "mute", alice, "fingerprint 'c2' for 24 hours", "vendor ticket 4711", 0),
    )
    table = here.slips.config.ledger_table
    for number, (age, action, caller, what, reason, items) in enumerate(acts):
        trail = Trail(aws.client("dynamodb"), table, lambda age=age: now - age)
        with trail.record(Act(id=f"{number}", action=action, caller=caller, what=what, reason=reason)) as result:
            result.items = items
    CauseNotes(aws.client("dynamodb"), table, lambda: now - 7700).note_resolved("c1")
    here.slips.cause_notes.mute("c2", 86400, alice.name, "vendor ticket 4711")


def _errors(kind: int, many: int, fields: dict[str, Any], now: float) -> list[Failure]:
    return [
        failure(
            f"{kind}{number:03}", failed_at=iso(now - 40 - 300 * kind - 170 * number), bucket_name="acme-logs",
            object_key=f"logs/{fields.get('format', 'g-suite-login')}/2026/03/01/part-{number:04}.json.gz",
            object_size=48_000 + 977 * number, positions=f"{3 + number}", **fields,
        )
        for number in range(many)
    ]  # fmt: skip


if __name__ == "__main__":
    main()
