"""`slips local`: run the functions of app.py on work items, on this machine."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from ...wording import plural
from ..output import escaped, one_line
from .ids import find_item_id
from .parameters import command
from .target import TargetOptions, on_project
from .terminal import print_json

if TYPE_CHECKING:
    from ...decorators import Slips
    from ...observability.masking import Secrets
    from ..develop.local import Fault, RunResult

SHOWN = 3
"""Tracebacks printed per function; later ones are mostly the same."""


@command()
@on_project
@click.option(
    "-d",
    "--test-data",
    help="A JSON list of work items, from `slips sample` or `slips error -f json`; - is standard input.",
)
@click.option("-r", "--request-id", metavar="ID", help="Run what failed in this error item.")
@click.option(
    "-a",
    "--arguments",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A YAML file whose values override handler.args.",
)
@click.option("--pdb", is_flag=True, help="Stop in the debugger where a function or parser first raises.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; what functions print goes to standard error."
)
def local(
    target: TargetOptions, test_data: str | None, request_id: str | None, arguments: Path | None,
    pdb: bool, as_json: bool,
) -> None:  # fmt: skip
    """Run the functions of app.py on work items on this machine, with real tracebacks.

    It reads objects from S3 with your credentials, and changes neither the ledger nor the ErrorTable. What your
    functions send or write is real. The exit code is 1 if anything failed.

    \b
    slips sample -o items.json && slips local -d items.json
    slips local -r 4f6d2c81 --pdb
    """
    if (test_data is None) == (request_id is None):
        raise click.UsageError("name the work items: -d FILE, or -r ID of an error item")
    from ..develop.local import Runner, of_error, of_file
    from ..develop.project import load_project

    to = target.open()
    project = load_project(to.path)
    slips = project.slips
    slips.check()
    if test_data:
        items = of_file(test_data)
    else:
        items = of_error(to.quarantine.get(find_item_id(to.quarantine, request_id or "")), slips.config)
    args = _arguments(slips, arguments)
    runner = Runner(slips, args, _Tracebacks(slips.secrets, pdb=pdb))
    # What the functions print is not JSON.
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        ran = runner.run(items)
    _show_json(ran) if as_json else _show(ran)
    if ran.failures:
        raise SystemExit(1)


def _arguments(slips: Slips, path: Path | None) -> dict[str, Any]:
    """Fetch the secrets among the arguments, and mask them from now on: what is printed here ends up in CI's logs."""
    from ... import aws
    from ...aws.secret_arguments import resolve_secrets
    from ...observability.masking import mask_log_lines

    args, secrets = resolve_secrets({**slips.config.handler.args, **(_yaml(path) if path else {})}, aws.client)
    slips.secrets.add(secrets)
    mask_log_lines(slips.secrets, slips.app_name)
    return args


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text())
    except OSError as fault:
        raise click.UsageError(f"-a {path}: {fault.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise click.UsageError(f"-a {path}: {' '.join(str(fault).split())}") from None
    if not isinstance(content, dict):
        raise click.UsageError(f"-a {path}: write a mapping, like handler.args of slips.yml")
    return content


class _Tracebacks:
    """A printer of what functions raise, the first few of each; with `pdb` it stops in the debugger at the first."""

    def __init__(self, secrets: Secrets, *, pdb: bool) -> None:
        self._secrets = secrets
        self._pdb = pdb
        self._count: Counter[str] = Counter()

    def __call__(self, fault: Fault) -> None:
        self._count[fault.function] += 1
        if self._count[fault.function] <= SHOWN:
            click.echo(self._secrets.mask(fault.text()), err=True)
        if self._pdb:
            self._pdb = False
            import pdb

            if fault.trace is not None:
                pdb.post_mortem(fault.trace)


def _show(ran: RunResult) -> None:
    sys.stdout.flush()
    for result in ran.report["results"]:
        click.echo(f"result: {escaped(repr(result))}")
    for failure in ran.failures:
        where = f"{failure.stage}/{failure.processor}" if failure.processor else failure.stage
        at = failure.positions or f"{failure.resume_from}-"
        key = escaped(f"s3://{failure.bucket_name}/{failure.object_key}")
        click.echo(f"failed: {key} at {at}  {escaped(where)}  {one_line(_cause(failure))}", err=True)
        if not failure.processor:  # No function raised it, so nothing has been printed yet.
            click.echo(f"record: {one_line(failure.sample)}\n{failure.traceback}", err=True)
    for name, books in ran.books.items():
        functions = ", ".join(f"{escaped(each)} {of.delivered}" for each, of in books.processors.items())
        counts = f"{plural(books.records, 'record')}, {plural(books.events, 'event')}"
        click.echo(f"{escaped(name)}: {counts}; delivered: {functions or '-'}")


def _cause(failure: Any) -> str:
    return f"{failure.error_type}: {failure.error_message}"


def _show_json(ran: RunResult) -> None:
    failures = [msgspec.to_builtins(failure) for failure in ran.failures]
    books = msgspec.to_builtins(ran.books)
    print_json({"results": ran.report["results"], "report": ran.report, "failures": failures, "books": books})
