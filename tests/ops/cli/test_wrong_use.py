"""A hundred wrong uses over all commands: each is told in a few lines, and none with a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from slips import aws
from slips.ops.cli import main
from slips.ops.cli.commands import ENTRIES

from ..terminal import PWN, RAW
from .test_help import ARGUMENTS, WITHOUT_DEPLOYMENT

LINES = 12
"""Of a message, with its usage: all of it is read."""
OF_ALL = [
    *((name, f"{{name}} --{PWN}") for name in ENTRIES),
    *((name, f"{{name}} a b c d e {PWN} --no-such-option") for name in ENTRIES),
    *((name, "{name} {needed} -c no/such.yml") for name in sorted({*ENTRIES} - WITHOUT_DEPLOYMENT)),
    *((name, "{name} {needed} --stage no-such") for name in sorted({*ENTRIES} - WITHOUT_DEPLOYMENT)),
]
"""Wrong whatever the command."""
USES = {
    "": "No such command",
    "erors": "errors",
    "backfill corp-logs": "write s3://corp-logs",
    "backfill s3://": "write s3://BUCKET",
    "backfill s3://b/ --rate fast": "write 100/s",
    "backfill s3://b/ --since yesterday": "write 2026-01-31",
    "backfill s3://b/ --since 2026-02-01 --until 2026-01-01": "--since must be before --until",
    "reconcile corp-logs": "write s3://corp-logs",
    "reconcile --inventory s3://b/c/": "name it, s3://BUCKET",
    "explain x": "s3://BUCKET/KEY",
    "detect code.py": "slips new-format NAME --from FILE",
    "detect no-such.log": "no-such.log",
    "new-format a~b --from code.py": "door-badge",
    "new-format / --from code.py": "door-badge",
    "new-format json --from code.py": "choose another name",
    "new-format mine --from no-such": "no-such",
    "parse code.py": "--format",
    "parse -F gsuite-login code.py": "g-suite-login",
    "parse -F json no-such.log": "no-such.log",
    "formats no-such-format": "`slips formats` lists them all",
    "errors --fingerprint ~": "is empty; write a value, or leave the option out",
    "errors --state opn": "open",
    "errors --since soon": "write 2026-01-31",
    "errors --limit 0": "x>=1",
    "errors --follow --until 1h": "leave out --until",
    "drain --id ~": "is empty",
    "drain --id x --bucket b": "leave out the filters",
    "drain --parked --state open": "--parked is short for --state parked",
    "drain --watch --dry-run": "nothing to --watch",
    "discard --reason x": "name items with --id",
    "discard --id 4f6d2c81": "--reason",
    "local": "-d FILE, or -r ID",
    "capture": "write it before --redact",
    "limit medium": "fast",
    "completion tcsh": "bash",
    "check --canary": "write --deployed --canary",
    "console --local --stage dev": "leave out --stage",
    "console --local": "no `slips run` is up",
    "errors --local": "no `slips run` is up",
    "run --port 99999": "65535",
    "run --samples no-such": "run slips in the folder of your project",
    "init new --upgrade --sample code.py": "--upgrade takes no other option",
    "init new --upgrade --bucket logs": "--upgrade takes no other option",
    "init new --cut lines": "--cut says how to cut a --sample",
    "init new --bucket ../../logs": "is not the name of a bucket",
    "init new --from slips.yml --bucket logs": "leave --bucket out",
    "init new --from latin.txt": "latin.txt, line 2: is not UTF-8; save the file as UTF-8",
    "provision --template --policies": "give only one",
    "package": "OUT",
}
"""What a person may type (`~` is an empty argument or a space), and what the answer must say."""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project that is deployed nowhere; no AWS answers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice/config.json").write_text(json.dumps({"app_name": "mine", "stages": {"dev": {}}}))
    (tmp_path / "slips.yml").write_text("stack_name: mine\nbucket_mapping: {logs: [{prefix: a/, format: json}]}\n")
    (tmp_path / "latin.txt").write_bytes("# a\n# Größe\n".encode("latin-1"))
    (tmp_path / "code.py").write_text("import os\n\nprint(os.name, 1)\nx = [1, 2]\n")


def use(words: list[str]) -> Result:
    ran = CliRunner().invoke(main, words, prog_name="slips")
    assert isinstance(ran.exception, SystemExit), (words, ran.exception)
    assert ran.exit_code in (1, 2), words
    assert 0 < len(ran.output.splitlines()) <= LINES, ran.output
    assert "Traceback" not in ran.output
    assert RAW.findall(ran.output) == []
    return ran


@pytest.mark.parametrize(("name", "text"), OF_ALL)
def test_a_wrong_option_argument_or_name_is_told(name: str, text: str) -> None:
    needed = " ".join(ARGUMENTS.get(name, []))
    use([word for word in text.format(name=name, needed=needed).split(" ") if word])


@pytest.mark.parametrize(("text", "advice"), USES.items())
def test_a_wrong_use_is_told_what_to_write(text: str, advice: str) -> None:
    words = [word.replace("~", "" if word == "~" else " ") for word in text.split(" ")]
    assert advice in use(words).output


def values_of(name: str) -> list[tuple[str, list[str]]]:
    """Each option and argument of a command that takes a value, and the words before that value."""
    needed, uses = ARGUMENTS.get(name, []), []
    for each in main.commands[name].params:
        if isinstance(each, click.Argument):
            uses.append((each.make_metavar(click.Context(main)), [name]))
        elif isinstance(each, click.Option) and not each.is_flag:
            uses.append((each.opts[-1], [name, *needed, each.opts[-1]]))
    return uses


@pytest.mark.parametrize("name", [name for name in ENTRIES if values_of(name)])
def test_no_command_takes_an_empty_value(name: str) -> None:
    """It comes from a variable that is not set, and would mean everything, or the default."""
    for parameter, words in values_of(name):
        for value in ("", " "):
            said = use([*words, value]).output.partition(": is empty; write a value")
            assert (parameter in said[0], said[1]) == (True, ": is empty; write a value")


def test_slips_itself_takes_no_empty_value() -> None:
    assert "--config': is empty; write a value, or leave the option out" in use(["-c", "", "errors"]).output


def test_help_is_shown_where_a_value_is_empty() -> None:
    ran = CliRunner().invoke(main, ["errors", "--stage", "", "--help"], prog_name="slips")
    assert (ran.exit_code, "Usage: slips errors" in ran.output, "is empty" in ran.output) == (0, True, False)


def test_nothing_is_written_by_an_init_that_is_refused(tmp_path: Path) -> None:
    use(["init", "new", "--bucket", "../../logs"])
    assert not (tmp_path / "new").exists()


NEEDS_APP, NEEDS_REQUIREMENTS = "new-format door --code --from code.py --write", "init . --upgrade"


@pytest.mark.parametrize(
    ("name", "text"),
    [("app.py", NEEDS_APP), ("requirements.txt", NEEDS_REQUIREMENTS), ("requirements.txt", "check"),
     ("requirements.txt", "lock"), ("slips.yml", "check")],
)  # fmt: skip
def test_a_file_of_the_project_that_is_not_utf_8_is_named_with_the_line(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes("# a\n# Größe\n".encode("latin-1"))
    output = use(text.split()).output
    assert f"{name}, line 2: is not UTF-8" in output or (name == "slips.yml" and "line 2" in output)


PASTED = [
    *("errors --since {}", "limit fast --delay {}", "backfill {}", "-c {} errors", "{}", "errors -s {}", "detect {}"),
    *("redrive -s {}", "formats {}", "init {}", "error -s {} 4f6d2c81"),
]


@pytest.mark.parametrize("text", PASTED)
def test_what_was_pasted_is_not_printed_whole(text: str) -> None:
    assert max(map(len, use(text.format("a" * 50_000).split()).output.splitlines())) < 1100


def test_bytes_that_are_no_text_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["limit", "fast", "--stack-name", "\udcff"]
    monkeypatch.setattr("sys.argv", ["slips", *words])
    assert r"\udcff is not UTF-8" in use(words).output


@pytest.mark.parametrize(("text", "is_advised"), [("errors", True), ("drain", True), ("deploy --dry-run", False)])
def test_without_a_region_local_is_named_where_it_is_an_option(
    monkeypatch: pytest.MonkeyPatch, text: str, is_advised: bool
) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    aws.reset()
    output = use(text.split()).output
    aws.reset()
    assert "no region is set" in output
    assert ("add --local, for the `slips run` of this folder" in output) == is_advised


@pytest.mark.parametrize(
    ("redirect", "status", "text"),
    [("formats okta >&-", 0, ""), ("formats no-such 2>&-", 1, ""), ("parse -F json - <&-", 0, ""),
     ("--help >/dev/full", 1, "No space left on device"), ("formats >/dev/full", 1, "No space left on device"),
     ("formats okta >/dev/full", 1, "No space left on device"), ("formats | head -n 1", 0, "")],
)  # fmt: skip
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_or_full_stream_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, redirect: str, status: int, text: str, unbuffered: str
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)  # The fault of a stream then shows when the process ends.
    slips = [sys.executable, "-c", "from slips.ops.entry import main; main()"]
    ran = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirect}', "sh", *slips], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, text in ran.stderr, "Traceback" in ran.stderr) == (status, True, False), ran.stderr
    assert ran.stderr.count("No space left") == bool(text), ran.stderr


@pytest.mark.parametrize(
    "environment",
    ["HOME=/no/such", "TERM=dumb", "NO_COLOR=1", "COLUMNS=20", "COLUMNS=0", "COLUMNS=x", "LC_ALL=C", "TMPDIR=/no/such",
     "AWS_REGION=no where", "AWS_PROFILE=no-such"],
)  # fmt: skip
def test_an_odd_environment_is_no_traceback(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")  # `slips` sets it, and it is to be as before afterwards.
    monkeypatch.setenv(*environment.split("=", 1))
    aws.reset()
    for text in ("errors", "errors --limit 0", "detect code.py"):
        use(text.split())
    aws.reset()
    ran = CliRunner().invoke(main, ["formats", "okta"], prog_name="slips")
    assert (ran.exit_code, "okta" in ran.output) == (0, True)


def test_there_are_a_hundred_and_of_every_command() -> None:
    assert len(OF_ALL) + len(USES) >= 100
    assert {name for name, _ in OF_ALL} == {*ENTRIES}
    assert isinstance(main, click.Group)
