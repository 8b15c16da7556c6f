"""The audit trail in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from slips.ledger.audit import Act, Caller

from .conftest import Show
from .test_console import SCRIPT, dialog, overflow
from .test_items import plant_many
from .world import World

pytestmark = pytest.mark.slow


def test_who_discarded_what_is_shown(here: World, show: Show) -> None:
    plant_many(here, 3)
    page = show(f"{here.url}#/audit")
    page.wait_for_selector("text=Nobody has drained or discarded anything.")
    page.goto(f"{here.url}#/errors/r01")
    page.click("main >> text=Discard…")
    page.get_by_label("Reason").fill("test data of May")
    page.keyboard.press("Enter")
    dialog(page, "1 item discarded").get_by_role("button", name="Close").click()
    page.click("text=Who did that?")
    row = page.locator(".audit tbody tr")
    expect(row).to_contain_text("this machine from 127.0.0.1")
    expect(row).to_contain_text("discard item 'r01'")
    expect(row).to_contain_text("test data of May")
    expect(row.locator("td").last).to_have_text("1")


@pytest.mark.parametrize("width", [360, 1600])
def test_a_hostile_entry_is_text_and_no_wider_than_the_window(here: World, show: Show, width: int) -> None:
    hostile = f"{SCRIPT}\u202e{'x' * 500}"
    act = Act(
        id="1", action="drain", caller=Caller(name=hostile, address=SCRIPT), what=hostile, reason=hostile, ids=[SCRIPT]
    )
    with here.slips.trail.record(act):
        pass
    page = show(f"{here.url}#/audit", width=width)
    page.wait_for_selector(".audit tbody tr")
    assert page.inner_text(".audit tbody").count("⟨U+202E⟩") == 3
    assert page.locator("main script, main img").count() == 0
    assert overflow(page) == 0


def test_all_entries_are_reached_page_by_page(here: World, show: Show) -> None:
    for number in range(60):
        with here.slips.trail.record(
            Act(id=f"{number}", action="drain", caller=Caller(name="a"), what=f"what {number}")
        ):
            pass
    page = show(f"{here.url}#/audit")
    expect(page.locator(".audit tbody tr")).to_have_count(50)
    page.click("text=Show more")
    expect(page.locator(".audit tbody tr")).to_have_count(60)
    expect(page.locator(".heading")).to_contain_text("60 entries.")


def test_a_number_of_items_is_never_broken_and_none_takes_no_line(here: World, show: Show) -> None:
    caller = Caller(name="arn:aws:sts::123456789012:assumed-role/oncall/alice", address="192.0.2.17")
    with here.slips.trail.record(Act(id="1", action="mute", caller=caller, what="fingerprint 'c2'")):
        pass
    with here.slips.trail.record(Act(id="2", action="drain", caller=caller, what="fingerprint 'c1'")) as result:
        result.items = 1190
    page = show(f"{here.url}#/audit", width=1024)
    cells = page.locator(".audit tbody td:last-child")
    expect(cells).to_have_count(2)
    drained = cells.filter(has_text="1,190")
    assert drained.locator("span").evaluate("node => node.getClientRects().length") == 1
    page.set_viewport_size({"width": 360, "height": 900})
    expect(drained).to_be_visible()
    expect(cells.filter(has_not_text="1,190")).to_be_hidden()
