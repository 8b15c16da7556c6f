"""Each claim of the hand-written pages links to its proof: the page of guarantees, which names tests and rows of
`make bench`, or a test."""

from __future__ import annotations

import re

import pytest

from bench.__main__ import CASES

from .blocks import ROOT
from .test_figures import pages
from .test_security import existing_tests

CLAIM = re.compile(
    r"\b(?:at least once(?! in)|exactly once|(?:nothing|none|no \w+) (?:is|was|are|were) (?:ever )?lost|never lost"
    r"|los(?:es?|ing) (?:nothing|none|anything|no \w+)|any size)\b",
    re.IGNORECASE,
)
PROMISE = re.compile(
    r"\b(?:never|always|exactly|bounded|constant|guarantees?|guaranteed|every (?:event|object|record|write|function)"
    r"|every (?:earlier version|run|moment)|nothing (?:is|was)|none of its|stays? below)\b",
    re.IGNORECASE,
)
"""Words that promise something without exception."""
OF_PROMISES = ["README.md", *(f"docs/{page}.md" for page in (
    "reliability", "scale", "security", "life-of-an-object", "why-kinesis", "when-not"))]  # fmt: skip
"""Pages that say what you can rely on, and that compare."""
PROOF = re.compile(r"reference/guarantees\.md|reliability\.md#who-holds|tests/[\w/]+\.py|`tests/[\w/*.]+`")
OF_AWS = {"docs/reliability.md": ["it sends the notification at least once"]}
"""What AWS says of its own services."""
READERS_PROJECT = {"docs/tutorial.md", "docs/how-to/write-a-format.md"}
"""Pages whose tests are those of the reader's own project."""


def split(text: str) -> list[str]:
    """The paragraphs, rows and list items of a page."""
    text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=\|)|\n(?= *(?:-|\d+\.) )", text)]


def unproven(page: str, text: str) -> list[str]:
    """The paragraphs, rows and list items that claim something without a proof."""
    for promise in OF_AWS.get(page, ()):
        assert promise in text
        text = text.replace(promise, "")
    return [block for block in split(text) if CLAIM.search(block) and not PROOF.search(block)]


def unproven_promises(text: str) -> list[str]:
    """The paragraphs that promise something without a proof; and the rows and items, unless the paragraph before their
    table or list has one."""
    unproven, introduction = [], ""
    for block in split(re.sub(r"<!-- ([\w-]+) -->.*?<!-- end of \1 -->", "", text, flags=re.DOTALL)):
        is_part = re.match(r"\||- |\d+\. ", block)
        if not is_part:
            introduction = block
        if PROMISE.search(block) and not PROOF.search(block) and not (is_part and PROOF.search(introduction)):
            unproven.append(block)
    return unproven


@pytest.mark.parametrize("page", pages())
def test_each_claim_has_a_link_to_its_proof(page: str) -> None:
    assert unproven(page, (ROOT / page).read_text()) == []


@pytest.mark.parametrize(
    "text", ["All is delivered at\nleast once.", "| a | no event is lost |", "1. It loses nothing.", "of any size"]
)
def test_a_claim_without_a_proof_is_noticed(text: str) -> None:
    assert unproven("", f"[Here](reference/guarantees.md) is one:\n\n{text}")
    assert not unproven("", f"{text} `tests/engine/test_worker.py`")


@pytest.mark.parametrize("page", OF_PROMISES)
def test_each_promise_has_its_proof_in_its_paragraph_or_before_its_table(page: str) -> None:
    text = (ROOT / page).read_text()
    assert unproven_promises(text) == []


@pytest.mark.parametrize(
    "promise", ["It never ends.", "The same in\nevery run.", "All stay below 1 MB.", "| a | always |"]
)
def test_a_promise_without_a_proof_is_noticed(promise: str) -> None:
    assert unproven_promises(f"See `tests/steps`.\n\nText.\n\n{promise}")
    assert not unproven_promises(f"{promise} `tests/steps`")


def test_the_paragraph_before_a_table_proves_its_rows() -> None:
    assert not unproven_promises("Tested in `tests/steps`.\n\n| a | b |\n| --- | --- |\n| c | never |\n")


@pytest.mark.parametrize("page", [page for page in pages() if page not in READERS_PROJECT])
def test_each_proof_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    for name in re.findall(r"\b((?:tests|bench)/[\w/]+\.(?:py|json|png)(?:::\w+)*)", text):
        file, _, test = name.partition("::")
        assert (ROOT / file).exists(), name
        assert not test or test in existing_tests(file), name
    for case in re.findall(r"`python -m bench (\w+)", text):
        assert case in CASES, case
