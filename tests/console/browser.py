"""Chromium, where this machine has one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
REQUIRED = "SLIPS_REQUIRE_CHROMIUM"
"""Set to 1 where tests in a browser must not be left out."""


def chromium() -> str:
    """Its path; empty where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


@contextmanager
def launched() -> Iterator[Any]:
    """A browser that shows nothing on a screen."""
    from playwright.sync_api import sync_playwright

    # Chromium's sandbox needs a user that is not root, and shared memory that containers seldom have.
    flags = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=chromium(), args=flags)
        try:
            yield browser
        finally:
            browser.close()
