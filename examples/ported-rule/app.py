"""A detection rule, ported. README.md says how to run, test and deploy it."""

from typing import Any

from chalice.app import Chalice
from slips import Meta, Slips

from chalicelib.rules import console_login_without_mfa

app = Chalice(app_name="ported-rule")
slips = Slips(app, config="slips.yml")


def is_alert(meta: Meta, event: dict[str, Any]) -> bool:
    """Ask the rule."""
    return console_login_without_mfa.rule(event)


# The bytes are looked for first: records without them are never decoded.
@slips.on_format("cloudtrail", contains="ConsoleLogin", where=is_alert)
def alert(meta: Meta, event: dict[str, Any]) -> None:
    """Print the alert. A sink in `to=` sends what the function returns instead."""
    severity = console_login_without_mfa.severity(event)
    print(meta.datetime.isoformat(), severity, console_login_without_mfa.title(event))


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
