"""Functions that fail, wait, stall and are killed where the events say so, and write into the bucket what they took."""

import json
import os
import signal
import time
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError
from chalice import Chalice

from chalicelib import ParseError, Slips
from slips.errors import RetryLater
from slips.sinks import S3Archive

BUCKET = "LIVE_BUCKET"
app = Chalice(app_name="LIVE_NAME")
slips = Slips(app, config="slips.yml")
s3 = None


@slips.on_setup
def connect(args):
    global s3
    s3 = boto3.client("s3")


def happens_first(name):
    """Tell whether no process has asked this before, of all that there were: S3 takes only one first object."""
    try:
        s3.put_object(Bucket=BUCKET, Key=f"marks/{name}", Body=b"", IfNoneMatch="*")
    except ClientError as refused:
        if refused.response["Error"]["Code"] not in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise
        return False
    return True


def is_healed():
    """Tell whether functions and parsers are mended."""
    try:
        s3.get_object(Bucket=BUCKET, Key="marks/healed")
    except ClientError:
        return False
    return True


def suffer(event, point):
    """Do what the event asks for at this point."""
    if event.get("kill") == point and happens_first(f"kill-{event['id']}"):
        os.kill(os.getpid(), signal.SIGKILL)
    if event.get("stall") == point and happens_first(f"stall-{event['id']}"):
        time.sleep(900)  # The function's time is over before.
    if event.get("later") == point and happens_first(f"later-{event['id']}"):
        raise RetryLater("the destination is down, as planned")
    if event.get("fail") == point and not is_healed():
        raise ValueError("fails as planned")


@slips.format("live")
def live(record: bytes):
    """Read a line, of which some are broken until they are mended."""
    event = json.loads(record)
    if event.get("broken") and not is_healed():
        raise ParseError("broken as planned")
    return event


@slips.on_format("live", batch=50)
def taken(batch):
    """Write down what came, and die before or behind it."""
    for _, event in batch:
        suffer(event, "before")
    body = "".join(f"{event['id']}\n" for _, event in batch)
    s3.put_object(Bucket=BUCKET, Key=f"taken/{uuid4().hex}", Body=body.encode())
    for _, event in batch:
        if event.get("kill") == "behind" and happens_first(f"kill-{event['id']}"):
            os.kill(os.getpid(), signal.SIGKILL)


class Archive(S3Archive):
    """Dies behind what it has written."""

    def send(self, documents):
        super().send(documents)
        for _, event in documents:
            if event.get("kill") == "sent" and happens_first(f"kill-{event['id']}"):
                os.kill(os.getpid(), signal.SIGKILL)


slips.send("live", to=Archive(f"s3://{BUCKET}/sent/", file_rows=100), name="sent")

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
