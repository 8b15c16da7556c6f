from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from slips.config import Config, Topic, load
from slips.errors import ConfigError, Where
from slips.runtime import Runtime

from .written import FORMATS, config, faults, faults_of, load_text, with_keys


def test_the_smallest_file_gets_every_default() -> None:
    parsed = config()
    assert parsed.stack_name == "slips"
    assert parsed.topics == (Topic("dispatch", "slips-dispatch"),)
    assert (parsed.fast.stream, parsed.slow.stream) == ("slips-fast", "slips-slow")
    assert (parsed.fast.name, parsed.slow.name) == ("fast", "slow")
    assert (parsed.error_table, parsed.ledger_table, parsed.dead_letters) == (
        "slips-errors",
        "slips-ledger",
        "slips-dead-letters",
    )
    assert (parsed.checkpoint_seconds, parsed.ledger_ttl_days, parsed.api_auth) == (60.0, 30, "iam")
    assert (parsed.routing, parsed.warnings) == ((), ())


def test_all_faults_are_reported_at_once() -> None:
    text = """
        stack_name: 5
        backend: {lane: {fast: {batchsize: 5}}}
        routing: [{dest: medium}]
        bucket_mapping: {logs: [{format: json}, {format: [s3-lines, json, gsuite-login]}]}
        checkpoint_seconds: -1
    """
    assert faults_of(text, formats=FORMATS) == [
        "stack_name: found the number 5; put it in quotes if it is text",
        'backend.lane.fast.batchsize: unknown key; did you mean "batch_size"?',
        'routing[0].dest: unknown value "medium"; write "fast", "slow" or "drop"',
        "checkpoint_seconds: found the number -1; write seconds, a number from 0.01 to 900",
        'bucket_mapping.logs[1].format[2]: unknown format "gsuite-login"; did you mean "g-suite-login"?',
    ]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path / "slips.yml")
    (fault,) = raised.value.faults
    assert fault.startswith(f"{tmp_path}/slips.yml: there is no such file; copy the project's slips.yml there")
    assert fault.endswith("or name yours with `-c FILE` or SLIPS_CONFIG")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
def test_what_cannot_be_read_is_one_fault_of_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: .*; name another file") as raised:
        load(tmp_path / name)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "position"),
    [(None, ""), ("", ""), ("- a\n", ""), (with_keys(ledger=5), ""), ("a: 1\nb: c: d\n", "line 2, column 5")],
)
def test_an_error_carries_the_file_and_a_position_in_its_text(
    tmp_path: Path, content: str | None, position: str
) -> None:
    path = tmp_path / "mine.yml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert raised.value.where == Where(file=str(path), position=position)


def test_an_unknown_format_carries_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(with_keys(bucket_mapping={"logs": [{"format": "nope"}]}))
    for check in (lambda: load(path, formats=FORMATS), Runtime(load(path), path=path).check):
        with pytest.raises(ConfigError, match="unknown format") as raised:
            check()
        assert raised.value.where == Where(file=str(path))


def test_the_file_of_a_fault_is_slips_yml_unless_another_is_named() -> None:
    assert ConfigError(["stack_name: missing"]).where == Where(file="slips.yml")


@pytest.mark.parametrize("empty", ["", "# nothing but a comment\n", "---\n", "null\n"])
def test_an_empty_file_is_one_fault(empty: str) -> None:
    (fault,) = faults_of(empty)
    assert fault.startswith("slips.yml: the file is empty; write a mapping with stack_name")


@pytest.mark.parametrize(
    ("text", "value"), [("- a\n- b", "a list"), ("text", 'the text "text"'), ("5", "the number 5")]
)
def test_a_file_that_is_not_a_mapping_is_one_fault(text: str, value: str) -> None:
    (fault,) = faults_of(text)
    assert fault.startswith(f"slips.yml: found {value} at top level; write a mapping")


def test_a_file_that_is_one_broken_value_is_one_fault() -> None:
    assert faults_of("!Ref x") == ['top level: the tag "!Ref" is not known here; write the value itself']


@pytest.mark.parametrize("stated", ["", "stack_name:", "stack_name: ''"])
def test_the_stack_name_is_needed(stated: str) -> None:
    (fault,) = faults_of(f"bucket_mapping: {{logs: [{{format: json}}]}}\n{stated}\n")
    assert fault.startswith("stack_name: ")
    assert 'write a name like "slips"' in fault


@pytest.mark.parametrize("name", ["1slips", "my slips", "slips_dev", "s" * 124, "släps"])
def test_a_stack_name_is_valid_in_cloudformation(name: str) -> None:
    (fault,) = faults(stack_name=name)
    assert fault.startswith("stack_name: found the text")


def test_the_longest_stack_name_leaves_room_for_the_lanes() -> None:
    assert len(config(stack_name="s" * 123).fast.stream) == 128


def test_a_description_has_at_most_1024_bytes() -> None:
    assert config(description="é" * 512).description == "é" * 512
    assert faults(description="é" * 513) == [
        "description: found 1026 bytes; write at most 1024, CloudFormation's limit"
    ]


@pytest.mark.parametrize("sam", ["sam: {a: b}", "base: {sam: template.yml}"])
def test_sam_is_accepted_with_a_note(sam: str) -> None:
    parsed = load_text(f"{with_keys()}\n{sam}\n")
    assert parsed.warnings == ()
    (note,) = parsed.notes
    assert note.endswith("sam: not needed, since Chalice creates the functions")


def test_an_unknown_key_lists_the_known_ones() -> None:
    assert faults(ledger={"zzz": 1}) == ["ledger.zzz: unknown key; allowed: ttl_days"]


def test_a_section_of_a_wrong_type_is_one_fault() -> None:
    (fault,) = faults(backend=["a"])
    assert fault.startswith(
        "backend: found a list; write a mapping with the keys sns_topics, queue, kinesis_stream_fast_arn, "
    )


def test_an_empty_section_counts_as_absent() -> None:
    empty = dict.fromkeys(("description", "base", "sam", "backend", "handler", "routing", "limits", "ledger", "api"))
    assert config(**empty) == config()


def test_importing_the_package_costs_no_yaml() -> None:
    script = "import sys, slips.config.settings, slips.config; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_projects_own_file_has_no_warning() -> None:
    path = Path(__file__).parents[2] / "slips.yml"
    parsed = load(path)
    assert isinstance(parsed, Config)
    assert parsed.warnings == ()
    assert (path.parent / "vendor" / "slips.yml").resolve() == path
