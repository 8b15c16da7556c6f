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
PROOF = re.compile(r"reference/guarantees\.md|tests/[\w/]+\.py")
OF_AWS = {"docs/reliability.md": ["it sends the notification at least once"]}
"""What AWS says of its own services."""
READERS_PROJECT = {"docs/tutorial.md", "docs/how-to/write-a-format.md"}
"""Pages whose tests are those of the reader's own project."""


def unproven(page: str, text: str) -> list[str]:
    """The paragraphs, rows and list items that claim something without a proof."""
    for promise in OF_AWS.get(page, ()):
        assert promise in text
        text = text.replace(promise, "")
    text = re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)
    blocks = [" ".join(block.split()) for block in re.split(r"\n\s*\n|\n(?=\|)|\n(?= *(?:-|\d+\.) )", text)]
    return [block for block in blocks if CLAIM.search(block) and not PROOF.search(block)]


@pytest.mark.parametrize("page", pages())
def test_each_claim_has_a_link_to_its_proof(page: str) -> None:
    assert unproven(page, (ROOT / page).read_text()) == []


@pytest.mark.parametrize(
    "text", ["All is delivered at\nleast once.", "| a | no event is lost |", "1. It loses nothing.", "of any size"]
)
def test_a_claim_without_a_proof_is_noticed(text: str) -> None:
    assert unproven("", f"[Here](reference/guarantees.md) is one:\n\n{text}")
    assert not unproven("", f"{text} `tests/engine/test_worker.py`")


@pytest.mark.parametrize("page", [page for page in pages() if page not in READERS_PROJECT])
def test_each_proof_exists(page: str) -> None:
    text = (ROOT / page).read_text()
    for name in re.findall(r"\b((?:tests|bench)/[\w/]+\.(?:py|json|png)(?:::\w+)*)", text):
        file, _, test = name.partition("::")
        assert (ROOT / file).exists(), name
        assert not test or test in existing_tests(file), name
    for case in re.findall(r"`python -m bench (\w+)", text):
        assert case in CASES, case
