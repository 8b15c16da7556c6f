"""The documentation site: links of the repository lead to its pages, and every page reads there as on GitHub."""

from __future__ import annotations

import re

import pytest
import yaml
from markdown import Markdown

from reference.site_hooks import move_links, unescape_bars

from .blocks import ROOT

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize(
    ("link", "folder", "site_folder", "moved"),
    [
        ("[a](docs/api.md#paging)", "", "", "[a](api.md#paging)"),
        ("![a](docs/images/scale.png)", "", "", "![a](images/scale.png)"),
        ("[a](../CHANGELOG.md)", "docs", "", "[a](changelog.md)"),
        ("[`a`](../README.md)", "docs", "", "[`a`](index.md)"),
        ("[a](docs/decisions)", "", "", "[a](decisions/index.md)"),
        ("[a](../decisions/0001-the-map-of-the-code.md)", "docs/send", "send", None),
        ("[a](../bench/results.png)", "docs", "", "[a](images/results.png)"),
        ("see [the script](../bench/scale.py) for", "docs", "", "see the script for"),
        ("[a](../bench/no-such-file.py)", "docs", "", None),
        ("[a](https://example.com/x)", "docs", "", None),
        ("`[a](docs/api.md)`", "", "", None),
        ("```\n[a](docs/api.md)\n```", "", "", None),
    ],
)
def test_a_link_leads_to_a_page_of_the_site(link: str, folder: str, site_folder: str, moved: str | None) -> None:
    assert move_links(link, folder, site_folder) == (link if moved is None else moved)


def test_a_bar_in_the_code_of_a_table_is_a_bar() -> None:
    assert unescape_bars("| `a \\| b` | c \\| d |\n`a \\| b`") == "| `a | b` | c \\| d |\n`a \\| b`"


def test_a_list_is_a_list() -> None:
    """MkDocs wants four spaces before what belongs to an item, and an empty line before a list behind a paragraph."""
    markdown = Markdown(extensions=["tables", "sane_lists", "pymdownx.superfences"])
    for page in PAGES:
        text = re.sub(r"<pre>.*?</pre>", "", markdown.reset().convert(page.read_text()), flags=re.DOTALL)
        found = re.findall(r"^(?:<p>)?(?:- |\d+\. |```).*", text, re.MULTILINE)
        assert found == [], page.relative_to(ROOT)


def test_the_menu_has_each_page_once() -> None:
    config = yaml.unsafe_load((ROOT / "mkdocs.yml").read_text())
    menu = list(leaves(config["nav"]))
    assert len(menu) == len({*menu})
    here = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    missing = {page for page in here - {*menu} if not page.startswith("decisions/")}
    assert missing == set()


def leaves(node: object) -> list[str]:
    """The pages of a menu."""
    if isinstance(node, str):
        return [node]
    values = node.values() if isinstance(node, dict) else node
    assert not isinstance(values, str)
    return [leaf for value in values for leaf in leaves(value)]  # type: ignore[attr-defined]


def test_nothing_is_asked_of_another_host() -> None:
    text = (ROOT / "mkdocs.yml").read_text()
    assert "font: false" in text
    assert "://" not in text
    assert (ROOT / "Makefile").read_text().count("mkdocs build --strict") == 1
