"""The list of error items in a browser: what fits, what is ticked, what is copied."""

from __future__ import annotations

import subprocess
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from slips.quarantine import Filter

from ..builders import failure
from .conftest import Show
from .test_console import causes, dialog, fail_at, overflow, rows
from .world import World

pytestmark = pytest.mark.slow

LONG = "AWSLogs/123456789012/elasticloadbalancing/eu-central-1/2026/11/28/app.prod-frontend.0123456789abcdef_10.0.0.1_a"
HOSTILE = "a'b\"c $(touch x) `x` \\ !! \n\u202e\x1b[31m é.gz"


def plant_many(here: World, count: int) -> None:
    here.plant(
        *(failure(f"r{n:02}", object_key=f"{LONG}/{n:04}/the-telling-end.log.gz", error_message="m" * 300,
                  failed_at=f"2026-02-01T00:00:{n:02}.000Z") for n in range(count))
    )  # fmt: skip


def test_twenty_items_fit_on_a_screen_each_in_one_line_that_shows_the_end_of_its_key(here: World, show: Show) -> None:
    plant_many(here, 30)
    page = show(f"{here.url}#/errors", width=1600)
    expect(rows(page)).to_have_count(30)
    page.evaluate("document.querySelectorAll('.filter-form').length || 0")
    page.wait_for_selector(".filter-form")
    seen = page.eval_on_selector_all(
        ".items tbody tr",
        """rows => rows.map(row => {
          const box = row.getBoundingClientRect(), tail = row.querySelector(".key .tail");
          return {isSeen: box.bottom <= innerHeight, height: box.height, tail: tail.textContent,
                  isWhole: tail.scrollWidth <= tail.clientWidth && tail.getBoundingClientRect().right <= innerWidth};
        })""",
    )
    assert sum(row["isSeen"] for row in seen) >= 20
    assert {row["height"] < 40 for row in seen} == {True}
    assert all(row["isWhole"] and row["tail"].endswith("the-telling-end.log.gz") for row in seen)


def test_times_are_relative_and_absolute_with_their_zone(here: World, show: Show) -> None:
    here.plant(failure("r1", failed_at="2026-07-01T10:00:00.000Z"))
    page = show(f"{here.url}#/errors", timezone_id="Asia/Kolkata")
    assert page.inner_text("thead >> text=Failed") == "Failed (GMT+5:30)"
    assert page.inner_text(".items .when").splitlines()[0].startswith("01 Jul")
    assert "15:30:00" in page.inner_text(".items .when")
    assert " days ago" in page.inner_text(".items .when time")
    page.goto(f"{here.url}#/errors/r1")
    page.wait_for_selector("h1.fault")
    assert "15:30:00 GMT+5:30, " in page.inner_text(".terms.first")


def test_the_tab_is_named_by_what_it_shows(here: World, show: Show) -> None:
    here.plant(failure("r1", error_type="KeyError", object_key="logs/a.gz", fingerprint="f1"))
    name = here.slips.config.stack_name
    page = show(f"{here.url}#/errors/r1")
    for fragment, title in (
        ("#/errors/r1", f"KeyError in a.gz – SLIPS {name}"),
        ("#/errors", f"Errors – SLIPS {name}"),
        ("#/errors?state=parked", f"Errors: state parked – SLIPS {name}"),
        ("#/causes/f1", f"KeyError, 1 item – SLIPS {name}"),
        ("#/objects", f"Objects – SLIPS {name}"),
        ("#/", f"(1) Overview – SLIPS {name}"),
    ):
        page.evaluate(f"location.hash = '{fragment}'")
        expect(page).to_have_title(title)


def test_an_item_begins_with_what_where_and_why_and_ends_with_the_other_facts(here: World, show: Show) -> None:
    here.plant(failure("r1", traceback="Traceback…", positions="3-7", processor="watch"))
    page = show(f"{here.url}#/errors/r1")
    page.wait_for_selector("h1.fault")
    text = page.inner_text("main")
    order = [
        text.index(words)
        for words in ("KeyError", "s3://logs/", "3-7", "watch", "Traceback…", "slips local", "All facts")
    ]
    assert order == sorted(order)
    assert page.locator(".terms:visible dt").count() <= 6
    assert "Next try" not in text, "a fact that is not there takes no room"
    page.click("text=All facts")
    assert "First seen" in page.inner_text("main")


def test_ticked_items_are_drained_together(here: World, show: Show) -> None:
    fail_at(here, 12)
    here.broken = False
    page = show(f"{here.url}#/errors")
    expect(rows(page)).to_have_count(12)
    boxes = page.locator("tbody .tick input")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator(".selection")).to_contain_text("4 items selected")
    page.click(".selection >> text=Drain…")
    dialog(page, "Drain 4 items").get_by_role("button", name="Drain 4 items").click()
    dialog(page, "4 items drained, and none failed again").get_by_role("button", name="Close").click()
    expect(rows(page)).to_have_count(8)
    expect(page.locator(".selection")).to_be_hidden()


