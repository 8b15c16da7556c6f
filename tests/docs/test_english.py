"""README, docs, help texts and messages avoid phrases that a native reader stumbles over."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pytest

import slips
import slips.errors
import slips.formats
import slips.sinks
import slips.testing
from slips.ops.cli import main
from slips.ops.develop.config_schema import PACKAGED

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "chalicelib" / "slips"


class Phrase(NamedTuple):
    """A phrase to avoid: what finds it, what to write instead, and texts that are fine."""

    pattern: str
    instead: str
    wrong: tuple[str, ...]
    fine: tuple[str, ...] = ()


FORBIDDEN = [
    Phrase(
        r"(?<![Tt]here )\b(is|are|was|were) none\b",
        "is not one",
        ("a time that is none", "what follows and is none"),
        ("where there is none", "none of them"),
    ),
    Phrase(
        r"(?<![Tt]here )\b(is|are|was|were|be|been) no (?!longer|more|matter|less|fewer)\w",
        "is not a",
        ("the message is no JSON", "a zero is no fault"),
        ("there is no stack", "it is no longer read"),
    ),
    Phrase(r"\b[Ss]o many\b(?! that)", "N, or: that number of", ("at most so many",), ("so many that it fails",)),
    Phrase(
        r"\b(stand|stands|stood)\b(?! for| in for|-in| still| out| alone)",
        "is",
        ("what stands in the lane", "a line stands there"),
        ("`*` stands for a folder", "a stand-in", "it stands out"),
    ),
    Phrase(r"\b[Bb]eside\b", "next to, with, in addition to", ("beside app.py",), ("besides",)),
    Phrase(r"\banew\b", "again", ("written anew",)),
    Phrase(r"\b(whoever|Whoever)\b", "anyone who, the one that", ("whoever reads it",)),
    Phrase(r"\bmend(s|ed|ing)?\b", "fix", ("mend the cause", "that is mended"), ("recommend",)),
    Phrase(r"\bblanks\b", "spaces", ("padded with blanks",), ("blank lines",)),
    Phrase(r"\bfor want of\b", "without, for lack of", ("for want of a key",)),
    Phrase(r"\bput down to\b", "attributed to, counted as", ("put down to the object",)),
    Phrase(r"\bhow dear\b", "what it costs", ("how dear it is",)),
    Phrase(r"\bof elsewhere\b", "of another site", ("a page of elsewhere",)),
    Phrase(r"\bbehind the other\b", "after the other", ("one behind the other",)),
    Phrase(r"\bbelongs? into\b", "belong in", ("it belongs into the line",)),
    Phrase(r"\bin vain\b|\ball the same\b", "without success; anyway", ("tried in vain", "acknowledged all the same")),
    Phrase(r"\bpass(es)? by (itself|themselves)\b", "retried automatically", ("what passes by itself",)),
    Phrase(r"\b(hear|hears|heard)\b", "is subscribed to, gets", ("the function that hears the topic",)),
    Phrase(r"\bof before\b", "earlier, former", ("the topics of before",)),
    Phrase(r"\bwithout a word\b", "silently", ("dropped without a word",)),
    Phrase(r"\bneeds nobody\b", "nothing to do", ("an item that needs nobody",)),
    Phrase(r"\b(told|tells?|telling) apart\b", "distinguished", ("cannot be told apart",), ("to tell callers apart",)),
]
"""From the house rules: idioms of another language, and words that are used in a sense of their own."""


class Prose(NamedTuple):
    """A text that users read, and where it is."""

    place: str
    text: str


def pages() -> Iterator[Prose]:
    """Yield each line of the pages."""
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    for file in [*files, *(ROOT / ".github").rglob("*.*")]:
        # Lines that were broken are one sentence.
        text = re.sub(r"(?<=[\w,]) *\n *(?=[a-z`])", " ", file.read_text())
        for line in text.splitlines():
            yield Prose(str(file.relative_to(ROOT)), line)


def help_texts() -> Iterator[Prose]:
    """Yield the help of each command and its options."""
    for name, command in main.commands.items():
        yield Prose(f"slips {name}", command.help or "")
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield Prose(f"slips {name} {parameter.opts[0]}", parameter.help or "")


def messages() -> Iterator[Prose]:
    """Yield every text in the code of the package that is no docstring: messages, and texts of resources."""
    for file in PACKAGE.rglob("*.py"):
        tree = ast.parse(file.read_text())
        bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
                yield Prose(f"{file.relative_to(PACKAGE)}:{node.lineno}", node.value)


def public_docstrings() -> Iterator[Prose]:
    """Yield the docstrings of what users import, of which the reference is made."""
    for module in (slips, slips.errors, slips.sinks, slips.testing, slips.formats):
        for name, public in list(vars(module).items()):
            if name.startswith("_") or not (inspect.isclass(public) or inspect.isfunction(public)):
                continue
            yield Prose(f"{module.__name__}.{name}", inspect.getdoc(public) or "")
            for method, value in vars(public).items() if inspect.isclass(public) else ():
                if not method.startswith("_"):
                    yield Prose(f"{module.__name__}.{name}.{method}", inspect.getdoc(value) or "")


def others() -> Iterator[Prose]:
    """Yield the console, the schema of slips.yml, and the file with all of its keys."""
    yield Prose(PACKAGED.name, json.dumps(json.loads(PACKAGED.read_text())))
    for file in [ROOT / "slips.yml", *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.js"), *PACKAGE.rglob("*.yml")]:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            yield Prose(f"{file.relative_to(ROOT)}:{number}", line)


@cache
def prose() -> list[Prose]:
    """Return all that users read."""
    return [*pages(), *help_texts(), *messages(), *public_docstrings(), *others()]


@pytest.mark.parametrize("phrase", FORBIDDEN, ids=lambda phrase: phrase.wrong[0].replace(" ", "-"))
def test_nothing_that_users_read_has_a_phrase_to_avoid(phrase: Phrase) -> None:
    pattern = re.compile(phrase.pattern)
    found = [
        f"{place}: …{text[max(0, match.start() - 40) : match.end() + 40]}…"
        for place, text in prose()
        for match in pattern.finditer(text)
    ]
    assert found == [], f"write: {phrase.instead}"


@pytest.mark.parametrize("phrase", FORBIDDEN, ids=lambda phrase: phrase.wrong[0].replace(" ", "-"))
def test_each_phrase_is_found_and_what_is_fine_is_not(phrase: Phrase) -> None:
    pattern = re.compile(phrase.pattern)
    assert [text for text in phrase.wrong if not pattern.search(text)] == []
    assert [text for text in phrase.fine if pattern.search(text)] == []


def test_all_kinds_of_texts_are_read() -> None:
    places = {place.partition(":")[0] for place, _ in prose()}
    assert {"README.md", "docs/functions.md", "slips drain", "sinks/sqs.py", "slips.Slips.send", "slips.yml"} <= places
