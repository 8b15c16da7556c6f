"""Which functions an event goes to, by its bytes, its tag and `where`: the same whoever else takes events."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from chalice import Chalice
from hypothesis import given, settings
from hypothesis import strategies as st

from slips import Meta, RetryLater, Slips
from slips.engine import functions, recipients
from slips.engine.slices import SliceSizer
from slips.testing import SlipsTester

from .conftest import MakeSlips
from .test_contains import ENCODERS

PIECES = ("ConsoleLogin", "a/b", 'say "hi"', "née", "<x>", "`id`", "\x1b[0m", "日\u2028本", "🦆", "1+1='2'", "\\")
TEXTS = st.lists(st.sampled_from((*PIECES, "", " ")), max_size=3).map(lambda pieces: "z".join(["", *pieces, ""]))
NEEDLES = st.lists(st.sampled_from(PIECES).map(lambda piece: f"z{piece}z"), min_size=1, max_size=3, unique=True)


Event = dict[str, Any]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("recipients") / "slips.yml"
    path.write_text("stack_name: t\nbackend: {sns_topics: [{name: landed}]}\nbucket_mapping: {b: [{format: json}]}\n")
    return lambda: Slips(Chalice("t"), path)


def numbers_of(outcome: Any, name: str) -> list[int]:
    return [event["n"] for _, event in outcome.events[name]]


@settings(max_examples=60)
@given(
    texts=st.lists(st.tuples(TEXTS, st.sampled_from(sorted(ENCODERS))), max_size=30),
    searched=st.lists(NEEDLES, min_size=1, max_size=5),
    plain=st.integers(0, 2),
    batch=st.sampled_from([None, 3]),
    is_document=st.booleans(),
)
def test_each_function_sees_what_a_search_in_the_decoded_text_finds(make, texts, searched, plain, batch, is_document):
    slips: Slips = make()
    seen: dict[str, list[int]] = {}

    def register(name: str, **options: Any) -> None:
        def function(meta: Meta, event: dict[str, Any]) -> None:
            seen[name].append(event["n"])

        def function_of_batches(events: list[tuple[Meta, dict[str, Any]]]) -> None:
            seen[name].extend(event["n"] for _, event in events)

        seen[name] = []
        taker = function_of_batches if "batch" in options else function
        taker.__name__ = name
        slips.on_format("json", **options)(taker)

    for number in range(plain):
        register(f"plain{number}")
    for number, needles in enumerate(searched):
        register(f"searched{number}", contains=needles, **({"batch": batch} if batch else {}))
    records = [f'{{"n":{number},"text":"{ENCODERS[name](text)}"}}' for number, (text, name) in enumerate(texts)]
    body = f"[{','.join(records)}]" if is_document else "\n".join(records)
    outcome = SlipsTester(slips).content(["s3-json" if is_document else "s3-lines", "json"], body.encode())
    assert outcome.errors == []
    for number in range(plain):
        assert seen[f"plain{number}"] == list(range(len(texts)))
    for number, needles in enumerate(searched):
        expected = [at for at, (text, _) in enumerate(texts) if any(needle in text for needle in needles)]
        assert seen[f"searched{number}"] == expected


def take_nothing(meta: Meta, event: Event) -> None: ...


def register(slips: Slips, name: str, call: Any = take_nothing, **options: Any) -> None:
    """Register a function of that name."""

    def function(meta: Meta, event: Event) -> Any:
        return call(meta, event)

    function.__name__ = name
    slips.on_format("json", **options)(function)


def numbered(count: int) -> list[Event]:
    return [{"n": number, "text": f"text {number}"} for number in range(1, count + 1)]


def test_functions_are_called_in_the_order_of_app_py(slips: Slips) -> None:
    called: list[str] = []
    for name, options in (("a", {"contains": "text"}), ("b", {}), ("c", {"contains": "2"}), ("d", {"tag": "*"})):
        register(slips, name, lambda meta, event, name=name: called.append(f"{name}{event['n']}"), **options)
    SlipsTester(slips).lines("json", numbered(2))
    assert called == ["a1", "b1", "d1", "a2", "b2", "c2", "d2"]


def test_a_tag_is_compared_once_however_many_events_have_it(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []

    def compare(tag: str, glob: str) -> bool:
        compared.append((tag, glob))
        return tag == glob

    monkeypatch.setattr(functions, "fnmatchcase", compare)
    tags = ("x", "y")
    slips.format("mine")(lambda record: ({"tag": tags[int(record) % 2]}, {"n": int(record)}))

    @slips.on_format("mine", tag="y")
    def take(meta: Meta, event: Event) -> None: ...

    outcome = SlipsTester(slips).lines("mine", [b"%d" % number for number in range(1000)])
    assert numbers_of(outcome, "take") == list(range(1, 1000, 2))
    assert sorted(compared) == [("x", "y"), ("y", "y")]


def test_tags_that_differ_by_event_are_not_all_remembered(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipients, "MOST_KNOWN", 10)
    sizes: set[int] = set()
    work_out = recipients.Recipients._work_out

    def noting(self: Any, tag: str | None, held: tuple[int, ...]) -> Any:
        sizes.add(len(self._known))
        return work_out(self, tag, held)

    monkeypatch.setattr(recipients.Recipients, "_work_out", noting)
    slips.format("mine")(lambda record: ({"tag": record}, {"n": int(record)}))

    @slips.on_format("mine", tag="*7")
    def take(meta: Meta, event: Event) -> None: ...

    outcome = SlipsTester(slips).lines("mine", [b"%d" % number for number in range(100)])
    assert numbers_of(outcome, "take") == list(range(7, 100, 10))
    assert max(sizes) == 10


def test_a_tag_that_raises_fails_the_event_for_those_who_ask_for_it(slips: Slips, monkeypatch: Any) -> None:
    def raise_fault(self: Any, meta: Meta) -> str:
        if meta._event["n"] == 2:
            raise ValueError("no tag")
        return "x"

    monkeypatch.setattr("slips.engine.object_context.ObjectContext.tag", raise_fault)
    register(slips, "first", tag="x")
    register(slips, "second", tag="y")
    register(slips, "other")
    register(slips, "elsewhere", tag="x", contains="text 3")
    outcome = SlipsTester(slips).lines("json", numbered(3))
    books = outcome.books.processors
    assert {name: (each.delivered, each.filtered, each.quarantined) for name, each in books.items()} == {
        "first": (2, 0, 1), "second": (0, 2, 1), "other": (3, 0, 0), "elsewhere": (1, 2, 0),
    }  # fmt: skip


def test_a_type_is_made_only_of_events_that_are_for_the_function(slips: Slips) -> None:
    class Other(msgspec.Struct):
        missing: int

    register(slips, "by_tag", tag="other.*", type=Other)
    outcome = SlipsTester(slips).lines("json", numbered(2))
    assert (outcome.errors, outcome.books.processors["by_tag"].filtered) == ([], 2)
    register(slips, "by_bytes", contains="no such text", type=Other)
    register(slips, "plain")
    outcome = SlipsTester(slips).lines("json", numbered(2))
    assert (outcome.errors, outcome.books.processors["by_bytes"].filtered) == ([], 2)


def test_an_event_of_the_tag_that_has_not_the_type_fails(slips: Slips) -> None:
    class Other(msgspec.Struct):
        missing: int

    register(slips, "by_tag", tag="*", type=Other)
    outcome = SlipsTester(slips).lines("json", numbered(2))
    assert outcome.books.processors["by_tag"].quarantined == 2


def test_a_suspended_function_counts_also_what_it_would_not_have_taken(make_slips: MakeSlips) -> None:
    """The error item has the rest of the object, from there on."""
    slips = make_slips("limits: {errors_per_object: 1}")

    def raise_fault(meta: Meta, event: Event) -> None:
        raise ValueError

    register(slips, "searched", raise_fault, contains=["text 3", "text 5"])
    register(slips, "plain")
    outcome = SlipsTester(slips).lines("json", numbered(9))
    books = outcome.books.processors["searched"]
    assert (books.delivered, books.filtered, books.quarantined) == (0, 3, 6)


def test_the_rest_of_an_object_begins_with_the_batch_and_not_with_what_was_passed_over_before(
    slips: Slips, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where that was in the same slice, and where a record of several events came between."""
    monkeypatch.setattr(SliceSizer, "size", property(lambda self: 100, lambda self, size: None), raising=False)
    slips.format("mine")(lambda record: [{"n": 1}, {"n": 2}] if int(record) == 3 else {"n": int(record)})

    @slips.on_format("mine", contains=["5", "7"], batch=100)
    def send(batch: list[Any]) -> None:
        raise RetryLater("down")

    slips.on_format("mine")(take_nothing)
    outcome = SlipsTester(slips).lines("mine", [b"%d" % number for number in range(1, 10)])
    books = outcome.books.processors["send"]
    assert (books.delivered, books.filtered, books.quarantined) == (0, 5, 5)


@pytest.mark.parametrize("others", [0, 1])
def test_each_event_of_a_record_that_holds_a_needle_is_for_the_function(slips: Slips, others: int) -> None:
    slips.format("mine")(lambda record: [{"n": int(n)} for n in record.split()])

    @slips.on_format("mine", contains="2")
    def take(meta: Meta, event: Event) -> None: ...

    for _ in range(others):
        slips.on_format("mine")(take_nothing)
    outcome = SlipsTester(slips).lines("mine", [b"1 2 3", b"4 5", b"6", b"72"])
    assert numbers_of(outcome, "take") == [1, 2, 3, 72]


@pytest.mark.parametrize("others", [0, 1])
def test_an_event_joined_of_several_records_is_searched_as_a_whole(slips: Slips, others: int) -> None:
    @slips.on_format("cri", contains="two-half")
    def take(meta: Meta, event: Event) -> None: ...

    for _ in range(others):
        slips.on_format("cri")(take_nothing)
    time = "2026-03-01T09:15:02.123456789Z stdout"
    lines = [f"{time} F one", f"{time} P two-", f"{time} F half", f"{time} F two-half"]
    outcome = SlipsTester(slips).lines("cri", lines)
    assert [meta.position for meta, _ in outcome.events["take"]] == [4]
