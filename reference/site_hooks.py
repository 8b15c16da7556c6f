"""What MkDocs needs to build the site from files as they lie in the repository.

README.md is the first page, CHANGELOG.md a page, and the decisions have an index. A link to a file that is in the
repository and not on the site, such as a test, becomes its text.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"README.md": "index.md", "CHANGELOG.md": "changelog.md", "docs/decisions": "decisions/index.md"}
"""Pages that are not files of docs/: their path in the repository, and on the site."""
PICTURES = {"bench/results.png": "images/results.png"}
"""Likewise."""
STYLE = """\
.md-grid { max-width: 78rem } /* wide enough for lines of 120 characters of code */
.md-typeset td:first-child code { white-space: nowrap; word-break: normal }
"""

_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\|.*$", re.MULTILINE)
_SPAN = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])*)\]\((?P<path>[^)#\s]+)(?P<heading>#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is not in docs/."""
    for source, target in PAGES.items():
        text = index_decisions() if target.endswith("index.md") and "/" in target else (ROOT / source).read_text()
        files.append(File.generated(config, target, content=text))
    for source, target in PICTURES.items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / source)))
    files.append(File.generated(config, "assets/slips.css", content=STYLE))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Let the links of a page lead to pages of the site."""
    sources = {target: source for source, target in PAGES.items()}
    source = sources.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    folder = source if source == "docs/decisions" else posixpath.dirname(source)
    return unescape_bars(move_links(markdown, folder, posixpath.dirname(page.file.src_uri)))


def unescape_bars(text: str) -> str:
    """Remove the backslash that GitHub wants before a bar in the code of a table: MkDocs would show it."""
    return _ROW.sub(lambda row: _SPAN.sub(lambda span: span[0].replace("\\|", "|"), row[0]), text)


def move_links(text: str, folder: str, site_folder: str) -> str:
    """Return the text with its links moved from a folder of the repository to one of the site."""
    code = {match.start(): match.end() for match in _CODE.finditer(text)}

    def moved(match: re.Match[str]) -> str:
        path = match["path"]
        if "://" in path or any(start < match.start() < end for start, end in code.items()):
            return match[0]
        source = posixpath.normpath(posixpath.join(folder, path))
        target = (PAGES | PICTURES).get(source, source.removeprefix("docs/") if source.startswith("docs/") else "")
        if not target:
            if not (ROOT / source).exists():
                return match[0]  # MkDocs reports it.
            return match["text"]
        return f"[{match['text']}]({posixpath.relpath(target, site_folder or '.')}{match['heading'] or ''})"

    return _LINK.sub(moved, text)


def index_decisions() -> str:
    """Write the page that lists the decisions."""
    lines = ["# Decisions", "", "What was chosen, why, and what was rejected. A page each.", ""]
    for page in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        title = page.read_text().partition("\n")[0].removeprefix("# ")
        number, _, words = title.partition(". ")
        lines.append(f"- {number}\\. [{words}]({page.name})")
    return "\n".join([*lines, ""])
