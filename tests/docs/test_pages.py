"""README.md and docs/tutorial.md, gone through as a reader would: every block is run, every output compared."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import click
import pytest

from slips.config import load
from slips.ops.cli import main
from tests.each_case import each_case

from .blocks import ROOT, Block, Reader, read_blocks

README = ROOT / "README.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]
ACCESS = '192.0.2.10 - ada [01/Mar/2026:09:15:02 +0000] "GET / HTTP/1.1" 200 512 "-" "curl/8.5.0"\n'
# Commands of a block that is not run, other than make and slips.
OTHERS = {"pip", "python3", "curl", "sed", "git", "aws", "cp", "ln", "export", "printf", ".", ".venv/bin/python"}


def name(block: Block) -> str:
    return f"line {block.line}"


def follow(page: Path, folder: Path) -> None:
    reader = Reader(folder)
    try:
        for block in read_blocks(page):
            reader.follow(block)
    finally:
        reader.close()


@pytest.mark.slow
def test_readme_does_what_it_shows(tmp_path: Path) -> None:
    for file in ("app.py", "slips.yml"):
        shutil.copy(ROOT / "tests" / "project" / file, tmp_path)
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    (tmp_path / "chalicelib").symlink_to(ROOT / "chalicelib")
    (tmp_path / "access.log").write_text(ACCESS)
    follow(README, tmp_path)


@pytest.mark.slow
def test_the_tutorial_does_what_it_shows(tmp_path: Path) -> None:
    follow(TUTORIAL, tmp_path)
    [shown] = [block for block in read_blocks(TUTORIAL) if block.language == "yaml"]
    (tmp_path / "shown.yml").write_text(shown.text)
    assert load(tmp_path / "shown.yml") == load(tmp_path / "shop" / "slips.yml")


def test_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) < 150


@pytest.mark.parametrize("page", [README, TUTORIAL], ids=lambda page: page.name)
def test_every_block_is_of_a_kind_that_a_test_runs(page: Path) -> None:
    for block in read_blocks(page):
        kind = block.note.partition(": ")[0] or block.language
        runnable = {"console", "python", "yaml", "file", "edit", "background", "background in the clone", "not run"}
        assert kind in runnable or block.text.count("─►"), name(block)
        assert page != TUTORIAL or block.language != "python" or kind == "edit", name(block)


@pytest.mark.parametrize("page", [README, TUTORIAL], ids=lambda page: page.name)
def test_every_yaml_is_a_configuration_without_faults(page: Path, tmp_path: Path) -> None:
    blocks = [block for block in read_blocks(page) if block.language == "yaml"]
    assert blocks
    for block in blocks:
        (tmp_path / "slips.yml").write_text(block.text)
        assert load(tmp_path / "slips.yml").mappings


def slips_commands() -> list[tuple[str, str]]:
    """Every `slips …` of README and docs/, in blocks and in the text; decisions speak of their own time."""
    commands = []
    for page in [*(page for page in PAGES if "decisions" not in page.parts), ROOT / "CONTRIBUTING.md"]:
        text = page.read_text()
        for line in re.findall(r"^\$ (slips .*)$", text, re.MULTILINE) + re.findall(
            r"`(slips (?!COMMAND)[^`]+)`", text
        ):
            commands.append((page.name, line.partition(" #")[0].partition(" && ")[0].strip()))
    return commands


@each_case(("page", "line"), slips_commands())
def test_every_command_of_slips_and_its_options_exist(page: str, line: str) -> None:
    words = line.replace("slips -v ", "slips ").split()
    command = main.commands[words[1]]
    options = {
        option for parameter in command.params if isinstance(parameter, click.Option) for option in parameter.opts
    }
    assert {word for word in words[2:] if word.startswith("-") and not word[1:].isdigit()} <= options


def test_what_is_not_run_names_commands_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):(?!=)", makefile, re.MULTILINE))
    lines = [
        command
        for page in PAGES
        for block in read_blocks(page)
        if block.note.startswith("not run")
        for command, _ in block.commands()
    ]
    assert {"make run", "make test"} <= {line.partition(" #")[0].strip() for line in lines}
    for line in lines:
        program, argument, *_ = [*line.split(), ""]
        is_target = program == "make" and argument in targets
        is_command = program == "slips" and argument in main.commands
        assert program in OTHERS or is_target or is_command or re.match(r"\w+=", program), line
        for extra in re.findall(r"\[([a-z]+)\]", line if program == "pip" else ""):
            assert re.search(rf"^{extra} = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE), line


def test_links_lead_to_files_and_headings() -> None:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, heading = target.partition("#")
            if "://" in path:
                continue
            linked = (page.parent / path).resolve() if path else page
            assert linked.exists(), f"{page.name}: {target}"
            if heading:
                titles = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
                anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
                assert heading in anchors, f"{page.name}: {target}"