def test_ticked_items_are_discarded_together_with_a_count_and_a_reason(here: World, show: Show) -> None:
    here.plant(*(failure(f"r{n}", fingerprint=f"f{n}") for n in range(5)))
    page = show(f"{here.url}#/errors")
    page.get_by_label("Select all items shown").check()
    page.locator("tbody .tick input").nth(2).uncheck()
    page.click(".selection >> text=Discard…")
    question = dialog(page, "Discard 4 items?")
    question.get_by_label("Reason").fill("test data")
    question.get_by_role("button", name="Discard 4 items").click()
    dialog(page, "4 items discarded").get_by_role("button", name="Close").click()
    expect(rows(page)).to_have_count(1)
    assert len(here.slips.quarantine.page(Filter()).items) == 1


def test_the_keyboard_ticks_and_opens_what_is_ticked(here: World, show: Show) -> None:
    here.plant(failure("r1"))
    page = show(f"{here.url}#/errors")
    page.get_by_label("Select s3://logs/logs/a.gz").focus()
    page.keyboard.press("Space")
    expect(page.locator(".selection")).to_contain_text("1 item selected")
    page.locator(".selection >> text=Discard…").focus()
    page.keyboard.press("Enter")
    dialog(page, "Discard this item?")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.innerText") == "Discard…"


def copied(page: Any, what: str) -> str:
    page.locator(".step", has_text=what).get_by_role("button").click()
    page.locator(".step", has_text=what).get_by_role("button", name="Copied").wait_for()
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_copied_command_means_the_object_and_nothing_else(here: World, show: Show) -> None:
    here.plant(failure("it's", bucket_name="logs", object_key=HOSTILE))
    page = show(f"{here.url}#/errors/{quote(chr(105) + chr(116) + chr(39) + 's')}",
                permissions=["clipboard-read", "clipboard-write"])  # fmt: skip
    page.wait_for_selector("code:has-text('slips explain --local')")
    assert copied(page, "stop where it fails") == "slips local --local -r 'it'\\''s' --pdb"
    assert copied(page, "and a test") == "slips capture --local 'it'\\''s'"
    command = copied(page, "how the object is read")
    assert command.isprintable()
    words = subprocess.run(
        ["/bin/bash", "-c", f"slips() {{ printf '%s\\0' \"$@\"; }}; {command}"], capture_output=True, check=True
    ).stdout.decode()
    assert words.split("\0")[:-1] == ["explain", "--local", f"s3://logs/{HOSTILE}"]
    assert page.locator(".steps script").count() == 0
    assert "filter work_id = " in copied(page, "Insights")


def test_what_is_filtered_is_in_the_address_and_counted(here: World, show: Show) -> None:
    here.plant(
        *(failure(f"a{n}", error_message="no actor", processor="watch") for n in range(3)),
        failure("b", error_message="no such user", bucket_name=here.bucket, object_key="logs/b.json"),
    )
    page = show(f"{here.url}#/errors")
    expect(page.locator(".heading")).to_contain_text("4 items of ")
    page.get_by_label("In message or key").fill("no actor")
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(3)
    assert page.url.endswith("#/errors?text=no+actor")
    page.click("text=Clear")
    page.get_by_label("Mapping").select_option(label=f"{here.bucket}/logs/")
    page.click(".filter-form button.main")
    expect(rows(page)).to_have_count(1)
    assert f"bucket={here.bucket}&prefix=logs%2F" in page.url
    page.click("text=Clear")
    page.select_option("[name=span]", "3600")
    page.click(".filter-form button.main")
    expect(page.locator(".heading")).to_contain_text("No matching items.")
    page.click("text=Clear")
    page.select_option("[name=span]", "own")
    page.click(".filter-form button.main")
    expect(page.locator(".filter-form")).to_contain_text("Enter when it begins, or when it ends.")
    page.locator("[name=since]").fill("2020-01-01T00:00:30")
    page.get_by_label("Order").select_option("oldest")
    page.click(".filter-form button.main")
    expect(rows(page)).to_have_count(4)
    assert page.input_value("[name=since]") == "2020-01-01T00:00:30"
    page.reload()
    expect(rows(page)).to_have_count(4)


def test_a_cause_has_its_own_address(here: World, show: Show) -> None:
    here.plant(
        *(failure(f"r{n}", fingerprint="f1", traceback="Traceback…") for n in range(2)), failure("o", fingerprint="f2")
    )
    page = show(here.url)
    causes(page).first.locator(".cause-head").click()
    page.click(".cause-body >> text=Show items")
    page.wait_for_selector("text=The newest item")
    assert page.url.endswith("#/causes/f1")
    expect(rows(page)).to_have_count(2)
    assert "Traceback…" in page.inner_text("main")
    page.goto(f"{here.url}#/causes/none")
    page.wait_for_selector("text=Nothing of the cause none is left")


@pytest.mark.parametrize("width", [360, 1024])
def test_nothing_of_the_list_is_wider_than_the_window(here: World, show: Show, width: int) -> None:
    plant_many(here, 3)
    page = show(f"{here.url}#/errors", width=width)
    page.get_by_label("Select all items shown").check()
    wide = {"#/errors": overflow(page)}
    for fragment in ("#/errors/r00", "#/causes/f1"):
        page.evaluate(f"location.hash = '{fragment}'")
        page.wait_for_selector("h1.fault")
        wide[fragment] = overflow(page)
    assert set(wide.values()) == {0}, wide
