"""The page of guarantees: each claim with the tests that fail where it does not hold, and the rows that measure it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .markdown import escape, table

RESULTS = Path(__file__).resolve().parent.parent / "bench" / "results.json"
_HEAD = """\
# Guarantees and their proof

`make docs` writes this page. Each guarantee names tests that fail where it does not hold; that these tests exist is
tested, too. [reliability.md](../reliability.md) says the same from the other side: what happens when something fails,
and for each line of code that keeps events safe, which test notices when it is taken away (`make mutants`).
"""
_MEASURED = """\
## Speed and memory

Measured by `make bench`, as ratios in one run on {machine}. A bound says what the ratio must be for `make bench` to
pass; where it was missed in that run, the last column says so. "Against" is a loop written by hand, in the same run.
"""


class Guarantee(NamedTuple):
    """A claim, and the tests that prove it, as pytest names them."""

    claim: str
    tests: tuple[str, ...]


_STEPS = "tests/steps/test_steps.py::test_no_event_is_lost_at_any_write"
_CHAOS = "tests/chaos/test_chaos.py::test_nothing_is_lost_whatever_goes_wrong"
GUARANTEES: dict[str, list[Guarantee]] = {
    "No event is lost": [
        Guarantee(
            "Every event reaches every function of its format **at least once**, or waits in the ErrorTable, whatever "
            "is killed, refused, repeated, late or out of order.",
            (
                "tests/engine/test_exactly_once.py::test_no_event_is_lost_when_the_process_dies",
                "tests/drain/test_model.py::test_no_event_is_lost_and_nobody_does_anothers_work",
                _STEPS,
                _CHAOS,
            ),
        ),
        Guarantee(
            "If nothing crashes, **exactly once**.",
            (
                "tests/engine/test_exactly_once.py::test_every_event_reaches_every_function_exactly_once",
                "tests/engine/test_worker.py::test_the_same_object_delivered_again_repeats_nothing",
            ),
        ),
        Guarantee(
            "Nothing is acknowledged before it is safe.",
            (
                "tests/dispatch/test_dispatch.py::test_aws_delivers_again_when_not_even_the_error_table_takes_it",
                "tests/engine/test_worker.py::test_nothing_is_acknowledged_when_the_error_table_cannot_be_written",
                "tests/engine/test_worker.py::test_nothing_is_acknowledged_when_the_ledger_cannot_be_written",
            ),
        ),
        Guarantee(
            "The books of every object balance: each record and each event is accounted for. If they do not, the "
            "object becomes an error item.",
            ("tests/engine/test_worker.py::test_books_that_do_not_balance_are_an_error_item", _CHAOS),
        ),
        Guarantee(
            "A drain loses nothing, even if it is killed, and two drains at once take no item twice.",
            (
                "tests/drain/test_run.py::test_a_kill_between_put_and_delete_loses_nothing",
                "tests/drain/test_run.py::test_a_kill_before_the_put_loses_nothing",
                "tests/drain/test_run.py::test_two_drains_at_once_take_nothing_twice",
            ),
        ),
        Guarantee(
            "An upgrade and a roll-back lose nothing, with work in lanes and tables.",
            ("tests/deployment/test_roll_back.py::test_no_event_is_lost_forward_and_back",),
        ),
        Guarantee(
            "A rename of topics loses no notification, even if the command is killed.",
            (
                "tests/ops/deploy/test_handover.py::test_topics_change_while_all_is_heard",
                "tests/ops/deploy/test_handover.py::test_a_rename_that_is_killed_goes_on_from_there",
            ),
        ),
        Guarantee(
            "A bucket that moves from a topic to the queue, or back, notifies one of them at any time.",
            ("tests/ops/deploy/test_dispatch_queue.py::test_nothing_is_lost_while_a_bucket_moves_and_moves_back",),
        ),
        Guarantee(
            "A sink delivers every event at least once.",
            (
                "tests/sinks/test_proofs_aws.py::test_nothing_is_lost",
                "tests/sinks/test_proofs_archive.py::test_nothing_is_lost",
                "tests/sinks/test_proofs_http.py::test_nothing_is_lost_over_http",
            ),
        ),
        Guarantee(
            "An app.py that cannot be imported for a day loses nothing.",
            ("tests/ops/test_redrive.py::test_an_app_py_that_cannot_be_imported_for_a_day_loses_nothing",),
        ),
    ],
    "One failure stays one failure": [
        Guarantee(
            "If a function raises on an event, only this event fails, and only for this function.",
            (
                "tests/engine/test_delivery.py::test_a_failing_event_does_not_stop_the_next_one",
                "tests/engine/test_delivery.py::test_a_function_fails_by_itself",
            ),
        ),
        Guarantee(
            "A record that cannot be parsed does not stop other records.",
            ("tests/engine/test_delivery.py::test_an_unparsable_record_stops_no_other",),
        ),
        Guarantee(
            "A drain gives only the failed events, and only to the function that failed.",
            (
                "tests/engine/test_worker.py::test_a_drained_item_reruns_the_failed_positions_for_the_failed_function_only",
            ),
        ),
        Guarantee(
            "An object that kills the process is set aside after `limits.max_attempts` deaths; the shard moves on.",
            ("tests/engine/test_worker.py::test_an_object_that_crashed_max_attempts_times_becomes_an_error_item",),
        ),
        Guarantee(
            "No record of a lane, and no item of a table, stops a shard, whatever it contains.",
            (
                "tests/steps/test_any_item.py::test_any_record_of_a_lane_is_an_error_item_and_its_neighbours_are_delivered",
                "tests/steps/test_any_item.py::test_any_error_item_is_drained_or_says_why_not",
            ),
        ),
        Guarantee(
            "What waits for a cause to pass is retried automatically, and delivered once.",
            ("tests/drain/test_retry.py::test_what_a_destination_did_not_take_is_delivered_once_when_it_is_back",),
        ),
    ],
    "Hostile input": [
        Guarantee(
            "A gzip bomb is stopped, and never held in memory.",
            ("tests/reader/inflate/test_bounds.py::test_a_bomb_is_stopped_after_the_grace_and_never_held_in_memory",),
        ),
        Guarantee(
            "An endless line is never held in memory.",
            ("tests/reader/test_lines.py::test_a_line_above_the_limit_is_never_held_in_memory",),
        ),
        Guarantee(
            "No pattern of slips.yml can be made slow by a line.",
            ("tests/config/patterns/test_line.py::test_no_pattern_that_is_taken_can_be_made_slow",),
        ),
        Guarantee(
            "No secret of `handler.args` gets into an error item, a log line or a trace.",
            (
                "tests/engine/test_worker.py::test_no_secret_gets_into_an_error_item_or_the_log",
                "tests/observability/test_masking.py::test_any_secret_is_masked_in_any_form",
            ),
        ),
    ],
    "What an event carries": [
        Guarantee(
            "`meta.event_id` is the same in every run, drain and release, and never that of another event.",
            (
                "tests/model/test_event_id.py::test_it_is_the_same_in_every_release",
                "tests/model/test_event_id.py::test_it_differs_by",
            ),
        ),
    ],
}


def write_page() -> str:
    """Return the page."""
    lines = [_HEAD]
    for section, guarantees in GUARANTEES.items():
        rows = ((each.claim, "<br>".join(f"`{test}`" for test in each.tests)) for each in guarantees)
        lines += [f"## {section}", "", *table(("guarantee", "proof"), rows)]
    results = json.loads(RESULTS.read_text())
    lines += [_MEASURED.format(machine=escape(_machine(results["machine"])))]
    lines += table(("what", "measured", "ratio", "bound", ""), map(_row, results["rows"]))
    return "\n".join(lines)


def named_tests() -> Iterator[str]:
    """Yield each test that a guarantee names."""
    return (test for guarantees in GUARANTEES.values() for each in guarantees for test in each.tests)


def _machine(machine: dict[str, Any]) -> str:
    day = str(machine["measured_at"]).partition("T")[0]
    return f"a machine with {machine['processors']} cores ({machine['machine']}, Python {machine['python']}), {day}"


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    measured = f"{_number(row['ours'])} {row['unit']}, against {_number(row['reference'])}"
    bound = f"{'at most' if row['at_most'] else 'at least'} {row['bound']:g}"
    return escape(row["name"]), measured, f"{row['ratio']:.2f}", bound, "" if row["ok"] else "**missed**"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"
