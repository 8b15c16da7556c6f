"""`slips new-format`: a parser proposed from samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from ...errors import SlipsError
from .terminal import escaped, print_json, warn

if TYPE_CHECKING:
    from ..develop.new_format import ParserProposal, Samples

APP = Path("app.py")


@click.command("new-format")
@click.argument("name")
@click.option("--from", "sample", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A file with records of the format, compressed or not.")  # fmt: skip
@click.option("--write", is_flag=True, help="Into app.py, and tests/test_format_NAME.py.")
@click.option("--redact", is_flag=True, help="Replace addresses, mails and tokens in the test.")
@click.option("--json", "as_json", is_flag=True, help="Parser, test and fields as one JSON object.")
def new_format(name: str, sample: Path, write: bool, redact: bool, as_json: bool) -> None:
    """Propose a parser for a format of your own, as code to edit, with its test: field names and the time come from the
    samples. Without --write, both are printed.

    \b
    slips new-format door-badge --from badges.log
    slips new-format door-badge --from badges.log.gz --write && pytest tests/test_format_door_badge.py
    """
    from ...formats.registry import is_known
    from ..develop.new_format import propose_parser, read_samples
    from ..develop.new_format.place import slips_name

    if not name.isprintable() or not any(char.isalnum() for char in name):
        raise click.UsageError("NAME: letters and digits, as in slips.yml: door-badge")
    if is_known(name):
        raise click.UsageError(f"there is a format {name} already: `slips formats {name}`; choose another name")
    samples = read_samples(sample)
    if not samples.records:
        raise click.UsageError(f"--from {sample}: no records in it")
    if redact:
        samples = _redacted(samples)
    proposal = propose_parser(name, samples, slips_name(APP.read_text()) if APP.is_file() else "slips")
    _warn(proposal, samples)
    if write:
        _write(proposal)
    elif as_json:
        print_json(msgspec.to_builtins(proposal))
    else:
        click.echo(
            "\n".join(
                [*proposal.imports, "", "", proposal.parser, "", f"# {_test_file(proposal)}", "", proposal.test]
            ).rstrip()
        )


def _redacted(samples: Samples) -> Samples:
    from ..develop.capture import Redaction

    redaction = Redaction()
    return msgspec.structs.replace(samples, records=tuple(map(redaction.text, samples.records)))


def _warn(proposal: ParserProposal, samples: Samples) -> None:
    shape = proposal.shape
    warn(f"{shape.kind}, cut by {shape.source}: {shape.read} of {len(samples.records)} records fit")
    warn(f"fields: {escaped(', '.join(shape.fields))}")
    warn(f"time: {escaped(shape.time)}" if shape.time else "time: none found; the object's stands in")


def _test_file(proposal: ParserProposal) -> Path:
    return Path("tests") / f"test_format_{proposal.function}.py"


def _write(proposal: ParserProposal) -> None:
    from ..develop.new_format import insert
    from ..develop.new_format.code import without_utc

    if not APP.is_file():
        raise click.UsageError(f"there is no app.py in {Path.cwd()}; call slips in the folder of your project")
    text, test = APP.read_text(), _test_file(proposal)
    if f"def {proposal.function}(" in text or test.exists():
        raise SlipsError(f"app.py or {test} has {proposal.function} already; choose another NAME")
    parser = without_utc(proposal.parser) if "def _utc(" in text else proposal.parser
    whole = insert(text, proposal.imports, parser)
    test.parent.mkdir(exist_ok=True)
    test.write_text(proposal.test)
    partial = APP.with_suffix(".py.new")
    partial.write_text(whole)
    partial.replace(APP)
    click.echo(f"{APP}\n{test}")
    chain = f"[s3-lines, {proposal.name}]" if proposal.shape.source == "lines" else proposal.name
    warn(f"in slips.yml, under bucket_mapping: - {{prefix: …, format: {chain}}}")
