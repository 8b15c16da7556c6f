"""Functions of every kind, that fail where the plan says so until they are healed, and write down what they took."""

import json
import time

import points
from chalice import Chalice

from chalicelib import EventsFailed, ParseError, Slips
from slips.sinks import S3Archive

app = Chalice(app_name="chaos")
slips = Slips(app, config="slips.yml")
rows: list[str] = []


@slips.format("chaos")
def chaos(record: bytes):
    """Make one event of the lines of the record: as many as the chain of slips.yml cuts together."""
    lines = [json.loads(line) for line in record.splitlines()]
    if any(line.get("broken") for line in lines) and not points.is_healed():
        raise ParseError("broken as planned")
    return {
        "ids": [name for line in lines for name in line["ids"]],
        "seconds": sum(line["seconds"] for line in lines),
        "fails": [function for line in lines for function in line["fails"]],
    }


def failing(function, event):
    if function in event["fails"] and not points.is_healed():
        raise ValueError(f"{function} fails as planned")


@slips.on_setup
def connect(args):
    if args["token"] != "token-of-the-destination":
        raise ValueError("this is no token")
    points.reach("setup")


@slips.on_format("*")
def plain(meta, event):
    points.visit("event")
    points.reach("plain")
    time.sleep(0 if points.is_healed() else event["seconds"])
    failing("plain", event)
    points.deliver("plain", event["ids"])


@slips.on_format("*", batch=7)
def batched(batch):
    points.reach("batched")
    for _, event in batch:
        failing("batched", event)
    points.deliver("batched", [name for _, event in batch for name in event["ids"]])


@slips.on_format("*")
def buffered(meta, event):
    failing("buffered", event)
    rows.extend(event["ids"])


@slips.on_flush
def flush():
    batch, rows[:] = rows[:], []
    if points.visit("flush") in points.FLUSH_FAILS and not points.is_calm():
        raise ConnectionError("the index does not answer, as planned")
    points.reach("flush")
    if batch:
        points.deliver("buffered", batch)


class Archive(S3Archive):
    """Refuses some events, is down at times, and is killed behind what it has written. The check reads its files."""

    def send(self, documents):
        points.reach("sent")
        failed = {
            meta: "sent fails as planned"
            for meta, event in documents
            if "sent" in event["fails"] and not points.is_healed()
        }
        try:
            super().send([document for document in documents if document.meta not in failed])
        except EventsFailed as fault:
            failed |= fault.failed
        points.visit("sent")
        if failed:
            raise EventsFailed(failed)


slips.send("*", to=Archive(points.ARCHIVE, file_rows=20, concurrency=2), name="sent")

for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
process_fast = app.on_kinesis_record(
    stream=slips.fast.stream, batch_size=slips.fast.batch_size, starting_position="TRIM_HORIZON"
)(slips.process_fast)
process_slow = app.on_kinesis_record(
    stream=slips.slow.stream, batch_size=slips.slow.batch_size, starting_position="TRIM_HORIZON"
)(slips.process_slow)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
retry = app.schedule("rate(1 minute)")(slips.retry)
app.register_blueprint(slips.api)
