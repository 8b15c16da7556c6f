"""Your functions, and the Lambda functions that call them."""

from typing import Any

from chalice.app import Chalice

from chalicelib import Meta, Slips
from slips.sinks import S3Archive

app = Chalice(app_name="slips")
slips = Slips(app, config="slips.yml")


@slips.format("door-badge")
def door_badge(record: str) -> dict[str, str]:
    """A format of your own: `2026-03-01T09:15:02Z lobby ada granted`."""
    time, door, holder, outcome = record.split(" ")  # One line of the sample has two spaces: `curl /errors` shows it.
    return {"time": time, "door": door, "holder": holder, "outcome": outcome}


@slips.on_format("g-suite-login")
def watch_logins(meta: Meta, event: dict[str, Any]) -> None:
    """Called once for each login event."""
    email = event["actor"].get("email")  # One login of the sample has no actor: `curl /errors` shows it, too.
    app.log.debug("%s logged in at %s", email, meta.datetime)


@slips.on_format("cloudtrail", contains="ConsoleLogin", batch=500)
def index_console_logins(batch: list[tuple[Meta, dict[str, Any]]]) -> None:
    """Called with up to 500 pairs of (meta, event); records without the bytes 'ConsoleLogin' are never decoded."""
    app.log.debug("%d console logins", len(batch))


@slips.on_format("*")
def count(meta: Meta, event: dict[str, Any]) -> None:
    """Called for every event of every format."""


# Sent as they are: `make run` archives them in its emulated account, and shows the files in outbox/.
slips.send("aws-waf", to=S3Archive("s3://example-archive/curated/"))


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
