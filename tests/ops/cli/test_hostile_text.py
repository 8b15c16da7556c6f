"""Every command, with text from outside that a terminal would act on: keys, log lines, configuration, arguments."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from click.testing import CliRunner, Result

from slips import aws
from slips.model import work_item
from slips.ops.cli import main

from ..terminal import PWN, RAW, SHOWN, run_on_terminal
from .conftest import Deployed

OBJECT = "s3://{bucket}/in/{}"
LINE = json.dumps({"key": PWN}, ensure_ascii=False) + "\n"
QUOTED = json.dumps(PWN)
FAULTS = (
    f"stack_name: x\nbucket_mapping: {{logs: [{{prefix: {QUOTED}, format: {QUOTED}}}], {QUOTED}: 7}}\n{QUOTED}: 1\n"
)
TOKEN = "stack_name: x\nbucket_mapping: {logs: [{prefix: a/, format: syslog}]}\napi: {auth: token}\n"


class Case(NamedTuple):
    """Text from outside that a command shows: `{}` in `arguments` is PWN, and `{name}` what `prepare` returned."""

    arguments: str
    prepare: Callable[[Deployed], dict[str, str]] = lambda deployed: {}
    is_json: bool = False


def failed(deployed: Deployed) -> dict[str, str]:
    """An error item with a hostile key and a hostile message."""
    rows = deployed.errors(f"in/{PWN}")
    request_id = rows[0].request_id if rows else deployed.failed(f"in/{PWN}", {"n": 1, "bad": PWN})
    return {"id": request_id, "fingerprint": deployed.errors(f"in/{PWN}")[0].fingerprint}


def unreadable(deployed: Deployed) -> dict[str, str]:
    """An error item of a record that is not JSON, and whose sample is hostile."""
    rows = deployed.errors(f"in/no{PWN}")
    return {"id": rows[0].request_id if rows else deployed.failed(f"in/no{PWN}", f"{PWN}\n")}


def item(deployed: Deployed) -> dict[str, str]:
    """A work item of an object with hostile records."""
    ref = deployed.put(f"in/local{PWN}", {"n": 1}, {"n": 2, "bad": PWN}, f"{PWN}\n")
    (deployed.folder / "items.json").write_bytes(msgspec.json.encode([work_item(ref, "any")]))
    return {}


def listed(deployed: Deployed) -> dict[str, str]:
    """An object that `slips sample` finds."""
    deployed.put(f"csv/{PWN}", "x" * 200)
    return {}


def config(text: str) -> Callable[[Deployed], dict[str, str]]:
    """A configuration with hostile text."""

    def write(deployed: Deployed) -> dict[str, str]:
        (deployed.folder / "hostile.yml").write_text(text)
        return {}

    return write


def broken(deployed: Deployed) -> dict[str, str]:
    """Another project, whose app.py cannot be imported, and whose stage has another name."""
    folder = deployed.folder / "broken"
    (folder / ".chalice").mkdir(parents=True, exist_ok=True)
    (folder / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "mine", "stages": {"dev": {}}}')
    (folder / "app.py").write_text(f"raise RuntimeError({PWN!r})\n")
    (folder / "slips.yml").write_text((deployed.folder / "slips.yml").read_text())
    (folder / "hostile.yml").write_text(FAULTS)
    os.chdir(folder)  # The fixture goes back.
    return {}


def log(content: str) -> Callable[[Deployed], dict[str, str]]:
    """A log file, with a hostile name."""

    def write(deployed: Deployed) -> dict[str, str]:
        for name in (f"{PWN}.log", "plain.log"):
            (deployed.folder / name).write_text(content, newline="\n")
        return {}

    return write


CASES = [
    Case("{}"),
    Case("--{}"),
    Case("-c {} errors"),
    Case("errors --prefix in/", failed),
    Case("errors --prefix in/ --json", failed, is_json=True),
    Case("errors --prefix in/ --group", failed),
    Case("errors --prefix in/ --group --json", failed, is_json=True),
    Case("errors --since {}"),
    Case("error {id}", failed),
    Case("error {id}", unreadable),
    Case("error {id} -f json", failed, is_json=True),
    Case("error {id} -f cjson", failed, is_json=True),
    Case("error {id} --json", unreadable, is_json=True),
    Case("error {}"),
    Case("drain --id {} --dry-run"),
    Case("drain --id {} --json --dry-run", is_json=True),
    Case("discard --id {} --reason x"),
    Case("discard --fingerprint {} --reason x --dry-run", failed),
    Case("drain --fingerprint {} --dry-run", failed),
    Case("capture {id} -o captured/{} --force --check", failed),
    Case("capture {id} -o captured/{} --force --json", failed, is_json=True),
    Case("sample -k 1000", listed, is_json=True),
    Case("sample -o sampled/{}"),
    Case("backfill s3://{}/"),
    Case("backfill s3://{bucket}/ --function {}"),
    Case("explain " + OBJECT, failed),
    Case("explain " + OBJECT + " --json", failed, is_json=True),
    Case("explain s3://{bucket}/in/no{}", unreadable),
    Case("explain {}.log --as s3://{bucket}/in/{}", log(LINE + PWN)),
    Case("local -d items.json", item),
    Case("local -d items.json --json", item, is_json=True),
    Case("local -d {}"),
    Case("parse -F json plain.log", log(LINE), is_json=True),
    Case("parse -F json {}.log plain.log", log(PWN)),
    Case("parse -F {} plain.log", log(LINE)),
    Case("detect {}.log plain.log", log(LINE)),
    Case("detect {}.log --json", log(LINE), is_json=True),
    Case("detect {}.log", log("no format\n")),
    Case("formats {}"),
    Case("new-format mine --from plain.log", log(LINE)),
    Case("new-format mine --from plain.log", log(f"a {PWN} b\na {PWN} c\n")),
    Case("new-format mine --from plain.log --json", log(LINE)),
    Case("new-format mine --from {}.log --cut {}", log(LINE)),
    Case("init made/{} --sample {}.log", log(LINE)),
    Case("init made/{} --from {}.log", log("a: [")),
    Case("check -c hostile.yml", config(FAULTS)),
    Case("check -c hostile.yml --json", config(FAULTS)),
    Case("check", broken),
    Case("run -c hostile.yml", config(FAULTS)),
    Case("run --samples {}"),
    Case("console -c hostile.yml --url https://{} --no-open", config(TOKEN)),
    Case("console -c hostile.yml --url https://{} --no-open --json", config(TOKEN), True),
    Case("provision --stage {}", broken),
    Case("provision --template -c hostile.yml", broken),
    Case("deploy --stage {}", broken),
    Case("destroy --stage {}", broken),
    Case("limit fast --stage {}", broken),
    Case("package --stage {} out", broken),
    Case("lock --{}"),
    Case("completion {}"),
    Case("limit fast -s {}"),
    Case("redrive -s {}"),
    Case("tail --where {}"),
    Case("reconcile s3://{}/"),
]


def run(deployed: Deployed, case: Case) -> Result:
    names = {"bucket": deployed.bucket, **case.prepare(deployed)}
    arguments = [word.replace("{}", PWN).format(**names) for word in case.arguments.split()]
    ran = CliRunner().invoke(main, arguments, prog_name="slips")
    # Other tests find none at this prefix.
    aws.client("s3").delete_object(Bucket=deployed.bucket, Key=f"csv/{PWN}")
    return ran


def leaves(value: Any) -> Iterator[str]:
    """Yield all texts of a JSON value."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.arguments)
