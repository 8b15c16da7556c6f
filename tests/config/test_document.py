from __future__ import annotations

import pytest
import yaml

from slips.config import document

from .written import faults_of, load_text, with_keys


@pytest.fixture(autouse=True, params=["CSafeLoader", "SafeLoader"])
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test with libyaml and without."""
    monkeypatch.setattr(document, "_Loader", getattr(yaml, request.param))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\nb: c: d\n", "line 2, column 5"),
        ("a: 1\nb: *nothing\n", "line 2, column 4"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1"),
        ("a: 1\n\tb: 2\n", "line 2, column 1"),
        ('a: "not closed\n', "line 2, column 1"),
        ("%YAML 7.0\n---\na: 1\n", "line 1, column 1"),
    ],
)
def test_broken_yaml_says_line_and_column(text: str, place: str) -> None:
    (fault,) = faults_of(text)
    assert fault.startswith(f"slips.yml: {place}: ")
    assert fault.endswith("; fix the YAML there") is ("\t" not in text)
    assert len(fault.splitlines()) == 1


def test_a_tab_is_named_as_the_cause() -> None:
    (fault,) = faults_of("backend:\n\tlane: {}\n")
    assert fault.endswith("; indent with spaces, not tabs")


def test_what_is_not_utf8_says_the_line() -> None:
    assert faults_of(b"a: 1\nb: M\xfcnchen\n") == ["slips.yml: line 2: is not UTF-8; save the file as UTF-8"]


def test_a_control_character_says_line_and_column() -> None:
    assert faults_of("a: 1\nbü: \x00\n") == [
        "slips.yml: line 2, column 5: the character U+0000 is not allowed in YAML; remove it"
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_windows_editors_are_read(encoding: str) -> None:
    text = with_keys(description="Zürich").replace("\n", "\r\n")
    assert load_text(text.encode(encoding)).description == "Zürich"


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 200_000, "a: " + "{b: " * 150 + "}" * 150])
def test_endless_nesting_is_a_fault_and_not_a_crash(text: str) -> None:
    (fault,) = faults_of(text)
    assert fault.endswith("nested more than 100 deep; flatten it")


def test_a_duplicate_key_is_a_fault_with_both_lines() -> None:
    text = "stack_name: slips\nbackend:\n  lane:\n    fast: {delay: 1}\n    fast: {delay: 2}\nbucket_mapping: {a: []}\n"
    assert faults_of(text) == ["backend.lane.fast: is set twice, on lines 4 and 5; keep one of them"]


def test_a_duplicate_key_on_one_line_is_a_fault() -> None:
    assert faults_of("{stack_name: a, stack_name: b}") == [
        "stack_name: is set twice, on lines 1 and 1; keep one of them"
    ]


def test_a_fault_of_the_document_hides_no_other() -> None:
    lines = faults_of("stack_name: a\nstack_name: b\nrouting: [{dest: up}]\ncheckpoint_seconds: !Sub x\n")
    assert [fault.partition(":")[0] for fault in lines] == ["stack_name", "checkpoint_seconds", "routing[0].dest"]


def test_a_broken_value_is_reported_once_and_not_as_missing() -> None:
    assert faults_of(f"{with_keys()}\nrouting: [{{dest: !Ref lane}}]\n") == [
        'routing[0].dest: the tag "!Ref" is not known here; write the value itself'
    ]


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.getcwd []", "!!python/tuple [a]", "!!set {a}", "!GetAtt x.y"]
)
def test_no_tag_makes_objects(tag: str) -> None:
    (fault,) = faults_of(f"{with_keys()}\nhandler: {{args: {{a: {tag}}}}}\n")
    assert fault.startswith("handler.args.a: the tag")


@pytest.mark.parametrize("value", ["2026-02-30", "0b_", "!!int x", "!!bool x", "!!timestamp x", "!!float x"])
def test_a_value_that_does_not_fit_its_type_is_a_fault_at_its_path(value: str) -> None:
    (fault,) = faults_of(f"{with_keys()}\ndescription: {value}\n")
    assert fault.startswith("description: ")
    assert fault.endswith("but is not one; put text in quotes")


@pytest.mark.parametrize("value", ["=", "<<"])
def test_a_value_with_a_meaning_in_yaml_needs_quotes(value: str) -> None:
    (fault,) = faults_of(f"{with_keys()}\ndescription: {value}\n")
    assert fault == f'description: "{value}" has a special meaning in YAML; put it in quotes'


def test_an_alias_of_itself_is_a_fault() -> None:
    assert faults_of(f"{with_keys()}\nhandler: {{args: &args {{again: *args}}}}\n") == [
        "handler.args.again: found an alias of a value that contains it; write the value out"
    ]


def test_aliases_of_aliases_are_made_once() -> None:
    doubled = "\n".join(f"    l{level}: &l{level} [*l{level - 1}, *l{level - 1}]" for level in range(1, 60))
    args = load_text(f"{with_keys()}\nhandler:\n  args:\n    l0: &l0 [x]\n{doubled}\n").handler.args
    assert args["l1"] == [["x"], ["x"]]


def test_a_lane_may_borrow_from_the_other() -> None:
    text = (
        f"{with_keys()}\nbackend:\n  lane:\n    fast: &f {{batch_size: 7, delay: 1}}\n    slow: {{<<: *f, delay: 9}}\n"
    )
    slow = load_text(text).slow
    assert (slow.batch_size, slow.delay) == (7, 9.0)


def test_merging_anything_but_a_mapping_is_a_fault() -> None:
    assert faults_of(f"{with_keys()}\nledger: {{<<: 5, ttl_days: 30}}\n") == [
        'ledger: the key "<<" merges something that is not a mapping; write an alias of a mapping'
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("5: a", "top level: the number 5 is used as a key; put it in quotes"),
        ("on: a", "top level: true is used as a key; put it in quotes"),
        ("? [a]\n: b", "top level: a list or mapping is used as a key; put it in quotes"),
        ("limits: {{x}: 5}", "limits: a list or mapping is used as a key; put it in quotes"),
        ("limits: {? {a: b} : 1, ? [c] : 2}", "limits: a list or mapping is used as a key; put it in quotes"),
        ("limits: {~: 5}", "limits: nothing is used as a key; put it in quotes"),
        ("limits: {!!binary eA==: 5}", "limits: binary data is used as a key; put it in quotes"),
        ("limits: {2026-01-01: 5}", "limits: the date 2026-01-01 is used as a key; put it in quotes"),
    ],
)
def test_keys_are_text(text: str, fault: str) -> None:
    assert set(faults_of(f"{with_keys()}\n{text}\n")) == {fault}


def test_text_is_complete_unicode() -> None:
    (fault,) = faults_of(f'{with_keys()}\nrouting: [{{prefix: "\\ud800", dest: fast}}]\n')
    assert fault.startswith(
        ("slips.yml: line 6, column ", 'routing[0].prefix: found the text "\\ud800"; write complete')
    )
