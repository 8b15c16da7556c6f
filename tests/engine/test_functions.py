"""A wrong registration fails at import, and says what to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from slips import Slips
from slips.errors import ConfigError, RegistrationError

from .conftest import MakeSlips


def good(meta: Any, event: Any) -> None: ...
def one(event: Any) -> None: ...
def none() -> None: ...


class Line(msgspec.Struct):
    level: str


async def waits(meta: Any, event: Any) -> None: ...


WRONG: list[tuple[Callable[[Slips], Any], str]] = [
    (lambda s: s.on_format("gsuite-login"), 'did you mean "g-suite-login"'),
    (lambda s: s.on_format("zzzzzz"), "`slips formats` lists them all"),
    (lambda s: s.on_format("json")(one), r"def one\(meta, event\):"),
    (lambda s: s.on_format("json", batch=10)(good), r"def good\(batch\):"),
    (lambda s: s.on_format("json")(waits), "is async"),
    (lambda s: s.on_format("json")("text"), "decorates a function"),
    (lambda s: s.on_format("json", contains=""), "not empty"),
    (lambda s: s.on_format("json", contains=[]), "the list is empty"),
    (lambda s: s.on_format("json", contains=[1]), "text or bytes"),
    (lambda s: s.on_format("json", batch=0), "from 1 to"),
    (lambda s: s.on_format("json", batch=True), "from 1 to"),
    (lambda s: s.on_format("json", batch=10**9), "from 1 to"),
    (lambda s: s.on_format("json", type=dict), "msgspec.Struct"),
    (lambda s: s.on_format("json", where=one), r"must take 2 arguments \(meta, event\)"),
    (lambda s: s.on_format("json", where=one, type=Line), r"must take 2 arguments \(meta, event: Line\)"),
    (lambda s: s.on_format("json", type=Line)(one), r"def one\(meta, event: Line\):"),
    (lambda s: s.on_format("json", where="x"), "decorates a function"),
    (lambda s: s.on_setup(none), r"def none\(args\):"),
    (lambda s: s.on_flush(one), r"def one\(\):"),
    (lambda s: s.on_result(one), "must take no argument"),
    (lambda s: s.format("mine")(none), r"def none\(record\):"),
    (lambda s: s.format("json"), "exists already"),
    (lambda s: s.format("mine", source="tapes"), 'unknown source "tapes"'),
    (lambda s: s.format("fünf"), "at most 128 ASCII characters"),
    (lambda s: s.format("x" * 129), "at most 128 ASCII characters"),
    (lambda s: s.format(" "), "at most 128 ASCII characters"),
    (lambda s: s.format(""), "at most 128 ASCII characters"),
]


@pytest.mark.parametrize(("register", "says"), WRONG)
def test_a_wrong_registration_says_what_to_write(slips: Slips, register: Callable[[Slips], Any], says: str) -> None:
    with pytest.raises(RegistrationError, match=says):
        register(slips)


def test_a_decorated_function_stays_a_plain_function(slips: Slips) -> None:
    @slips.on_format("json", contains="x", batch=3)
    def total(batch: list[int]) -> int:
        return sum(batch)

    assert total([1, 2]) == 3


def test_two_functions_of_one_name_are_refused_since_drain_finds_them_by_name(slips: Slips) -> None:
    slips.on_format("json")(good)

    def other(meta: Any, event: Any) -> None: ...

    other.__name__ = "good"
    with pytest.raises(RegistrationError, match='two functions are named "good"'):
        slips.on_format("json")(other)


def test_one_function_may_take_several_formats(slips: Slips) -> None:
    slips.on_format("json")(slips.on_format("g-suite-login")(good))
    assert [function.format for function in slips.functions.events] == ["g-suite-login", "json"]


def test_a_format_of_the_users_own_is_known_to_slips_yml(make_slips: MakeSlips) -> None:
    slips = make_slips("routing: [{dest: fast}]")
    path = slips.path
    path.write_text(path.read_text().replace("format: json", "format: mine"))
    again = Slips(slips.app, path)
    with pytest.raises(ConfigError, match="mine"):
        again.check()
    again.format("mine")(one)
    again.check()


def test_slips_config_names_another_file(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    other = slips.path.with_name("prod.yml")
    other.write_text("stack_name: prod\n")
    monkeypatch.setenv("SLIPS_CONFIG", str(other))
    assert Slips(slips.app, slips.path).config.stack_name == "prod"


@pytest.mark.parametrize("name", ["formats", "sinks", "testing"])
def test_a_package_asked_of_the_object_of_its_name_says_what_to_import(slips: Slips, name: str) -> None:
    with pytest.raises(AttributeError, match=f"write: from slips.{name} import …"):
        getattr(slips, name)


def test_another_unknown_attribute_is_pythons_usual_error(slips: Slips) -> None:
    with pytest.raises(AttributeError, match=r"^'Slips' object has no attribute 'on_formats'$"):
        getattr(slips, "on_formats")  # noqa: B009


def test_an_attribute_error_within_a_property_is_shown(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Slips, "topics", property(lambda self: self.config.absent))
    with pytest.raises(AttributeError, match="absent"):
        _ = slips.topics
