"""Java logs with stack traces. README.md says how to run, test and deploy it."""

from typing import Any

from chalice.app import Chalice
from slips import Meta, Slips

app = Chalice(app_name="java-logs")
slips = Slips(app, config="slips.yml")


def root_cause(message: str) -> str:
    """Return the last `Caused by:` of a stack trace, else the exception itself."""
    _, *trace = message.splitlines()
    thrown = [line.removeprefix("Caused by: ") for line in trace if line and not line[0].isspace()]
    return thrown[-1] if thrown else "no stack trace"


@slips.on_format("shop-log", where=lambda meta, event: event["level"] == "ERROR")
def tell_errors(meta: Meta, event: dict[str, Any]) -> None:
    """Print each error with its root cause."""
    print(meta.datetime.isoformat(), event["message"].partition("\n")[0], "|", root_cause(event["message"]))


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
