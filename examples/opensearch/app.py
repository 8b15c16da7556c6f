"""Web access logs in OpenSearch. README.md says how to run, test and deploy it."""

from typing import Any

from chalice.app import Chalice
from slips import Meta, Slips
from slips.sinks import OpenSearch

app = Chalice(app_name="opensearch")
slips = Slips(app, config="slips.yml")

CLUSTER = "https://opensearch.example.com:9200"
LOGIN = ("slips", "ssm:/opensearch/password")

slips.send("nginx-access", to=OpenSearch(CLUSTER, "web-{time:%Y.%m.%d}", auth=LOGIN), name="index_all")


@slips.on_format(
    "nginx-access",
    where=lambda meta, event: event["status"] >= 500,
    to=OpenSearch(CLUSTER, "web-errors-{time:%Y.%m}", auth=LOGIN),
)
def server_errors(meta: Meta, event: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a server error."""
    return {
        "@timestamp": meta.datetime,
        "status": event["status"],
        "path": event["request_uri"],
        "object": meta.source.key,
    }


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
