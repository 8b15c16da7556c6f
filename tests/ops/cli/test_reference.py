"""docs/command-line.md says what --help says, and every command is as the others are."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from slips.ops.cli import main
from slips.ops.cli.reference import text

PAGE = Path(__file__).resolve().parents[3] / "docs/command-line.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == text(main), "`make docs` writes it anew"


@pytest.mark.parametrize("name", sorted(main.commands))
def test_help_shows_an_example(name: str) -> None:
    assert f"slips {name} " in (main.commands[name].help or "")


@pytest.mark.parametrize("name", sorted(main.commands))
def test_a_command_can_be_read_by_programs(name: str) -> None:
    assert "--json" in {option for each in main.commands[name].params for option in each.opts}


@pytest.mark.parametrize("name", ["errors", "error", "drain"])
def test_the_options_of_the_class_based_slips_are_there(name: str) -> None:
    options = {option for each in main.commands[name].params for option in each.opts}
    assert {"-s", "--stack-name", "-c", "--config"} <= options


def test_every_parameter_says_what_it_is() -> None:
    silent = [
        f"{name} {each.opts[0]}"
        for name, command in main.commands.items()
        for each in command.params
        if isinstance(each, click.Option) and not each.help and not each.hidden
    ]
    assert silent == []
