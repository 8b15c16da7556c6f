"""`slips run`: run the whole pipeline on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from .parameters import command

FOLDER = click.Path(path_type=Path, file_okay=False)


@command()
@click.option("--once", is_flag=True, help="Exit after the samples.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object, on the last line.")
@click.option("--samples", type=FOLDER, help="Upload DIRECTORY/<bucket>/<key> as objects.  [default: samples]")
@click.option(
    "--inbox", type=FOLDER, default=Path("inbox"), show_default=True, help="The folder to watch for new files."
)
@click.option(
    "--outbox",
    type=FOLDER,
    default=Path("outbox"),
    show_default=True,
    help="The folder for what sinks write into buckets.",
)
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port of the REST API."
)
@click.option(
    "--sinks",
    type=click.Choice(["send", "dry"]),
    default="send",
    show_default=True,
    help="Send events (AWS sinks send to the embedded AWS), or only print what would be sent.",
)
@click.option("-c", "--config", help="slips.yml, or another file.")
def run(
    once: bool, as_json: bool, samples: Path | None, inbox: Path, outbox: Path, port: int, sinks: str,
    config: str | None,
) -> None:  # fmt: skip
    """Run app.py of this folder on an embedded AWS (S3, SNS, Kinesis, DynamoDB, Lambda), without an account.

    It uploads and processes the samples, prints a summary, then serves the REST API and watches the inbox until Ctrl-C.

    \b
    slips run --once --json --samples ~/logs -c slips.yml
    """
    from ..run import Options, run_session

    named = config or (click.get_current_context().obj or {}).get("config")
    run_session(Options(named, once, as_json, samples, inbox, outbox, port, dry_sinks=sinks == "dry"))
