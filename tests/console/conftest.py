"""A deployment with its console, and a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from slips.ops.run.embedded import EmbeddedAws

from .browser import REQUIRED, find_chromium, launch
from .world import World, world


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not find_chromium():
        if os.environ.get(REQUIRED):
            pytest.fail(f"Chromium is not installed, and {REQUIRED} is set: apt-get install chromium")
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with launch() as up:
        yield up


@pytest.fixture(scope="module")
def aws_up(browser: Any) -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as up:
        yield up


@pytest.fixture(scope="module")
def shared(aws_up: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(aws_up, tmp_path_factory.mktemp("console")) as running:
        yield running


@pytest.fixture
def here(shared: World) -> World:
    """Return the deployment, emptied."""
    shared.wait_until_idle()
    shared.clear()
    shared.broken = True
    return shared


Show = Callable[..., Any]


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """Make the context that most pages share: opening a page is quick, opening a context slow."""
    new_context = browser.new_context()
    yield new_context
    new_context.close()


@pytest.fixture
def show(browser: Any, context: Any) -> Iterator[Show]:
    """Return a function: `show(f"{here.url}#/errors", width=360)` opens a page; with other options, in its own profile.
    The page must log nothing to the browser's console, and request nothing from other hosts."""
    resources: list[Any] = []
    messages: list[str] = []
    requests: list[tuple[str, str]] = []

    def open_page(url: str, *, width: int = 1280, **options: Any) -> Any:
        owner = browser.new_context(**options) if options else context
        page = owner.new_page()
        resources.append(owner if options else page)
        page.set_default_timeout(30_000)
        page.set_viewport_size({"width": width, "height": 900})
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda fault: messages.append(str(fault)))
        page.on("request", lambda request: requests.append((urlsplit(url).netloc, request.url)))
        page.goto(url)
        page.locator("#live:not(:empty), dialog[open]").first.wait_for()
        return page

    yield open_page
    for resource in resources:
        resource.close()
    # The browser itself logs requests that fail.
    assert [line for line in messages if not line.startswith("Failed to load resource: the server responded")] == []
    assert [url for host, url in requests if urlsplit(url).netloc != host] == []
