from __future__ import annotations

import pytest

from slips.config import find_unknown_formats

from .written import FORMATS, config, faults_of, with_keys


def chain(*elements: object) -> str:
    return with_keys(bucket_mapping={"logs": [{"format": list(elements)}]})


def test_format_names_are_left_alone_until_they_are_known() -> None:
    assert faults_of(chain("s3-lines", "mine")) == []


@pytest.mark.parametrize(
    "elements", [["cloudtrail"], ["s3-lines", "json"], ["lines", "json"], ["s3-json:items", "json"], ["json:a:b"]]
)
def test_known_names_with_or_without_arguments_and_prefix_are_taken(elements: list[str]) -> None:
    assert faults_of(chain(*elements), formats=FORMATS) == []


@pytest.mark.parametrize(
    ("elements", "faults"),
    [
        (
            ["s3-lines", "json", "gsuite-login"],
            ['bucket_mapping.logs[0].format[2]: unknown format "gsuite-login"; did you mean "g-suite-login"?'],
        ),
        (["cloud_trail"], ['bucket_mapping.logs[0].format: unknown format "cloud_trail"; did you mean "cloudtrail"?']),
        (["zzz:arg"], ['bucket_mapping.logs[0].format: unknown format "zzz"; `slips formats` lists them all']),
        (
            ["s3-lnes", "sislog"],
            [
                'bucket_mapping.logs[0].format[0]: unknown format "s3-lnes"; did you mean "s3-lines"?',
                'bucket_mapping.logs[0].format[1]: unknown format "sislog"; did you mean "syslog"?',
            ],
        ),
    ],
)
def test_an_unknown_name_gets_a_suggestion(elements: list[str], faults: list[str]) -> None:
    assert faults_of(chain(*elements), formats=FORMATS) == faults


def test_names_can_be_checked_after_app_py_has_registered_its_own() -> None:
    parsed = config(bucket_mapping={"a": [{"format": "mine"}], "b": [{"format": ["s3-lines", "mien"]}]})
    assert find_unknown_formats(parsed, FORMATS | {"mine"}) == [
        'bucket_mapping.b[0].format[1]: unknown format "mien"; did you mean "mine"?'
    ]


@pytest.mark.parametrize("missing", [None, ""])
def test_a_mapping_needs_a_format(missing: object) -> None:
    (fault,) = faults_of(with_keys(bucket_mapping={"logs": [{"format": missing}]}), formats=FORMATS)
    assert fault.startswith("bucket_mapping.logs[0].format: ")
    assert fault.endswith("; write the name of a format, or a list that ends with one")


def test_a_chain_is_not_empty() -> None:
    (fault,) = faults_of(chain())
    assert fault.startswith("bucket_mapping.logs[0].format: found an empty list; write the name")


@pytest.mark.parametrize("element", ["", None, 5, ["json"], " json", ":argument"])
def test_every_element_is_a_name(element: object) -> None:
    (fault,) = faults_of(chain("s3-lines", element), formats=FORMATS)
    assert fault.startswith("bucket_mapping.logs[0].format[1]: ")


def test_a_chain_without_brackets_is_shown_with_them() -> None:
    assert faults_of(chain("lines, json"), formats=FORMATS) == [
        'bucket_mapping.logs[0].format[0]: found "lines, json", several names in one text; write a list, [lines, json]'
    ]
