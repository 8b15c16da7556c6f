"""Refused API calls, counted. README.md says how to run, test and deploy it."""

from collections import Counter

import msgspec
from chalice.app import Chalice
from slips import Meta, Slips

app = Chalice(app_name="count-errors")
slips = Slips(app, config="slips.yml")


class Refused(msgspec.Struct, rename="camel"):
    """The fields of a CloudTrail record that are counted."""

    event_source: str
    error_code: str = ""


refused: Counter[tuple[str, str]] = Counter()


@slips.on_format("cloudtrail", contains='"errorCode"', type=Refused)
def count(meta: Meta, call: Refused) -> None:
    """Count a call that AWS refused."""
    refused[call.event_source, call.error_code] += 1


@slips.on_flush(of=[count])
def print_counts() -> None:
    """Print what was counted since the last checkpoint."""
    counts = refused.most_common()
    refused.clear()
    for (source, code), calls in counts:
        print(source, code, calls)


# The Lambda functions. Chalice looks each one up by its name in this module.
for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
process_fast = app.on_kinesis_record(
    stream=slips.fast.stream,
    batch_size=slips.fast.batch_size,
    maximum_batching_window_in_seconds=slips.fast.batch_window,
    starting_position="TRIM_HORIZON",
)(slips.process_fast)
process_slow = app.on_kinesis_record(
    stream=slips.slow.stream,
    batch_size=slips.slow.batch_size,
    maximum_batching_window_in_seconds=slips.slow.batch_window,
    starting_position="TRIM_HORIZON",
)(slips.process_slow)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
retry = app.schedule("rate(1 minute)")(slips.retry)
app.register_blueprint(slips.api)
