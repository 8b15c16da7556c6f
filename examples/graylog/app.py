"""Syslog in Graylog. README.md says how to run, test and deploy it."""

from typing import Any

from chalice.app import Chalice
from slips import Meta, Slips
from slips.sinks import Gelf

app = Chalice(app_name="graylog")
slips = Slips(app, config="slips.yml")

graylog = Gelf(
    "https://graylog.example.com:12201/gelf",
    host=lambda meta, document: document["hostname"],
    headers={"Authorization": "Bearer ssm:/graylog/token"},
)


@slips.on_format("syslog", to=graylog)
def forward(meta: Meta, event: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a message."""
    return {"hostname": event["hostname"], "process": event["proc_name"], "message": event["message"]}


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
