"""Alarms on what must not go unnoticed, and the topic that they notify. Each says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....config import Config
from ....config.settings import LaneConfig
from ....ledger import ledger
from ....observability.metrics import NAMESPACE
from ....quarantine import schema
from ....wording import plural
from .alarm_resource import CLOSE_GAP, PERIOD, Alarm, Metric, MetricMath, alarm_resource, alarms_over_all, sum_of
from .topics import topic_with_policy

HOUR_PERIODS = 3600 // PERIOD
REDRIVE_DAYS = 7
"""Half of what the queue keeps: whoever missed the first mail still has a week."""


def alarm_topic(config: Config) -> dict[str, Any]:
    """The topic of the alarms. Nobody is subscribed until you subscribe."""
    return topic_with_policy(config, "Alarms", config.alarm_topic, "cloudwatch.amazonaws.com")


def stack_alarms(config: Config) -> dict[str, Any]:
    """The alarms of streams, tables, topics, the queue, and of what the functions count."""
    alarms = dict(_failure_alarms(config))
    alarms |= _silence_alarm(config)
    alarms |= _surge_alarm(config)
    alarms |= _queue_alarms(config)
    alarms |= _topic_alarms(config)
    for lane in (config.fast, config.slow):
        alarms |= _lane_alarms(config, lane)
    alarms["ErrorTableThrottledAlarm"] = _table_alarm(config, config.error_table, schema.INDEX, schema.DUE_INDEX)
    alarms["LedgerTableThrottledAlarm"] = _table_alarm(config, config.ledger_table, ledger.INDEX)
    return {logical: alarm_resource(config, alarm) for logical, alarm in alarms.items()}


def _failure_alarms(config: Config) -> Iterator[tuple[str, Alarm]]:
    """What became error items: a share of the events, and those that show a fault of SLIPS or of the deployment."""
    limits = config.alarms
    if limits.failed_percent:
        yield "FailedShareAlarm", Alarm(
            "failed-share",
            f"at least {limits.failed_percent:g} % of the events failed within five minutes: `slips errors --group` "
            "says why; fix the cause, then `slips drain`",
            MetricMath(
                "IF(FILL(processed, 0) > 0, 100 * FILL(quarantined, 0) / processed, 0)",
                {"processed": _count(config, "Processed"), "quarantined": _count(config, "Quarantined")},
            ),
            threshold=limits.failed_percent,
            is_state=False,
        )  # fmt: skip
    if limits.new_causes:
        yield "NewCausesAlarm", Alarm(
            "new-causes",
            "something failed for a reason that was not seen for two weeks: `slips errors --group` shows the causes, "
            "and when each failed first and last; fix it, then `slips drain --fingerprint F --limit 10 --watch`",
            _count(config, "NewCauses"), threshold=limits.new_causes, is_state=False,
        )  # fmt: skip
    if limits.error_items:
        yield "ErrorItemsAlarm", Alarm(
            "error-items",
            f"at least {limits.error_items} new error items within five minutes: `slips errors --group` says why",
            _count(config, "ErrorItems"), threshold=limits.error_items, is_state=False,
        )  # fmt: skip
    if limits.waiting_minutes:
        yield "WaitingAlarm", Alarm(
            "waiting-long",
            f"what passes by itself has waited for {plural(limits.waiting_minutes, 'minute')}: `slips errors --group "
            "--state waiting` says what for; fix that, and it is delivered by itself",
            _count(config, "OldestWaiting", "Maximum"), threshold=limits.waiting_minutes * 60,
        )  # fmt: skip
    yield "GaveUpAlarm", Alarm(
        "gave-up",
        f"what should have passed by itself did not, for {config.retry_give_up_after / 3600:g} hours, and is tried no "
        "more: `slips errors --group` says why; fix that, then `slips drain`",
        _count(config, "GaveUp"), is_state=False,
    )  # fmt: skip
    yield "UnbalancedAlarm", Alarm(
        "unbalanced",
        "the books of an object do not balance, which is a fault of SLIPS: `slips errors --group` names the object; "
        "`slips explain s3://BUCKET/KEY` shows its books; report both",
        _count(config, "Unbalanced"), is_state=False,
    )  # fmt: skip
    yield "DeadLettersAlarm", Alarm(
        "dead-letters",
        "Lambda gave up on notifications or batches; nothing is lost: `slips errors --group` says why and lists them; "
        "fix the cause, then `slips drain`",
        _sns(config.dead_letters, "NumberOfMessagesPublished"), is_state=False,
    )  # fmt: skip


def _silence_alarm(config: Config) -> Iterator[tuple[str, Alarm]]:
    if config.alarms.silence or any(mapping.silent_minutes for mapping in config.mappings):
        yield "SilentSourcesAlarm", Alarm(
            "silent-sources",
            "a mapping of slips.yml got no object for much longer than usual: the console and `GET /stats` name it. "
            "Does its source still write to the bucket? Then `slips check --deployed` says whether the bucket notifies "
            f"and dispatch hears it, and `slips deploy` fixes that. Then {CLOSE_GAP}",
            Metric(NAMESPACE, "SilentSources", {"stack": config.stack_name}, "Maximum"),
        )  # fmt: skip


def _surge_alarm(config: Config) -> Iterator[tuple[str, Alarm]]:
    if config.alarms.surge:
        yield "SurgeAlarm", Alarm(
            "surge",
            f"there are at least {config.alarms.surge:g} times as many objects in an hour as in the busiest one of the "
            "week before. A backfill of yours, or a loop? docs/loops.md says how to tell, and how to end one: `slips "
            "check --deployed` finds most",
            Metric(NAMESPACE, "Surge", {"stack": config.stack_name}, "Maximum"), threshold=config.alarms.surge,
        )  # fmt: skip


def _queue_alarms(config: Config) -> Iterator[tuple[str, Alarm]]:
    queue = {"QueueName": config.redrive_queue}
    yield "RedriveAlarm", Alarm(
        "redrive",
        "notifications that neither dispatch nor report took wait here, for 14 days at most: find out why (`slips "
        "check --deployed`, the logs of both), fix that, then call `slips redrive`",
        Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, "Maximum"),
    )  # fmt: skip
    yield "RedriveExpiresAlarm", Alarm(
        "redrive-expires",
        f"notifications have waited in the redrive queue for {REDRIVE_DAYS} days, and SQS deletes them after 14: call "
        f"`slips redrive`. Later, {CLOSE_GAP}",
        Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", queue, "Maximum"), threshold=REDRIVE_DAYS * 24 * 3600,
    )  # fmt: skip


def _topic_alarms(config: Config) -> Iterator[tuple[str, Alarm]]:
    """What SNS could not hand over. The metrics of a topic of another account are there."""
    topics = dict.fromkeys([*(topic.arn for topic in config.topics), config.dead_letters])
    yield from alarms_over_all(
        "Undelivered",
        "undelivered",
        "SNS could not hand messages to dispatch or report: `slips check --deployed` says what is wrong. They wait in "
        "the redrive queue: fix that, then call `slips redrive`. What SNS could not put there (the check names a "
        f"missing redrive) is lost: {CLOSE_GAP}",
        [_sns(arn, "NumberOfNotificationsFailed") for arn in topics],
        is_state=False,
    )


def _lane_alarms(config: Config, lane: LaneConfig) -> Iterator[tuple[str, Alarm]]:
    limits, name, stream = config.alarms, lane.name, {"StreamName": lane.stream}
    logical = f"{name.capitalize()}Lane"
    if limits.late_minutes:
        yield f"{logical}LateAlarm", Alarm(
            f"{name}-late",
            f"the {name} lane is {plural(limits.late_minutes, 'minute')} behind: docs/scale.md says what to raise; "
            f"where process_{name} fails, too, its log says why",
            Metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", stream, "Maximum"),
            threshold=limits.late_minutes * 60_000,
        )  # fmt: skip
    if limits.unread_minutes:
        # A lane that nobody reads has no IteratorAge at all.
        yield f"{logical}UnreadAlarm", Alarm(
            f"{name}-unread",
            f"the {name} lane gets records, and nobody reads it: its event source is disabled or deleted, in a "
            f"PROBLEM state, or the role of process_{name} may not read. `slips check --deployed` says which; `slips "
            "deploy` fixes it. The stream keeps the records, a week unless you gave it: what went by then, `slips "
            "backfill s3://BUCKET/PREFIX --since … --until …` queues again",
            MetricMath(
                "IF(FILL(incoming, 0) > 0 AND FILL(read, 0) == 0, 1, 0)",
                {
                    "incoming": Metric("AWS/Kinesis", "IncomingRecords", stream),
                    "read": Metric("AWS/Kinesis", "GetRecords.Records", stream),
                },
            ),
            # Records that come at the end of a period are read in the next one.
            periods=HOUR_PERIODS, breaching=max(2, -(-limits.unread_minutes * 60 // PERIOD)),
        )  # fmt: skip
    yield f"{logical}ThrottledAlarm", Alarm(
        f"{name}-throttled",
        f"the {name} lane has too few shards for its work items: raise `shards` of slips.yml, or leave it out (on "
        "demand), then `slips deploy`. Nothing is lost: they are sent again, or become error items for `slips drain`",
        Metric("AWS/Kinesis", "WriteProvisionedThroughputExceeded", stream), periods=3,
    )  # fmt: skip


def _table_alarm(config: Config, table: str, *indexes: str) -> Alarm:
    """Reads and writes, those of the indexes too, which the table's own metrics leave out."""
    metrics = {
        f"{kind}{at}": Metric("AWS/DynamoDB", f"{kind.capitalize()}ThrottleEvents", {"TableName": table, **of_index})
        for at, of_index in enumerate(({}, *({"GlobalSecondaryIndexName": index} for index in indexes)))
        for kind in ("read", "write")
    }
    return Alarm(
        f"{table.removeprefix(config.stack_name + '-')}-throttled",
        f"DynamoDB throttles reads or writes of {table}, or of an index: work waits and comes again, nothing is lost. "
        "With provisioned throughput, raise that of table and indexes; on demand it grows by itself, up to the table's "
        "maximum and the account's quota (docs/scale.md)",
        # Alarms on metrics of DynamoDB alone keep their state where data are missing, whatever they ask for
        # (CloudWatch API, PutMetricAlarm): they would never end.
        MetricMath(sum_of(metrics), metrics), periods=3,
    )  # fmt: skip


def _count(config: Config, name: str, statistic: str = "Sum") -> Metric:
    return Metric(NAMESPACE, name, {"stack": config.stack_name}, statistic)


def _sns(topic: str, name: str) -> Metric:
    return Metric("AWS/SNS", name, {"TopicName": _last(topic)})


def _last(arn: str) -> str:
    return arn.rpartition(":")[2]
