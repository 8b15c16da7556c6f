"""The causes of the overview in a browser: found, sorted, new, come back, muted, waiting."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from slips import aws
from slips.ledger.cause_notes import CauseNotes
from slips.model.utc import iso

from ..builders import failure
from .conftest import Show
from .test_console import SCRIPT, causes, dialog, overflow
from .world import World

pytestmark = pytest.mark.slow


def plant(here: World, name: str, count: int, age: float, **fields: Any) -> None:
    """Record items of a cause that failed `age` seconds ago, a second apart."""
    now = time.time()
    here.plant(*(failure(f"{name}{n}", failed_at=iso(now - age - n), fingerprint=name, error_message=f"about {name}",
                         **fields) for n in range(count)))  # fmt: skip


def names(page: Any) -> list[str]:
    return [
        str(name) for name in page.eval_on_selector_all(".cause", "rows => rows.map(row => row.dataset.fingerprint)")
    ]


def test_causes_are_found_sorted_and_new_since(here: World, show: Show) -> None:
    plant(here, "old", 3, 3 * 86400)
    plant(here, "young", 1, 600)
    plant(here, "middle", 2, 7200)
    page = show(here.url)
    expect(causes(page)).to_have_count(3)
    assert names(page) == ["old", "middle", "young"]
    page.get_by_label("Order of the causes").select_option("last")
    assert names(page) == ["young", "middle", "old"]
    assert page.locator(".badge").all_inner_texts() == ["new", "new"]
    page.get_by_label("New since").select_option("3600")
    assert names(page) == ["young"]
    expect(page.locator(".causes").locator("..")).to_contain_text("1 of 3 causes.")
    page.get_by_label("New since").select_option("")
    page.get_by_label("Find causes by text").fill("ABOUT MID")
    assert names(page) == ["middle"]
    assert "2 items failed in the last 24 hours" in page.get_attribute(".cause .spark", "aria-label")
    assert page.locator(".cause .spark rect").count() == 1


def test_a_cause_that_was_drained_and_failed_again_came_back(here: World, show: Show) -> None:
    clock = time.time() - 3600
    CauseNotes(aws.client("dynamodb"), here.slips.config.ledger_table, lambda: clock).note_resolved("f1")
    plant(here, "f1", 1, 60)
    page = show(here.url)
    expect(page.locator(".badge", has_text="came back")).to_be_visible()


def test_a_cause_is_muted_with_a_note_and_heard_again(here: World, show: Show) -> None:
    plant(here, "loud", 2, 60)
    plant(here, "other", 1, 60)
    note = f"ticket {SCRIPT}"
    page = show(here.url)
    page.click(".cause-head >> nth=0")
    page.click(".cause >> text=Mute…")
    question = dialog(page, "Mute this cause?")
    question.get_by_label("For").select_option("8")
    question.get_by_label("Note").fill(note)
    page.keyboard.press("Enter")
    expect(causes(page)).to_have_count(1)
    expect(page.locator(".tiles")).to_contain_text("Of 1 cause: 1 open. 2 items of muted causes are not counted.")
    expect(page).to_have_title(f"(1) Overview – SLIPS {here.slips.config.stack_name}")
    page.get_by_label("show 1 muted").check()
    expect(causes(page)).to_have_count(2)
    page.click(".cause[data-muted=true] .cause-head")
    expect(page.locator(".cause[data-muted=true] .cause-body")).to_contain_text(f"by this machine: {note}")
    assert page.locator("main script, main img").count() == 0
    page.click(".cause[data-muted=true] >> text=Unmute…")
    dialog(page, "Unmute this cause?").get_by_role("button", name="Unmute").click()
    expect(page.locator(".tiles")).to_contain_text("Of 2 causes: 3 open.")


def test_what_waits_is_listed_with_its_next_try(here: World, show: Show) -> None:
    now = int(time.time())
    plant(here, "late", 1, 60, retry_at=now + 3000, waiting_since=now, tries=1)
    plant(here, "soon", 2, 60, retry_at=now + 100, waiting_since=now, tries=1)
    page = show(here.url)
    rows = page.locator(".waiting tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("in 1 min, at ")
    expect(rows.nth(0)).to_contain_text("about soon")
    expect(rows.nth(1)).to_contain_text("49 min, at ")
    rows.nth(0).get_by_role("link").click()
    page.wait_for_selector("text=2 matching items")
    expect(page.locator(".items tbody tr").nth(0)).to_contain_text("waiting")


@pytest.mark.parametrize("width", [360, 1024])
def test_nothing_of_the_causes_is_wider_than_the_window(here: World, show: Show, width: int) -> None:
    plant(here, "a" * 64, 1, 60, retry_at=int(time.time()) + 60, error_type="E" * 200, processor="p" * 200)
    here.slips.cause_notes.mute("a" * 64, 3600, "b" * 300, "c" * 300)
    page = show(here.url, width=width)
    page.get_by_label("show 1 muted").check()
    page.click(".cause-head")
    page.wait_for_selector(".cause-body .buttons")
    assert overflow(page) == 0
    page.click("text=Show items")
    page.wait_for_selector("h1 .badge")
    assert overflow(page) == 0
