"""The console's files: a page, its styles and its scripts, read at their first request."""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path
from typing import Final

from chalice.app import Response

from ..errors import NotFound

FOLDER: Final = Path(__file__).parent / "page"
MEDIA: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".html": "text/html"}
"""The media type by suffix. No other file is served."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'self'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Content-Security-Policy: only our own files, nothing inline, and no text ever becomes markup or script."""

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Checked at every load: a deployment changes all files at once, and no two versions fit together.
    "Cache-Control": "no-cache",
}
_BASE: Final = "<!--base-->"


def render_page(path: str) -> Response:
    """Render the page. `path` is its path in the browser, with the stage of API Gateway; its files are below it."""
    base = f'<base href="{html.escape(path.rstrip("/"), quote=True)}/">'
    return _respond(".html", _text("index.html").replace(_BASE, base, 1))


def read_asset(name: str) -> Response:
    """Read a file of the page. Raises NotFound for any other name."""
    if name not in _names():
        raise NotFound("the console has no such file")
    return _respond(Path(name).suffix, _text(name))


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.suffix in MEDIA and path.suffix != ".html")


@cache
def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _respond(suffix: str, text: str) -> Response:
    return Response(body=text, status_code=200, headers={**HEADERS, "Content-Type": f"{MEDIA[suffix]}; charset=utf-8"})
