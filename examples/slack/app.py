"""GuardDuty findings in Slack. README.md says how to run, test and deploy it."""

from chalice.app import Chalice
from slips import Slips
from slips.sinks import Slack

app = Chalice(app_name="slack")
slips = Slips(app, config="slips.yml")

alerts = Slack(
    "ssm:/slack/alerts",
    text="*{event[title]}* in {event[accountId]}, severity {event[severity]}",
    group_by="{event[type]} {event[accountId]}",
    quiet_seconds=3600,
)
slips.send("guardduty", to=alerts, where=lambda meta, event: event["severity"] >= 7, name="tell")


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
