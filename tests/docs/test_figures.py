"""Each figure with a unit in README and docs/ has a source: a script, a constant of the code, a test, or AWS's own
documentation.

Left out: tables that a script writes (between `<!-- name -->` and `<!-- end of name -->`), and pages that `make docs`
or a script writes. Decisions are of their time.
"""

from __future__ import annotations

import re

import pytest

from tests.each_case import each_case

from .blocks import ROOT
from .figure_sources import PUBLICATIONS, SOURCES, Source

WRITTEN = {"formats.md", "command-line.md", "speed-of-formats.md", "licences.md"}
NUMBER = r"\d(?:[\d.,]*\d)?"
SIZE = "[KMGTP]i?B"
TIME = {"µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "second": 1, "minute": 60, "hour": 3600, "day": 86_400}
PERIOD = "second|minute|hour|day|week|month|year"
COUNTED = (
    "bytes|(?:ASCII )?characters|lines|objects|events|records|items|formats|requests|writes|reads|invocations|shards"
    "|labels|fields|documents|logs|read units|dollars|cents|times as|times faster"
)
FIGURE = re.compile(
    rf"\${NUMBER}|(?<![\w.,-]){NUMBER}(?: million)? ?(?:(?:{SIZE}|µs|ms|%|min|[sh]|{COUNTED}|(?:{PERIOD})s?"
    rf"|(?:\w+ )?an? (?:second|minute|hour|day|month))(?!\w)|×(?! \d))"
)
UNITS = {f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGTP", 1)}
UNITS |= {f"{prefix}B": 1000**power for power, prefix in enumerate("KMGTP", 1)}
UNITS |= {name: number for unit, number in TIME.items() for name in (unit, f"{unit}s")} | {"million": 1e6}


def figures(text: str) -> set[str]:
    """The figures of the prose of a page."""
    text = re.sub(r"<!-- ([\w-]+) -->.*?<!-- end of \1 -->", "", text, flags=re.DOTALL)
    text = re.sub(r"^ *```.*?^ *```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    return {*FIGURE.findall(re.sub(r"\s+", " ", text))}


def pages() -> list[str]:
    every = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
    by_hand = [page for page in every if not {"decisions", "reference"} & {*page.parts} and page.name not in WRITTEN]
    return [str(page.relative_to(ROOT)) for page in by_hand if page.name != "CHANGELOG.md"]


@pytest.mark.parametrize("page", pages())
def test_each_figure_has_a_source(page: str) -> None:
    found = figures((ROOT / page).read_text())
    assert found == {*SOURCES.get(page, {})}, "tests/docs/figure_sources.py: name the source of each"


@pytest.mark.parametrize(
    "text",
    [
        "costs $0.30 a month", "takes 31\nMB", "0.4 MB/s", "in 2.19 µs", "half of 5 ms", "1 % of them", "1.7 × faster",
        "163,910 events", "6,000 objects a second", "within 15 minutes", "(16,000 a second)", "1.9 times as fast",
    ],
)  # fmt: skip
def test_a_figure_is_found(text: str) -> None:
    assert figures(text)


@pytest.mark.parametrize("text", ["in `limits: 16 MiB`", "```\n5 ms\n```", "<!-- a -->\n5 ms\n<!-- end of a -->", "S3"])
def test_what_is_run_or_written_by_a_script_has_no_figure(text: str) -> None:
    assert not figures(text)


@each_case(
    ("figure", "source"), [each for page in SOURCES.values() for each in page.items()], ids=lambda each: str(each)[:40]
)
def test_a_source_says_so(figure: str, source: Source) -> None:
    number, unit = re.match(r"\$?([\d.,]+) ?(\w*)", figure).groups()  # type: ignore[union-attr]
    plain = number.replace(",", "")
    if isinstance(source, str):
        if source not in PUBLICATIONS:
            assert re.search(rf"\b{plain}\b", (ROOT / source).read_text().replace("_", "").replace(",", ""))
        return
    digits = len(number.partition(".")[2])
    # Some round numbers of bytes are written with the decimal unit.
    scales = [UNITS.get(unit, 1), UNITS.get(f"{unit[:1]}iB", 1) if unit.endswith("B") else UNITS.get(unit, 1)]
    assert plain in {f"{source / scale:.{digits}f}" for scale in scales}
