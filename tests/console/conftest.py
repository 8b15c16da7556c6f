"""A deployment with its console, and a browser in front of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from slips.ops.run.embedded import EmbeddedAws

from .browser import REQUIRED, chromium, launched
from .world import World, world


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not chromium():
        if os.environ.get(REQUIRED):
            pytest.fail(f"Chromium is not installed, and {REQUIRED} is set: apt-get install chromium")
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with launched() as up:
        yield up


@pytest.fixture(scope="module")
def aws_up(browser: Any) -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as up:
        yield up


@pytest.fixture(scope="module")
def shared(aws_up: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(aws_up, tmp_path_factory.mktemp("console")) as made:
        yield made


@pytest.fixture
def here(shared: World) -> World:
    """The deployment, without error items."""
    shared.player_is_idle()
    shared.clear()
    shared.broken = True
    return shared


Show = Callable[..., Any]


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """What most pages share: a browser is quick to open another page, and slow to begin anew."""
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def show(browser: Any, context: Any) -> Iterator[Show]:
    """`show(f"{here.url}#/errors", width=360)` gives the page there; with other options, in a profile of its own. The
    page must say nothing on the browser's console, and ask for nothing of elsewhere."""
    opened: list[Any] = []
    said: list[str] = []
    asked: list[tuple[str, str]] = []

    def shown(url: str, *, width: int = 1280, **options: Any) -> Any:
        owner = browser.new_context(**options) if options else context
        page = owner.new_page()
        opened.append(owner if options else page)
        page.set_default_timeout(30_000)
        page.set_viewport_size({"width": width, "height": 900})
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda fault: said.append(str(fault)))
        page.on("request", lambda request: asked.append((urlsplit(url).netloc, request.url)))
        page.goto(url)
        page.locator("#live:not(:empty), dialog[open]").first.wait_for()
        return page

    yield shown
    for each in opened:
        each.close()
    # A request that is refused, the browser notes by itself.
    assert [line for line in said if not line.startswith("Failed to load resource: the server responded")] == []
    assert [url for host, url in asked if urlsplit(url).netloc != host] == []
