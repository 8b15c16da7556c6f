"""python -m tests.live: see `make live`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from secrets import token_hex

import click

from .account import LiveAccount
from .objects import plan_objects
from .page import describe_costs, write_page
from .run import play


@click.command()
@click.option("--objects", default=60, show_default=True, help="How many objects.")
@click.option("--seed", default=1, show_default=True, help="Of the objects and their faults.")
@click.option("--account", default="", help="The account's number, instead of typing it.")
@click.option("--patience", default=1800.0, show_default=True, help="Seconds to wait for the objects, at most.")
@click.option("--keep", is_flag=True, help="Remove nothing at the end.")
@click.option("--page", default="live-results.md", show_default=True, type=click.Path(path_type=Path))
def main(objects: int, seed: int, account: str, patience: float, keep: bool, page: Path) -> None:
    """Prove in an AWS account that nothing is lost: deploy, send canaries and objects with faults, drain, remove all,
    and write a page. The credentials are those of the AWS command line."""
    with tempfile.TemporaryDirectory(prefix="slips-live-") as folder:
        live = LiveAccount(f"slips-live-{token_hex(4)}", Path(folder))
        number = live.number
        click.echo(f"account {number}, region {live.region}: a stack, a bucket and functions named {live.name}")
        for line in describe_costs():
            click.echo(f"  {line}")
        if (account or click.prompt("Type the account's number to go on")) != number:
            raise SystemExit("that is not the account: nothing was done")
        try:
            result = play(live, list(plan_objects(seed, objects)), click.echo, patience=patience)
        finally:
            if keep:
                click.echo(
                    f"kept: {live.name}; remove it with slips destroy --stage dev --data in a copy of its project"
                )
            else:
                click.echo("slips destroy")
                for line in live.remove():
                    click.echo(f"NOT REMOVED: {line}", err=True)
    page.write_text(write_page(result, region=live.region, seed=seed, commands=live.commands))
    click.echo(page.read_text())
    sys.exit(not result.is_sound)


if __name__ == "__main__":
    main()
