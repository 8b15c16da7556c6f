"""The console in a browser, on the embedded AWS: what an operator sees and does."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.session
import msgspec
import pytest
from playwright.sync_api import expect

from slips import aws
from slips.dispatch.redrive_queue import RedriveQueue
from slips.ledger.counters import Counters
from slips.ops.browser import redirect_file
from slips.ops.console_proxy import ConsoleServer, signer
from slips.quarantine import Filter

from ..builders import failure
from .conftest import Show
from .many import ManyErrors
from .world import TOKEN, World

pytestmark = pytest.mark.slow

EVERYTHING = Filter()
SCRIPT = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


def bad(reason: str = "bad") -> str:
    return json.dumps({"bad": reason}) + "\n"


def rows(page: Any) -> Any:
    return page.locator(".items tbody tr")


def causes(page: Any) -> Any:
    return page.locator(".cause")


def dialog(page: Any, words: str) -> Any:
    """Wait for a dialog with these words."""
    element = page.locator("dialog[open]", has_text=words)
    element.wait_for()
    return element


def overflow(page: Any) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def fail_at(here: World, count: int) -> None:
    """Upload an object with `count` bad lines: each an error item, all of one cause."""
    here.upload("logs/bad.json", bad() * count)
    here.until(lambda: here.slips.quarantine.page(EVERYTHING).items)
    (row,) = here.slips.quarantine.page(EVERYTHING).items
    whole = here.slips.quarantine.get(row.request_id)
    here.slips.quarantine.delete(row.request_id)
    known = {"argument": whole.argument, "processor": whole.processor, "format": whole.format, "lane": whole.lane}
    here.plant(
        *(failure(f"r{at:02}", positions=str(at), fingerprint=whole.fingerprint, **known) for at in range(1, count + 1))
    )


def test_an_empty_deployment_says_what_to_do_and_that_nothing_failed(here: World, show: Show) -> None:
    page = show(here.url)
    text = page.inner_text("main")
    for words in ("No events yet", "The ErrorTable is empty.", "Nothing in the last 24 hours."):
        assert words in text
    page.click("nav >> text=Errors")
    page.wait_for_selector("text=No items.")


def test_what_reached_neither_dispatch_nor_report_is_shown_with_the_way_out(here: World, show: Show) -> None:
    with undelivered(here, "one", "two", age=7300):
        page = show(here.url)
        text = page.inner_text(".tiles")
        assert "2 undelivered" in text
        assert "About 2 notifications reached neither dispatch nor report, the oldest 2 h ago." in text
        assert "run slips redrive" in text
        row = page.locator(".lanes tbody tr", has_text="redrive queue")
        expect(row).to_contain_text("about 2 notifications wait, the oldest for 2 h; run slips redrive")
    page.wait_for_selector("text=The ErrorTable is empty.")


def test_an_age_that_nobody_knows_is_said_once(here: World, show: Show) -> None:
    """CloudWatch does not answer, or the role may not ask it."""
    with undelivered(here, "one"):
        here.slips.redrive_queue = RedriveQueue(aws.client("sqs"), here.slips.config.redrive_queue)
        page = show(here.url)
        row = page.locator(".lanes tbody tr", has_text="redrive queue")
        expect(row).to_contain_text("about 1 notification waits, age not known; run slips redrive")
        assert "About 1 notification reached neither dispatch nor report. Find" in page.inner_text(".tiles")


@pytest.mark.parametrize("width", [360, 1024, 1600])
def test_nothing_of_the_overview_is_cut(here: World, show: Show, width: int) -> None:
    """Also what waits, with its next try, and the age of what is in the redrive queue."""
    now = int(time.time())
    long_ago = f"{time.gmtime().tm_year - 1}-01-01T00:00:00.000Z"
    here.plant(failure("w", failed_at=long_ago, retry_at=now + 7000, waiting_since=now, tries=1))
    counts = {"events": 12_345_678, "objects": 1_000, "bytes": 10**12, "by_format": {"json": 12_345_678}}
    here.slips.counters.record("fast", counts, 4000.0)
    with undelivered(here, "one", age=7300):
        page = show(here.url, width=width)
        page.wait_for_selector("text=the oldest for 2 h")
        causes(page).first.wait_for()
        cut = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth).map(node => node.outerHTML)"
        for part in (".tile", ".cause-count", ".waiting", ".scroll:has(.lanes)", ".scroll:has(.sources)"):
            assert page.locator(part).evaluate_all(cut) == [], part
        end = page.locator(".hours").evaluate("node => node.getBoundingClientRect().right")
        rights = "nodes => nodes.map(node => node.getBoundingClientRect().right)"
        assert max(page.locator(".hours span").evaluate_all(rights)) <= end
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@contextmanager
def undelivered(here: World, *bodies: str, age: float = 0.0) -> Iterator[None]:
    """Have these messages in the redrive queue for `age` seconds."""
    from moto.sqs.models import sqs_backends

    vars(here.slips).pop("redrive_queue", None)  # It knows what it heard in this minute.
    sqs, name, place = aws.client("sqs"), here.slips.config.redrive_queue, here.embedded.place
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)
    messages = sqs_backends[place.account][place.region].queues[name]._messages
    for message in messages:
        message.sent_timestamp -= int(age * 1000)
    try:
        yield
    finally:
        messages.clear()  # SQS purges a queue once a minute.
        vars(here.slips).pop("redrive_queue", None)


def test_a_source_that_is_silent_is_named_with_what_to_do(here: World, show: Show) -> None:
    config = here.slips.config
    json, syslog = config.mappings
    here.slips.config = msgspec.structs.replace(
        config, mappings=(json, msgspec.structs.replace(syslog, silent_minutes=60))
    )
    now = time.time()
    here.slips.counters.record("slow", {}, 0.0, {syslog: now - 7300})
    here.upload("logs/one.json", '{"n": 1}\n')
    here.until(lambda: len(here.slips.counters.sources.read(config.mappings)) == 2)
    page = show(here.url)
    page.wait_for_selector("text=1 source silent")
    assert f"Nothing from s3://{here.bucket}/slow/ for 2 h." in page.inner_text(".tiles")
    rows = page.locator(".sources tbody tr")
    expect(rows.nth(0)).to_contain_text("silent for 2 h")
    expect(rows.nth(1)).to_contain_text(f"s3://{here.bucket}/logs/")
    expect(rows.nth(1)).to_contain_text("not judged")
    here.slips.config = config


def test_an_error_appears_without_a_reload_and_says_what_where_and_why(here: World, show: Show) -> None:
    page = show(here.url)
    assert causes(page).count() == 0
    here.upload("logs/live.json", '{"n": 1}\n' + bad("no such user"))
    causes(page).first.wait_for()
    page.click(".cause-head")
    page.wait_for_selector(".cause pre")
    text = causes(page).inner_text()
    for words in (
        "ValueError: no such user",
        "process · watch · json",
        "1 item",
        '{"bad": "no such user"}',
        "Traceback",
    ):
        assert words in text
    assert page.text_content(".cause-body .path") == f"s3://{here.bucket}/logs/live.json"
    assert "events a minute" in page.inner_text(".tiles")
    assert page.inner_text(".lanes tbody tr:first-child th") == "fast"
    assert re.fullmatch(r"\(1\) Overview – SLIPS console-\w+", page.title())


def test_the_chart_is_read_by_arrow_keys_and_as_a_table(here: World, show: Show) -> None:
    here.upload("slow/a.log", "Nov 25 20:00:00 host app[1]: hello\n" * 50)
    here.until(lambda: any("syslog" in hour.formats for hour in here.slips.counters.since(1).hours))
    page = show(here.url)
    page.focus(".plot")
    page.keyboard.press("End")
    assert "syslog" in page.inner_text(".readout")
    assert "syslog" in page.get_attribute(".plot", "aria-valuetext")
    page.keyboard.press("Home")
    assert "nothing" in page.inner_text(".readout")
    page.click("text=As a table")
    assert "syslog" in page.inner_text(".chart table")
    assert "50" in page.inner_text(".legend")


def test_the_chart_shows_a_week_by_the_hour(here: World, show: Show) -> None:
    three_days_ago = Counters(aws.client("dynamodb"), here.slips.config.ledger_table, lambda: time.time() - 3 * 86400)
    three_days_ago.record("fast", {"events": 600, "by_format": {"json": 600}}, 0.5)
    page = show(here.url)
    page.wait_for_selector("text=Nothing in the last 24 hours.")
    page.get_by_label("Time shown").select_option("168")
    page.wait_for_selector("text=Lanes, last 7 days")
    expect(page.locator(".legend")).to_contain_text("600")
    assert page.url.endswith("#/?hours=168")
    page.focus(".plot")
    page.keyboard.press("End")
    for _ in range(72):
        page.keyboard.press("ArrowLeft")
    assert "json 10 a minute" in page.inner_text(".readout")
    page.click("text=As a table")
    assert "Events per 6 hours" in page.inner_text(".chart table")


def test_recent_objects_are_listed_with_their_books(here: World, show: Show) -> None:
    key = f"logs/{SCRIPT}.json"
    here.upload(key, '{"n": 1}\n' + bad() * 2)
    page = show(f"{here.url}#/objects")
    page.wait_for_selector(".recent .path")
    assert page.text_content(".recent .path") == f"s3://{here.bucket}/{key}"
    expect(page.locator(".recent")).to_contain_text("3 records, 3 events, 2 failed")
    expect(page.locator(".recent")).to_contain_text("balanced")
    page.click(".recent .path")
    page.wait_for_selector(".numbers")
    assert page.input_value("input[name=key]") == key
    assert page.locator("main script, main img").count() == 0


def test_errors_are_listed_filtered_and_shown_whole(here: World, show: Show) -> None:
    here.plant(
        *(failure(f"other{n}", format="syslog", processor="lines", fingerprint="f2") for n in range(3)),
        failure("r1", traceback="Traceback…\nKeyError: 'user'", sample='{"id": 1}', positions="3-7"),
    )
    page = show(f"{here.url}#/errors")
    rows(page).nth(3).wait_for()
    page.click("text=More filters")
    page.fill("input[name=format]", "g-suite-login")
    page.press("input[name=format]", "Enter")
    page.wait_for_selector("text=1 matching item")
    assert rows(page).count() == 1
    page.click(".items .key")
    page.wait_for_selector("h1.fault")
    text = page.inner_text("main")
    for words in ("KeyError", "s3://logs/logs/a.gz", "3-7", "watch_logins", '{"id": 1}', "Traceback…"):
        assert words in text
    page.go_back()
    page.wait_for_selector("text=1 matching item")
    assert page.input_value("input[name=format]") == "g-suite-login"


def test_a_script_in_a_log_line_and_in_a_key_is_text(here: World, show: Show) -> None:
    key = f"logs/{SCRIPT}\u202egnp.json"
    here.upload(key, bad(f"{SCRIPT}\x1b[31m") + SCRIPT)
    here.until(lambda: len(here.slips.quarantine.page(EVERYTHING).items) == 2)
    page = show(here.url)
    causes(page).nth(1).wait_for()
    for head in page.locator(".cause-head").all():
        head.click()
    page.locator(".cause pre").nth(3).wait_for()
    assert SCRIPT in page.inner_text(".causes")
    assert "␛[31m" in page.inner_text(".causes"), "control characters are shown, not sent"
    page.click(".cause-body a.path >> nth=0")
    page.wait_for_selector("h1.fault")
    assert f"{SCRIPT}⟨U+202E⟩gnp.json" in page.inner_text("main")
    page.click("text=Books of the object")
    page.wait_for_selector("text=balanced")
    assert page.input_value("input[name=key]") == key
    assert page.title().startswith("Object script>")  # What follows the key's last slash.
    assert page.locator("main script, main img").count() == 0


def test_a_cause_is_drained_by_a_canary_which_fails_again_and_then_whole(here: World, show: Show) -> None:
    fail_at(here, 12)
    page = show(here.url)
    page.click(".cause-head")
    page.click(".cause >> text=Drain…")
    dialog(page, "10 of them go first").get_by_role("button", name="Drain 10 first").click()
    again = dialog(page, "10 items drained; 10 failed again")
    here.broken = False
    again.get_by_role("button", name="Leave them").click()
    page.click(".cause >> text=Drain…")
    dialog(page, "go first").get_by_role("button", name="Drain 10 first").click()
    well = dialog(page, "10 items drained, and none failed again")
    well.get_by_role("button", name="Drain the other 2").click()
    dialog(page, "12 items drained, and none failed again").get_by_role("button", name="Close").click()
    page.wait_for_selector("text=The ErrorTable is empty.")
    assert causes(page).count() == 0


def park(here: World) -> None:
    """Make an item that failed too often, and fix its function."""
    here.upload("logs/parked.json", bad())
    here.until(lambda: here.slips.quarantine.page(EVERYTHING).items)
    (row,) = here.slips.quarantine.page(EVERYTHING).items
    here.plant(failure(row.request_id, attempts=3, argument=here.slips.quarantine.get(row.request_id).argument,
                       processor="watch", positions="1", format="json"))  # fmt: skip
    here.broken = False


def test_the_parked_items_of_a_cause_are_drained_separately(here: World, show: Show) -> None:
    park(here)
    page = show(here.url)
    page.click(".cause-head")
    page.click(".cause >> text=Drain…")
    dialog(page, "failed too often, and is drained separately").get_by_role("button", name="Parked items…").click()
    dialog(page, "1 item failed too often").get_by_role("button", name="Drain 1 item").click()
    dialog(page, "1 item drained, and none failed again").get_by_role("button", name="Close").click()
    page.wait_for_selector("text=The ErrorTable is empty.")


def test_a_drain_says_what_waited_and_what_it_left_and_why(here: World, show: Show) -> None:
    fail_at(here, 5)
    rows = here.slips.quarantine.page(EVERYTHING).items
    here.broken = False
    for row, change in zip(
        rows, ({"attempts": 3}, {"attempts": 3}, {"retry_at": int(time.time()) + 900}), strict=False
    ):
        known = here.slips.quarantine.get(row.request_id)
        here.plant(failure(row.request_id, argument=known.argument, fingerprint=row.fingerprint, format="json",
                           positions=known.positions, processor="watch", **change))  # fmt: skip
    page = show(here.url)
    page.click(".cause-head")
    page.click(".cause >> text=Drain…")
    offered = dialog(page, "2 parked items failed too often, and are drained separately")
    here.slips.quarantine.claim(rows[4].request_id, "other", time.time(), 300)
    offered.get_by_role("button", name="Drain 3 items").click()
    ended = dialog(page, "2 items drained, and none failed again")
    for words in (
        "1 of them waited to be tried again by itself.",
        "2 items left: they failed too often.",
        "1 item left: another drain has it, for five minutes at most.",
    ):
        assert words in ended.inner_text()


def test_a_parked_item_is_drained_from_its_own_page(here: World, show: Show) -> None:
    park(here)
    page = show(here.url)
    page.click(".cause-head")
    page.click(".cause >> text=Drain…")
    assert dialog(page, "1 parked item").get_by_role("button", name="Drain 0 items").is_disabled()
    page.keyboard.press("Escape")
    page.click(".cause-body a.path")
    page.click("main >> text=Drain…")
    dialog(page, "Only the failed events").get_by_role("button", name="Drain", exact=True).click()
    dialog(page, "1 item drained, and none failed again")


def test_a_cause_and_an_item_are_discarded_with_a_reason(
    here: World, show: Show, caplog: pytest.LogCaptureFixture
) -> None:
    here.plant(*(failure(f"r{number}") for number in range(3)), failure("kept", fingerprint="f2"))
    page = show(here.url)
    page.click(".cause-head >> nth=0")
    page.click(".cause >> text=Discard…")
    question = dialog(page, "Discard 3 items of this cause?")
    question.get_by_role("button", name="Discard").click()
    assert question.is_visible(), "a reason is needed"
    question.get_by_label("Reason").fill("test data")
    question.get_by_role("button", name="Discard").click()
    dialog(page, "3 items discarded").get_by_role("button", name="Close").click()
    expect(causes(page)).to_have_count(1, timeout=30_000)
    page.goto(f"{here.url}#/errors/kept")
    page.click("main >> text=Discard…")
    page.get_by_label("Reason").fill("fixed by hand")
    page.keyboard.press("Enter")
    dialog(page, "1 item discarded")
    page.wait_for_selector("text=This item is gone")
    assert "'test data'" in caplog.text
    assert "discarded 1 item (item 'kept'): 'fixed by hand'" in caplog.text


def test_ten_thousand_errors_are_counted_and_paged(here: World, show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    many = ManyErrors(10_000)
    monkeypatch.setattr(here.slips.quarantine, "_table", many)
    page = show(f"{here.url}#/errors")
    for pages in (1, 2, 3):
        expect(rows(page)).to_have_count(50 * pages, timeout=30_000)
        page.click("text=Show more")
    expect(rows(page)).to_have_count(200, timeout=30_000)
    links = page.eval_on_selector_all(".items .key", "nodes => nodes.map(node => node.hash)")
    assert links == [f"#/errors/{name}" for name in many.ids[:200]]
    page.click("nav >> text=Overview")
    page.wait_for_selector(".cause >> nth=199")
    assert "10,000" in page.inner_text(".tiles")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1600, "light")])
def test_nothing_is_wider_than_the_window(here: World, show: Show, width: int, scheme: str) -> None:
    here.plant(failure("r1", object_key="a" * 900, error_message="x" * 900, sample="y" * 900, traceback="z" * 900))
    page = show(here.url, width=width, color_scheme=scheme)
    page.click(".cause-head")
    page.wait_for_selector(".cause pre")
    wide = {"overview": overflow(page)}
    for fragment, selector in (
        ("#/errors", ".items .key"),
        ("#/errors/r1", "pre"),
        ("#/objects?bucket=b&key=k", "form"),
    ):
        page.evaluate(f"location.hash = '{fragment}'")
        page.wait_for_selector(selector)
        wide[fragment] = overflow(page)
    assert set(wide.values()) == {0}, wide


def test_the_keyboard_is_enough(here: World, show: Show) -> None:
    here.plant(failure("r1"))
    page = show(here.url)
    causes(page).first.wait_for()
    focused = []
    for _ in range(12):
        page.keyboard.press("Tab")
        focused.append(page.evaluate("document.activeElement.innerText.trim() || document.activeElement.ariaLabel"))
        if "KeyError" in focused[-1]:
            break
    assert focused[:5] == [
        "Skip to the content",
        f"SLIPS\n{here.slips.config.stack_name}",
        "Overview",
        "Errors",
        "Objects",
    ]
    page.keyboard.press("Enter")
    page.wait_for_selector(".cause-body .buttons")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    dialog(page, "Drain this cause")
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.activeElement.innerText") == "Drain…", "the focus is where it was"


def test_every_control_has_a_name_for_a_screen_reader(here: World, show: Show) -> None:
    here.plant(failure("r1"))
    page = show(here.url)
    for fragment in ("", "#/errors", "#/errors/r1", "#/causes/f1", "#/objects", "#/audit"):
        page.goto(here.url + fragment)
        page.wait_for_selector("main h1", state="attached")
        assert page.locator("main h1").count() == 1
        nameless = page.evaluate(
            "[...document.querySelectorAll('main button, main a, main input, main select, [tabindex=\"0\"]')]"
            ".filter(node => !(node.innerText?.trim() || node.ariaLabel || node.labels?.length))"
            ".map(node => node.outerHTML)"
        )
        assert nameless == []


def test_a_token_is_requested_once_per_tab(here: World, show: Show) -> None:
    here.set_token(TOKEN)
    with here.locked() as url:
        page = show(url)
        question = dialog(page, "Enter the token")
        assert page.locator(".tile[data-tone]").count() == 0, "the page itself holds no data"
        question.get_by_label("Token").fill("wrong")
        page.keyboard.press("Enter")
        again = dialog(page, "That is not the token")
        again.get_by_label("Token").fill(TOKEN)
        page.keyboard.press("Enter")
        page.wait_for_selector(".tile[data-tone]")
        page.reload()
        page.wait_for_selector(".tile[data-tone]")
        dialog(show(url), "Enter the token")
        authorized = show(f"{url}#token={TOKEN}")
        authorized.wait_for_selector(".tile[data-tone]")
        assert authorized.url == url, "the token stays neither in the address nor in the history"


def test_on_this_machine_requests_are_signed_for_the_page(
    here: World, show: Show, context: Any, tmp_path: Path
) -> None:
    here.plant(failure("r1"))
    server = ConsoleServer(signer(here.url, botocore.session.get_session()))
    try:
        page = show(server.new_address())
        causes(page).first.wait_for()
        assert page.url == server.url, "the key stays neither in the address nor in the history"
        with redirect_file(server.new_address(), tmp_path) as file, context.new_page() as opened:
            opened.goto(file.as_uri())
            causes(opened).first.wait_for()
            assert opened.url == server.url
            opened.reload()
            causes(opened).first.wait_for()
            opened.goto(file.as_uri())
            opened.wait_for_selector("text=this address works once, and was used")
    finally:
        server.stop()


@pytest.mark.parametrize(("expiring", "said"), [(0, "1 open."), (1, "1 open. DynamoDB deletes 1 within 7 days.")])
def test_what_is_about_to_be_deleted_is_said(here: World, show: Show, expiring: int, said: str) -> None:
    here.plant(failure("r1"))
    page = show(here.url)

    def answer(route: Any) -> None:
        response = route.fetch()
        stats = response.json()
        stats["errors"]["expiring"] = expiring
        route.fulfill(response=response, json=stats)

    page.route("**/stats", answer)
    page.click("#pause")
    page.click("#pause")
    page.wait_for_selector(f"text=Of 1 cause: {said}")


def test_a_page_without_signed_requests_says_how_to_get_access(here: World, show: Show) -> None:
    page = show(here.url)
    refusal = {"status": 403, "json": {"message": "Missing Authentication Token"}}
    page.route("**/stats", lambda route: route.fulfill(**refusal))
    page.click("#pause")
    page.click("#pause")
    page.wait_for_selector("#trouble:has-text('slips console')")
