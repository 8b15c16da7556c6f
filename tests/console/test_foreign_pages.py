"""Pages of other sites, in a browser on the machine of a `slips run`: they read and change nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from slips import aws
from slips.quarantine import Filter

from ..builders import failure
from .browser import EVIL
from .world import World

pytestmark = pytest.mark.slow

ATTACK = """
async ({emulator, api, bucket, table}) => {
  const signed = (service) => ({
    Authorization: `AWS4-HMAC-SHA256 Credential=x/20260301/us-east-1/${service}/aws4_request, SignedHeaders=host, ` +
      "Signature=0",
  });
  const image = (src) => new Promise((resolve, reject) => {
    Object.assign(new Image(), {onload: resolve, onerror: () => reject(new Error("no image")), src});
  });
  const scan = {...signed("dynamodb"), "X-Amz-Target": "DynamoDB_20120810.Scan",
                "Content-Type": "application/x-amz-json-1.0"};
  const attempts = {
    scan: () => fetch(emulator, {method: "POST", headers: scan, body: JSON.stringify({TableName: table})}),
    put: () => fetch(`${emulator}/${bucket}/logs/planted.json`, {method: "PUT", headers: signed("s3"), body: "{}"}),
    read: () => fetch(`${emulator}/${bucket}/logs/own.json`, {headers: signed("s3")}),
    errors: () => fetch(`${api}/errors`),
    drain: () => fetch(`${api}/drain`, {method: "POST", body: "{}"}),
    form: () => fetch(`${api}/drain`, {method: "POST", mode: "no-cors", body: "{}"}),
    image: () => image(`${api}/errors`),
    asset: () => image(`${api}/console/icon.svg`),
  };
  const results = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    results[name] = await attempt().then(async (answer) => (await answer.text?.()) ?? "", () => "refused");
  }
  return results;
}
"""


@pytest.fixture
def site() -> Iterator[int]:
    """The port of a web server of somebody else's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(context: Any) -> Iterator[Any]:
    new_page = context.new_page()
    yield new_page
    new_page.close()


# A page of another port of this machine is a page of the same site, and of another origin.
@pytest.mark.parametrize("host", [EVIL, "127.0.0.1"])
def test_a_foreign_page_reaches_neither_the_emulator_nor_the_api(here: World, page: Any, site: int, host: str) -> None:
    here.upload("logs/own.json", '{"n": 1}\n')
    here.until(lambda: here.events and here.player.is_idle())
    here.plant(failure("r1"))
    events = here.events
    page.goto(f"http://{host}:{site}/")
    results = page.evaluate(
        ATTACK,
        {
            "emulator": here.embedded.endpoint, "api": here.api.url,
            "bucket": here.bucket, "table": here.slips.config.error_table,
        },
    )  # fmt: skip
    assert {name: answer for name, answer in results.items() if answer != "refused"} == {}
    # The browser hides an answer that came all the same.
    here.wait_until_idle()
    assert [row.request_id for row in here.slips.quarantine.page(Filter()).items] == ["r1"]
    listing = aws.client("s3").list_objects_v2(Bucket=here.bucket, Prefix="logs/planted")
    assert (listing["KeyCount"], here.events) == (0, events)


def test_a_name_that_leads_to_this_machine_opens_nothing(here: World, page: Any) -> None:
    here.plant(failure("r1"))
    for url in (here.api.url + "/errors", here.embedded.endpoint + f"/{here.bucket}"):
        port = urlsplit(url).port
        answer = page.goto(url.replace(f"127.0.0.1:{port}", f"{EVIL}:{port}"))
        assert (answer.status, "r1" in answer.text()) == (403, False)


def test_a_link_of_another_site_opens_the_console_and_no_data(here: World, page: Any, site: int) -> None:
    here.plant(failure("r1"))
    page.goto(f"http://{EVIL}:{site}/")
    with page.expect_navigation() as errors:
        page.evaluate("url => { location = url }", f"{here.api.url}/errors")
    assert errors.value.status == 403
    page.goto(f"http://{EVIL}:{site}/")
    with page.expect_navigation() as console:
        page.evaluate("url => { location = url }", f"{here.api.url}/")
    assert console.value.status == 200
    page.locator("#live:not(:empty)").wait_for()
    assert page.locator(".cause").count() == 1
