"""Pass a secret address to a browser: in a file that only this user can read, since every user of a machine can read
the arguments of all its processes."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

NAME: Final = "console.html"
_PAGE: Final = """<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>SLIPS</title>
<p><a href="{url}">Open the console</a>
"""


@contextmanager
def redirect_file(url: str, parent: Path) -> Iterator[Path]:
    """Yield a page that leads to `url`, in a private folder below `parent`, which is removed afterwards.

    Below the system's temporary folder if `parent` cannot be written: there, a browser in a sandbox may not find it.
    """
    with _private_folder(parent) as folder:
        path = Path(folder).resolve() / NAME
        with open(path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as page:
            page.write(_PAGE.format(url=html.escape(url)))
        yield path


def _private_folder(parent: Path) -> TemporaryDirectory[str]:
    """Make a folder of mode 0700."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        return TemporaryDirectory(prefix="console-", dir=parent)
    except OSError:
        return TemporaryDirectory(prefix="slips-console-")
