"""`slips console`: the console of a deployment, or of the `slips run` of this folder."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from ...config import load
from ..browser import redirect_file
from ..console_proxy import ConsoleServer, signer
from ..deploy.chalice_command import deployed_url
from ..run.interruption import interruptible
from ..target import RUNNING, config_path, read_running
from .parameters import command
from .target import PROJECT, STAGE, config_option, load_stage, stage_option


@command()
@click.option("--local", is_flag=True, help="Open the console of the `slips run` in this folder.")
@stage_option(f"The stage of `chalice deploy`.  [default: {STAGE}]")
@click.option("--url", help="The address of the API, instead of the one that `chalice deploy` recorded.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The local port.  [default: a free one]")
@click.option(
    "--open/--no-open", "opens", default=True, help="Open a browser, or only print the address.  [default: open]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the address as one JSON object.")
@click.option("-c", "--config", help="slips.yml, or another file.")
def console(
    local: bool, stage: str | None, url: str | None, port: int, opens: bool, as_json: bool, config: str | None
) -> None:
    """Open the console: see what flows, waits and fails, and drain errors.

    If the API takes signed requests (api.auth: iam), the command serves the console on this machine and signs its
    requests with your AWS credentials, until Ctrl-C. The address that it prints works once. If the API takes a token,
    the console asks for it.

    \b
    slips console --stage prod
    """
    if local:
        if stage is not None or url:
            raise click.UsageError("--local is the `slips run` of this folder; leave out --stage and --url")
        _show(f"{read_running()['api']}/", opens=opens, as_json=as_json)
        return
    named = config_option(config)
    if stage is not None or (named is None and PROJECT.is_file()):  # Outside a project, --url names the API.
        named = load_stage(stage, config).config_name
    api_url = url or deployed_url(Path(), stage or STAGE)
    if load(config_path(named)).api_auth != "iam":
        _show(api_url, opens=opens, as_json=as_json)
        return
    with interruptible() as stopped:
        server = ConsoleServer(signer(api_url, _session()), port)
        try:
            click.echo(f"serving the console of {api_url} until Ctrl-C; this address opens it once:", err=True)
            _print(server.new_address(), as_json=as_json)
            # Each has a code of its own: the one in the file is used by the browser that opens it.
            with redirect_file(server.new_address(), RUNNING.parent) if opens else nullcontext() as page:
                if page is not None:
                    _launch(str(page))
                stopped.wait()
        finally:
            server.stop()


def _show(url: str, *, opens: bool, as_json: bool) -> None:
    _print(url, as_json=as_json)
    if opens:
        _launch(url)


def _print(url: str, *, as_json: bool) -> None:
    click.echo(json.dumps({"url": url}) if as_json else url)


def _launch(what: str) -> None:
    """Open an address or a file in the browser."""
    if click.launch(what) != 0:
        click.echo("cannot open a browser; open this address yourself", err=True)


def _session() -> Any:
    import botocore.session

    session = botocore.session.get_session()
    if session.get_credentials() is None:
        raise click.ClickException("no AWS credentials to sign with; run `aws configure` or set AWS_PROFILE")
    return session
