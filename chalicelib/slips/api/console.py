"""The console's files: a page, its style and its scripts, read when they are first asked for."""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path
from typing import Final

from chalice.app import Response

from ..errors import NotFound

FOLDER: Final = Path(__file__).parent / "page"
MEDIA: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}
"""By the ending of the file's name. Nothing else is given away."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Content-Security-Policy: nothing from elsewhere, nothing inline, and no text ever becomes markup or script."""

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Asked for anew each time: a deployment changes all files at once, and they fit only each other.
    "Cache-Control": "no-cache",
}
_BASE: Final = "<!--base-->"


def page(path: str) -> Response:
    """The page. `path` is where the browser has it, with the stage of API Gateway: its files are below that."""
    base = f'<base href="{html.escape(path.rstrip("/"), quote=True)}/">'
    return _answer(".html", _text("index.html").replace(_BASE, base, 1))


def asset(name: str) -> Response:
    """A file of the page. Raises NotFound for a name that is none."""
    if name not in _names():
        raise NotFound("the console has no such file")
    return _answer(Path(name).suffix, _text(name))


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in MEDIA and path.suffix != ".html")


@cache
def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _answer(suffix: str, text: str) -> Response:
    return Response(body=text, status_code=200, headers={**HEADERS, "Content-Type": f"{MEDIA[suffix]}; charset=utf-8"})
