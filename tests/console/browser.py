"""Chromium, if this machine has it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "SLIPS_REQUIRE_CHROMIUM"
"""Set to 1 if the tests in a browser must not be skipped."""

EVIL = "evil.example"
"""A host name of somebody else that leads to this machine, as by DNS rebinding."""


def find_chromium() -> str:
    """Return its path, empty if it is not installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


@contextmanager
def launch() -> Iterator[Any]:
    """Run a headless browser."""
    from playwright.sync_api import sync_playwright

    # Chromium's sandbox needs a user that is not root, and shared memory that containers seldom have.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    flags = ["--disable-dev-shm-usage", f"--host-resolver-rules=MAP {EVIL} 127.0.0.1", *sandbox]
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=find_chromium(), args=flags)
        try:
            yield browser
        finally:
            browser.close()
