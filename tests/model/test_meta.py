"""An editor can say what each field of a Meta is."""

from __future__ import annotations

import ast
import inspect
from typing import get_type_hints

import pytest

from slips import Meta
from slips.model import Source
from slips.testing import make_meta


def described_fields(kind: type) -> dict[str, str]:
    """Return the docstring of each public field and property of a class, empty where there is none."""
    (body,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(body, ast.ClassDef)
    texts: dict[str, str] = {}
    for node, after in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef):
            texts[node.name] = ast.get_docstring(node) or ""
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            value = after.value if isinstance(after, ast.Expr) else None
            texts[node.target.id] = str(value.value) if isinstance(value, ast.Constant) else ""
    return {name: text for name, text in texts.items() if not name.startswith("_")}


@pytest.mark.parametrize(("kind", "some"), [(Meta, {"position", "tag", "datetime"}), (Source, {"bucket", "lane"})])
def test_every_public_field_has_a_docstring(kind: type, some: set[str]) -> None:
    texts = described_fields(kind)
    assert some <= texts.keys()
    assert [name for name, text in texts.items() if not text] == []


def test_every_property_has_a_type() -> None:
    properties = {name: value for name, value in vars(Meta).items() if isinstance(value, property)}
    assert {name for name, value in properties.items() if "return" not in get_type_hints(value.fget)} == set()


def test_the_source_of_a_time_is_right_where_another_thread_looks_at_the_same_event() -> None:
    meta = make_meta({})

    class Context:
        """Of an event without a time, which another thread begins to look at just now."""

        event_time = 1772350000.0

        def time(self, meta: Meta) -> None:
            meta._cache = {}

    meta._context = Context()  # type: ignore[assignment]
    assert meta.time_source == "object"
    assert meta.timestamp == Context.event_time


def test_an_event_whose_time_cannot_be_read_has_that_of_its_object_and_says_why() -> None:
    meta = make_meta({"time": "yesterday"})
    assert meta.timestamp == make_meta({}).timestamp
    assert (meta.time_source, meta.time_fault) == ("object", "not a time: 'yesterday'")


@pytest.mark.parametrize("time", [None, 0, "2026-03-01T09:15:02Z"])
def test_a_time_that_is_absent_or_read_has_no_fault(time: object) -> None:
    assert make_meta({"time": time}).time_fault is None
