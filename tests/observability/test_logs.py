"""A deployed function logs JSON lines: which invocation, which object, and no secret."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from slips.observability import log_context, logs, run_observed
from slips.observability.masking import Secrets

from ..builders import item

CONTEXT = SimpleNamespace(function_name="slips-dev-process_fast", aws_request_id="r-1")
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """An app's logger with a handler as Chalice makes it, on Lambda."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-dev-process_fast")
    monkeypatch.setattr(logs, "_formatters", {})
    logger, stream = logging.getLogger("an-app"), io.StringIO()
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    level = logging.getLogger("slips").level
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logging.getLogger("slips").setLevel(level)


def answer(**more: Any) -> dict[str, Any]:
    return {"measures": {}, "by_stage": {}, "unbalanced": 0, "continued": 0, "crashed": 0, **more}


def invoke(work: Callable[[], None], secrets: Secrets | None = None) -> dict[str, Any]:
    def done() -> dict[str, Any]:
        work()
        return answer(objects=1)

    return run_observed("fast", done, "slips", "an-app", CONTEXT, secrets or Secrets())


def test_a_line_says_which_invocation_lane_and_object_it_is_of(lines: Lines) -> None:
    def work() -> None:
        log_context.bind(item("a/b.gz"))
        logging.getLogger("an-app").info("seen %d", 3)
        log_context.clear()
        logging.getLogger("an-app").info("done")

    invoke(work)
    within, after = lines()
    assert (within["message"], within["level"], within["service"]) == ("seen 3", "INFO", "slips")
    assert (within["function_request_id"], within["lane"], within["cold_start"]) == ("r-1", "fast", True)
    assert (within["object"], within["work_id"]) == ("s3://logs/a/b.gz", item("a/b.gz").work_id)
    assert "object" not in after


def test_the_invocation_is_named_for_what_it_writes_and_not_for_what_follows(lines: Lines) -> None:
    ids: list[str] = []
    invoke(lambda: ids.append(log_context.invocation_id()))
    assert (ids, log_context.invocation_id()) == (["r-1"], "")


def test_a_line_of_an_object_of_its_own_names_that(lines: Lines) -> None:
    """What ended is logged while the next object is at work."""

    def work() -> None:
        log_context.bind(item("a/next.gz"))
        logging.getLogger("an-app").info("ended", extra=log_context.describe(item("a/ended.gz")))
        log_context.clear()

    invoke(work)
    [line] = lines()
    assert (line["object"], line["work_id"]) == ("s3://logs/a/ended.gz", item("a/ended.gz").work_id)


def test_the_second_invocation_is_not_a_cold_start(lines: Lines) -> None:
    for _ in range(2):
        invoke(lambda: logging.getLogger("an-app").info("x"))
    assert [line["cold_start"] for line in lines()] == [True, False]


def test_a_secret_is_masked_in_a_traceback_too(lines: Lines) -> None:
    secrets = Secrets()
    secrets.add(["hunter22"])

    def work() -> None:
        try:
            raise ValueError("the password hunter22 is wrong")
        except ValueError:
            logging.getLogger("an-app").exception("cannot log in")

    invoke(work, secrets)
    (line,) = lines()
    assert line["exception_name"] == "ValueError"
    assert "hunter22" not in json.dumps(line)


def test_what_only_the_metrics_need_is_not_returned(lines: Lines) -> None:
    assert invoke(lambda: None) == {key: value for key, value in answer(objects=1).items() if key != "measures"}


def test_elsewhere_nothing_is_measured_and_logs_stay_text(
    lines: Lines, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    assert "measures" not in run_observed(
        "dispatch", lambda: {"fast": 1, "measures": {}}, "s", "an-app", CONTEXT, Secrets()
    )
    assert capsys.readouterr().out == ""
    assert logs._formatters == {}


def test_on_this_machine_app_py_imports_neither_powertools_nor_clients() -> None:
    script = "import app, sys; print({'aws_lambda_powertools', 'boto3', 'botocore'} & set(sys.modules))"
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout == "set()\n"
