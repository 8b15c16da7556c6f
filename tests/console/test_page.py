"""The console's files, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from slips.api import console
from slips.errors import NotFound

FILES = sorted(console.FOLDER.iterdir())
HEX = re.compile(r"--([\w-]+): #([0-9a-f]{6});")
TEXTS = ("ink", "muted", "accent", "good", "warn", "bad")
GROUNDS = ("ground", "surface", "sunken")


def test_the_page_is_light() -> None:
    assert sum(path.stat().st_size for path in FILES) < 150_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_names_no_other_host_and_creates_no_markup(path: Path) -> None:
    text = path.read_text().replace("http://www.w3.org/2000/svg", "").replace("s3://", "")
    assert "://" not in re.sub(r"s3:\\/\\/", "", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\bstyle=", text)
    assert len(text.splitlines()) <= 300


def test_the_policy_allows_nothing_inline_and_no_other_host() -> None:
    policy = console.render_page("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    page = (console.FOLDER / "index.html").read_text()
    assert not re.search(r"<style|<script(?![^>]* src=)|\son\w+=", page)


@pytest.mark.parametrize(
    ("path", "base"), [("/", "/"), ("/api", "/api/"), ("/api/", "/api/"), ('/"><x', "/&quot;&gt;&lt;x/")]
)
def test_the_files_are_found_below_the_stage(path: str, base: str) -> None:
    assert f'<base href="{base}">' in console.render_page(path).body


@pytest.mark.parametrize(
    ("name", "media"), [("main.js", "text/javascript"), ("style.css", "text/css"), ("icon.svg", "image/svg+xml")]
)
def test_a_file_has_its_content_type(name: str, media: str) -> None:
    response = console.read_asset(name)
    assert response.headers["Content-Type"] == f"{media}; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["", "index.html", "../responses.py", "%2e%2e", "main.js/", "none.js"])
def test_no_other_file_is_served(name: str) -> None:
    with pytest.raises(NotFound):
        console.read_asset(name)


def test_every_referenced_file_exists() -> None:
    names = {path.name for path in FILES}
    for path in FILES:
        references = re.findall(r'(?:from|href=|src=) ?"(?:\./|console/)([\w.-]+)"', path.read_text())
        assert set(references) <= names, path.name


def colours(text: str) -> dict[str, str]:
    return dict(HEX.findall(text))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_are_readable_on_every_ground(scheme: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5."""
    light, _, dark = (console.FOLDER / "style.css").read_text().partition("prefers-color-scheme: dark")
    palette = colours(light) | (colours(dark) if scheme == "dark" else {})
    pairs = [(palette[text], palette[ground]) for text in TEXTS for ground in GROUNDS] + [
        (palette["on-accent"], palette["accent"])
    ]
    assert min(contrast(*pair) for pair in pairs) >= 4.5


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
