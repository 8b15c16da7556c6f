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
"""Half of what the queue keeps: someone who missed the first mail still has a week."""


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
            f"At least {limits.failed_percent:g} % of the events failed within five minutes. `slips errors --group` "
            "shows why. Fix the cause, then run `slips drain`.",
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
            "A cause of failure that did not occur in the last two weeks. `slips errors --group` lists the causes, and "
            "when each occurred first and last. Fix it, then run `slips drain --fingerprint F --limit 10 --watch`.",
            _count(config, "NewCauses"), threshold=limits.new_causes, is_state=False,
        )  # fmt: skip
    if limits.error_items:
        yield "ErrorItemsAlarm", Alarm(
            "error-items",
            f"At least {plural(limits.error_items, 'new error item')} within five minutes. `slips errors --group` "
            "shows why.",
            _count(config, "ErrorItems"), threshold=limits.error_items, is_state=False,
        )  # fmt: skip
    if limits.waiting_minutes:
        yield "WaitingAlarm", Alarm(
            "waiting-long",
            f"Events have waited {plural(limits.waiting_minutes, 'minute')} for an automatic retry to succeed. `slips "
            "errors --group --state waiting` shows what they wait for. Fix that; SLIPS then delivers them.",
            _count(config, "OldestWaiting", "Maximum"), threshold=limits.waiting_minutes * 60,
        )  # fmt: skip
    yield "GaveUpAlarm", Alarm(
        "gave-up",
        f"Automatic retries failed for {config.retry_give_up_after / 3600:g} hours and have ended. `slips errors "
        "--group` shows why. Fix the cause, then run `slips drain`.",
        _count(config, "GaveUp"), is_state=False,
    )  # fmt: skip
    yield "UnbalancedAlarm", Alarm(
        "unbalanced",
        "The counts of an object do not add up, which is a bug in SLIPS. `slips errors --group` names the object, and "
        "`slips explain s3://BUCKET/KEY` shows its counts. Report both.",
        _count(config, "Unbalanced"), is_state=False,
    )  # fmt: skip
    yield "DeadLettersAlarm", Alarm(
        "dead-letters",
        "Lambda gave up on notifications or batches. Nothing is lost: `slips errors --group` lists them and shows "
        "why. Fix the cause, then run `slips drain`.",
        _sns(config.dead_letters, "NumberOfMessagesPublished"), is_state=False,
    )  # fmt: skip


def _silence_alarm(config: Config) -> Iterator[tuple[str, Alarm]]:
    if config.alarms.silence or any(mapping.silent_minutes for mapping in config.mappings):
        yield "SilentSourcesAlarm", Alarm(
            "silent-sources",
            "A mapping of slips.yml got no object for much longer than usual. The console and `GET /stats` name it. "
            "Check that its source still writes to the bucket. If it does, `slips check --deployed` shows whether the "
            f"notifications reach dispatch, and `slips deploy` repairs that. {CLOSE_GAP}",
            Metric(NAMESPACE, "SilentSources", {"stack": config.stack_name}, "Maximum"),
        )  # fmt: skip


def _surge_alarm(config: Config) -> Iterator[tuple[str, Alarm]]:
    if config.alarms.surge:
        yield "SurgeAlarm", Alarm(
            "surge",
            f"At least {config.alarms.surge:g} times as many objects in an hour as in the busiest hour of the week "
            "before. If you did not start a backfill, look for a loop: `slips check --deployed` finds most. "
            "docs/loops.md explains how to recognize and end one.",
            Metric(NAMESPACE, "Surge", {"stack": config.stack_name}, "Maximum"), threshold=config.alarms.surge,
        )  # fmt: skip


def _queue_alarms(config: Config) -> Iterator[tuple[str, Alarm]]:
    queue = {"QueueName": config.redrive_queue}
    yield "RedriveAlarm", Alarm(
        "redrive",
        "The redrive queue has notifications that neither dispatch nor report could process. SQS deletes them after "
        "14 days. Find the cause (`slips check --deployed`, the logs of both functions), fix it, then run `slips "
        "redrive`.",
        Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", queue, "Maximum"),
    )  # fmt: skip
    yield "RedriveExpiresAlarm", Alarm(
        "redrive-expires",
        f"Notifications have been in the redrive queue for {REDRIVE_DAYS} days. SQS deletes them after 14 days: run "
        f"`slips redrive` before that. {CLOSE_GAP}",
        Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", queue, "Maximum"), threshold=REDRIVE_DAYS * 24 * 3600,
    )  # fmt: skip


def _topic_alarms(config: Config) -> Iterator[tuple[str, Alarm]]:
    """What SNS could not hand over. The metrics of a topic of another account are there."""
    topics = dict.fromkeys([*(topic.arn for topic in config.topics), config.dead_letters])
    yield from alarms_over_all(
        "Undelivered",
        "undelivered",
        "SNS could not deliver messages to dispatch or report, and put them into the redrive queue. `slips check "
        "--deployed` shows the cause. Fix it, then run `slips redrive`. If the check also names a missing redrive "
        f"policy, messages are lost. {CLOSE_GAP}",
        [_sns(arn, "NumberOfNotificationsFailed") for arn in topics],
        is_state=False,
    )


def _lane_alarms(config: Config, lane: LaneConfig) -> Iterator[tuple[str, Alarm]]:
    limits, name, stream = config.alarms, lane.name, {"StreamName": lane.stream}
    logical = f"{name.capitalize()}Lane"
    if limits.late_minutes:
        yield f"{logical}LateAlarm", Alarm(
            f"{name}-late",
            f"The {name} lane is {plural(limits.late_minutes, 'minute')} behind. docs/scale.md explains what to "
            f"raise. If process_{name} fails too, read its log first.",
            Metric("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", stream, "Maximum"),
            threshold=limits.late_minutes * 60_000,
        )  # fmt: skip
    if limits.unread_minutes:
        # A lane that nobody reads has no IteratorAge at all.
        yield f"{logical}UnreadAlarm", Alarm(
            f"{name}-unread",
            f"The {name} lane gets records, but no function reads them: its event source is disabled, deleted or in a "
            f"PROBLEM state, or the role of process_{name} may not read. `slips check --deployed` shows which, and "
            "`slips deploy` repairs it. The stream keeps records for a week, or for its own retention if you named it "
            "by ARN. Use `slips backfill s3://BUCKET/PREFIX --since … --until …` to queue older ones again.",
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
        f"The {name} lane has too few shards. Raise `shards` in slips.yml, or remove it (on demand), then run `slips "
        "deploy`. Nothing is lost: SLIPS sends the work items again, or records error items for `slips drain`.",
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
        f"DynamoDB throttles reads or writes of {table} or one of its indexes. Nothing is lost: SLIPS tries again. "
        "If the throughput is provisioned, raise it for the table and its indexes. On demand it grows by itself, up to "
        "the table's maximum and the account's quota (docs/scale.md).",
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