def test_what_a_terminal_acts_on_is_escaped(deployed: Deployed, case: Case) -> None:
    ran = run(deployed, case)
    assert "pwn" in ran.output, "the text is shown"
    assert RAW.findall(ran.output) == []
    assert ran.exception is None or isinstance(ran.exception, SystemExit)


@pytest.mark.parametrize("case", [case for case in CASES if case.is_json], ids=lambda case: case.arguments)
def test_json_is_json_and_the_text_in_it_whole(deployed: Deployed, case: Case) -> None:
    text = run(deployed, case).stdout
    try:
        values = [json.loads(text)]
    except ValueError:
        values = [json.loads(line) for line in text.splitlines()]
    assert any(PWN in leaf for leaf in leaves(values))


def test_every_command_is_tried() -> None:
    assert {word for case in CASES for word in case.arguments.split()} >= {*main.commands}


def test_a_file_that_a_command_writes_can_be_shown(deployed: Deployed) -> None:
    for number, arguments in enumerate(("", "-f json", "--json")):
        file = deployed.folder / f"written{number}"
        run(deployed, Case(f"error {{id}} {arguments} -o {file.name}", failed))
        assert RAW.findall(file.read_text()) == []


FUNCTIONS = """
import logging, sys, warnings


@slips.on_format("json")
def hostile(meta, event):
    print("printed", event)
    print("printed", event.get("bad"))
    sys.stdout.buffer.write(("bytes " + str(event.get("bad")) + "\\n").encode())
    logging.getLogger("mine").error("logged %s", event.get("bad"))
    warnings.warn("warned " + str(event.get("bad")))
    app.log.error("chalice %s", event.get("bad"))
"""


def test_a_real_terminal_gets_nothing_from_the_users_functions(deployed: Deployed, tmp_path: Path) -> None:
    item(deployed)
    source = (deployed.folder / "app.py").read_text()
    (tmp_path / "app.py").write_text(source.replace("slips = Slips(app)\n", f"slips = Slips(app)\n{FUNCTIONS}"))
    (tmp_path / "slips.yml").write_text((deployed.folder / "slips.yml").read_text())
    (tmp_path / "items.json").write_text((deployed.folder / "items.json").read_text())
    entry = [sys.executable, "-c", "from slips.ops.entry import main; main()"]
    status, content = run_on_terminal([*entry, "local", "-d", "items.json"], tmp_path)
    assert status == 1
    for what in ("printed", "bytes", "logged", "warned", "chalice", "ValueError: bad:"):
        assert f"{what} {SHOWN}" in content, what
    assert RAW.findall(content) == []
