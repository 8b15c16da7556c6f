"""Failed logins to G Suite. README.md says how to run, test and deploy it."""

from typing import Any

from chalice.app import Chalice
from slips import Meta, Slips

app = Chalice(app_name="gsuite-logins")
slips = Slips(app, config="slips.yml")


@slips.on_format("g-suite-login")
def watch_logins(meta: Meta, event: dict[str, Any]) -> None:
    """Print each failed login."""
    for action in event["events"]:
        if action["name"] == "login_failure":
            print(meta.datetime.isoformat(), "failed login:", event["actor"]["email"], event["ipAddress"])


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
