"""No secret gets out, from where it is fetched to where SLIPS writes: the item in the ErrorTable, the line of a log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chalice import Chalice
from hypothesis import given, settings
from hypothesis import strategies as st

from slips import Meta, Slips
from slips.engine.invocation import process
from slips.model import work_item
from slips.observability.logs import JsonLines
from slips.observability.masking import MASK, Secrets, mask_log_lines
from slips.testing import MemoryLanes, MemoryLedger, MemoryObjects

from .. import error_table
from ..builders import kinesis_record
from ..doubles import RecordingErrors
from .secret_forms import BASE64, FORMS, secrets, tokens

ALL = FORMS | BASE64
CONFIG = """
stack_name: test
bucket_mapping: {logs: [{prefix: json/, format: [s3-lines, json]}]}
handler: {args: {token: ssm:/token}}
"""
paths = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project") / "slips.yml"
    path.write_text(CONFIG)
    return path


@contextmanager
def fetching(secret: str) -> Iterator[None]:
    """AWS, as far as an engine in memory needs it: the parameter that holds the secret."""

    class Ssm:
        def get_parameter(self, Name: str, WithDecryption: bool) -> Any:
            return {"Parameter": {"Value": secret}}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("slips.aws.client", lambda name: Ssm())
        patch.setattr("slips.runtime.gc.freeze", lambda: None)
        yield


def written_item(
    config: Path, dynamodb: Any, secret: str, record: Callable[[str], bytes], fail: Callable[[str], None]
) -> dict[str, Any]:
    """Fail on one record with the secret as `on_setup` gets it. Return the item in the table, as it stands there."""
    slips = Slips(Chalice("test"), config)
    fetched: list[str] = []
    slips.on_setup(lambda args: fetched.append(args["token"]))

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        fail(fetched[0])

    table = error_table.create(dynamodb)
    with fetching(secret):
        vars(slips)["quarantine"] = error_table.quarantine(dynamodb, table)
        worker = slips.worker
        worker.objects, worker.ledger, worker.lanes = objects, *_ = MemoryObjects(), MemoryLedger(), MemoryLanes()
        process(worker, "fast", [work_item(objects.put("logs", "json/a", record(secret)), "s")])
    (found,) = dynamodb.scan(TableName=table)["Items"]
    return dict(found)


@paths
@given(secret=secrets, form=st.sampled_from(sorted(ALL)), pad=st.integers(0, 40))
def test_the_item_of_a_failed_event_holds_it_in_no_form(
    config: Path, dynamodb: Any, secret: str, form: str, pad: int
) -> None:
    write = ALL[form]

    def fail(token: str) -> None:
        try:
            raise ConnectionError(f"refused: {write(token.strip())}")
        except ConnectionError as cause:
            cause.add_note(f"by {token}")
            raise ValueError(f"cannot send [{write(token.strip())}]") from cause

    found = written_item(
        config, dynamodb, secret, lambda token: json.dumps({"x" * pad: write(token.strip())}).encode(), fail
    )
    assert found["error_message"]["S"] == f"cannot send [{MASK}]"
    assert MASK in found["sample"]["S"]
    assert f"ConnectionError: refused: {MASK}" in found["traceback"]["S"]
    assert not hidden_in(found, secret)


@paths
@given(secret=tokens, form=st.sampled_from(sorted(ALL)), before=st.integers(1950, 2030), parses=st.booleans())
def test_a_sample_that_ends_within_it_holds_no_part_of_it(
    config: Path, dynamodb: Any, secret: str, form: str, before: int, parses: bool
) -> None:
    """`limits.sample_bytes` is 2048."""
    pad = "-" * before

    def record(token: str) -> bytes:
        return json.dumps({"pad": pad, "n": ALL[form](token), "rest": pad}).encode()[: None if parses else -1]

    def fail(token: str) -> None:
        raise ValueError

    sample = written_item(config, dynamodb, secret, record, fail)["sample"]["S"]
    assert sample.startswith(f'{{"pad": "{pad}"')
    assert sample.endswith("…")
    # Fewer than four characters are no secret.
    assert json.dumps(ALL[form](secret[:4]))[1:-1] not in sample.replace(MASK, "")


def test_what_on_result_returns_holds_no_secret(config: Path) -> None:
    """What a function returns is in the answer of an invocation, which some destinations store."""
    slips = Slips(Chalice("test"), config)
    fetched: list[str] = []
    slips.on_setup(lambda args: fetched.append(args["token"]))
    slips.on_format("json")(lambda meta, event: None)
    slips.on_result(lambda: {"sent with": fetched})
    objects = MemoryObjects()
    work = work_item(objects.put("logs", "json/a", b"{}"), "s")
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: 0)
    with fetching("hunter-22"):
        worker = slips.worker
        worker.objects, worker.ledger, worker.lanes = objects, MemoryLedger(), MemoryLanes()
        worker.errors = RecordingErrors()
        event = SimpleNamespace(to_dict=lambda: {"Records": [kinesis_record(work)]}, context=context)
        assert slips.process_fast(event)["results"] == [{"sent with": [MASK]}]


def hidden_in(found: dict[str, Any], secret: str) -> list[str]:
    """The forms in which the texts of an item hold the secret. What names the item is no text of it."""
    texts = "\n".join(value.get("S", "") for name, value in found.items() if name not in ("request_id", "sort_key"))
    return [name for name, write in ALL.items() if len(form := write(secret.strip())) > 4 and form in texts]


def line_of(secret: str, log: Callable[[logging.Logger], None]) -> str:
    """What a deployed function writes when it logs."""
    known, stream = Secrets(), io.StringIO()
    known.add([secret])
    logger, handler = logging.Logger("app"), logging.StreamHandler(stream)
    handler.setFormatter(JsonLines("slips", known))
    logger.addHandler(handler)
    log(logger)
    return stream.getvalue()


@paths
@given(secret=secrets, form=st.sampled_from(sorted(ALL)))
def test_a_line_of_the_log_holds_it_in_no_form(secret: str, form: str) -> None:
    written = ALL[form](secret.strip())

    def log(logger: logging.Logger) -> None:
        try:
            raise ValueError(f"with {written}")
        except ValueError as fault:
            fault.add_note(written)
            extra = {"of": {f"key {written}": [written, ("deep", ValueError(written))]}, "bytes": secret.encode()}
            logger.exception("sent [%s] and %r", written, {"token": secret}, extra=extra)

    text = line_of(secret, log)
    line = json.loads(text)
    assert line["message"].startswith(f"sent [{MASK}] and {{'token': ")
    assert line["of"] == {f"key {MASK}": [MASK, ["deep", MASK]]}
    assert (line["stack_trace"]["value"], line["exception_notes"]) == (f"with {MASK}", [MASK])
    assert f"ValueError: with {MASK}" in line["exception"]
    assert not [name for name, write in ALL.items() if len(write(secret.strip())) > 4 and write(secret.strip()) in text]


@pytest.mark.parametrize("secret", ["nabcdefg", "uabcdefg", "12345678"])
def test_a_masked_line_is_json(secret: str) -> None:
    """`\\nabcdefg` of the JSON text is no escape and the secret; nor is a number a text."""
    line = json.loads(line_of(secret, lambda logger: logger.error("\nabcdefg \u0001abcdefg", extra={"n": 12345678})))
    assert set(line) >= {"message", "n"}


def test_a_message_that_is_json_is_masked_value_by_value() -> None:
    line = json.loads(line_of("12345678", lambda logger: logger.error('{"pin": 12345678, "n": 1}')))
    assert line["message"] == {"pin": MASK, "n": 1}


@pytest.mark.parametrize("arguments", [("hunter-22",), ({"a": "hunter-22"},)])
def test_a_line_that_cannot_be_formatted_is_written_all_the_same(
    arguments: tuple[Any, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """logging would print its arguments on standard error."""
    line = json.loads(line_of("hunter-22", lambda logger: logger.error("%d items", *arguments)))
    assert line["message"].startswith("ERROR %d items (")
    assert MASK in line["message"]
    assert (line["level"], line["service"]) == ("ERROR", "slips")
    assert capsys.readouterr() == ("", "")


class TestTextLines:
    """Lines as they are written on this machine."""

    @pytest.fixture
    def stream(self) -> Iterator[io.StringIO]:
        stream = io.StringIO()
        logger, handler = logging.getLogger("an-app"), logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        logger.addHandler(handler)
        known, (root, last) = Secrets(), (logging.getLogger(), logging.lastResort)
        before = [
            (each, each.formatter) for each in (*root.handlers, *logging.getLogger("slips").handlers, last) if each
        ]
        known.add(["hunter-22"])
        for _ in range(2):  # `slips run` makes a new Slips whenever app.py changes.
            mask_log_lines(known, "an-app")
        yield stream
        logger.removeHandler(handler)
        for each, formatter in before:
            each.setFormatter(formatter)

    def test_of_the_app_are_masked_with_their_tracebacks(self, stream: io.StringIO) -> None:
        try:
            raise ValueError("hunter-22")
        except ValueError:
            logging.getLogger("an-app.own").exception("with %s", "hunter-22")
        first, *_, last = stream.getvalue().splitlines()
        assert (first, last) == (f"an-app.own: with {MASK}", f"ValueError: {MASK}")

    def test_that_cannot_be_formatted_are_written(
        self, stream: io.StringIO, capsys: pytest.CaptureFixture[str]
    ) -> None:
        logging.getLogger("an-app").error("%d", "hunter-22")
        assert stream.getvalue() == f"ERROR %d ({MASK}): not formatted: TypeError\n"
        assert "hunter" not in capsys.readouterr().err

    def test_that_no_handler_takes_are_masked(self, stream: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
        assert logging.lastResort is not None
        record = logging.LogRecord("x", logging.ERROR, "", 1, "with %s", ("hunter-22",), None)
        logging.lastResort.handle(record)
        assert capsys.readouterr().err == f"with {MASK}\n"

    def test_keep_their_format(self, stream: io.StringIO) -> None:
        logging.getLogger("an-app").error("fine")
        assert stream.getvalue() == "an-app: fine\n"
