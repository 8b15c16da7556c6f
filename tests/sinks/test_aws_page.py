"""docs/send/aws.md and README.md: their examples do what they show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest

import slips.sinks
from slips.sinks import Sink

from .pages import python_of, run


def sinks_of(code: str) -> Iterator[Any]:
    """The arguments `to=` of an example, made."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.keyword) and node.arg == "to" and isinstance(node.value, ast.Call):
            names = {name: getattr(slips.sinks, name) for name in slips.sinks.__all__}
            yield eval(compile(ast.Expression(node.value), "page", "eval"), names)


@pytest.mark.parametrize(("page", "kinds"), [("aws.md", ["firehose", "kinesis", "sns", "sqs"]), ("README.md", None)])
def test_every_sink_of_an_example_can_be_made(page: str, kinds: list[str] | None) -> None:
    sinks = list(sinks_of(python_of(page)[0]))
    assert all(isinstance(sink, Sink) for sink in sinks)
    assert sorted(sink.kind for sink in sinks) == (kinds or ["firehose", "firehose"])


def test_a_test_of_what_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    names = run(python_of("aws.md")[1])
    names["test_a_finding_is_a_message_of_its_account"](monkeypatch)
