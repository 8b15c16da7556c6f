"""slips.yml as JSON beside it, which `slips deploy` packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from slips.config import encode_values, load
from slips.config.packaged_values import encode, read
from slips.errors import ConfigError

TEXT = """
stack_name: probe
checkpoint_seconds: 2.5
handler: {args: {a: &shared [1, true, null, "ü"], b: *shared, big: 123456789012345678901234567890}}
bucket_mapping: {logs: [{prefix: a/, format: json}]}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "slips.yml"
    path.write_text(TEXT)
    return path


def package(path: Path) -> Path:
    """Write the file beside it."""
    encoded = encode_values(path)
    assert encoded is not None
    packaged = path.with_name("slips.yml.json")
    packaged.write_bytes(encoded)
    return packaged


def test_both_give_the_same_configuration(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load(path)
    package(path)
    monkeypatch.setitem(sys.modules, "yaml", None)  # Importing it would fail.
    monkeypatch.delitem(sys.modules, "slips.config.document", raising=False)
    assert load(path) == before


def test_of_another_slips_yml_it_is_ignored(path: Path) -> None:
    package(path)
    path.write_text(TEXT.replace("probe", "other"))
    assert load(path).stack_name == "other"


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"sha256": "x"}', b"\xff", b'{"document": {}}'])
def test_a_broken_one_is_ignored(path: Path, content: bytes) -> None:
    package(path).write_bytes(content)
    assert load(path).stack_name == "probe"


def test_faults_of_the_values_are_found_in_both(path: Path) -> None:
    path.write_text(TEXT + "checkpoint: 5\n")
    package(path)
    with pytest.raises(ConfigError, match="checkpoint: unknown key"):
        load(path)


@pytest.mark.parametrize(
    "values", ["a: 2026-01-01", "a: 2026-01-01T00:00:00Z", "1: a", "true: a", "a: .nan", "a: .inf", "a: !!binary aGk="]
)
def test_what_json_cannot_hold_stays_yaml(path: Path, values: str) -> None:
    path.write_text(values)
    assert encode_values(path) is None


def test_yaml_with_faults_stays_yaml(path: Path) -> None:
    """Only reading it reports them."""
    path.write_text("a: 1\na: 2\n")
    assert encode_values(path) is None


def test_without_one_there_are_no_values(path: Path) -> None:
    assert read(path, b"") is None
    assert encode(b"", {1: "a"}) is None
