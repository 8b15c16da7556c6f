"""What SLIPS would read again and again: what its own reading, or the user's functions, write below a mapped prefix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ... import aws
from ...config import Config, Mapping
from ...config.access import S3Access
from ...config.routing import find_reader
from ...errors import DeploymentError
from ..aws_errors import error_code, explain_aws_errors, look_up

_OBJECTS = "AWS::S3::Object"


def policy_loops(config: Config) -> Iterator[str]:
    """Yield a line for each statement of `handler.policy` by which functions may write below a mapped prefix."""
    buckets = dict.fromkeys(mapping.bucket for mapping in config.mappings)
    for number, statement in enumerate(config.handler.policy.statements):
        actions = (action.lower() for action in statement.get("Action", ()))
        if statement["Effect"] != "Allow" or not any(fnmatchcase("s3:putobject", action) for action in actions):
            continue
        for resource in statement.get("Resource", ["*"]):
            name, key = _split_pattern(resource)
            readers = (find_reader(config, bucket, key) for bucket in buckets if fnmatchcase(bucket, name))
            if reader := next(filter(None, readers), None):
                yield (
                    f"handler.policy: statement {number + 1} lets functions write to {resource}, and {reader.path} "
                    "maps all or part of that: what they write there calls them again, without end; allow another "
                    "prefix or bucket, or drop it by a rule of `routing` (docs/loops.md)"
                )


def _split_pattern(resource: str) -> tuple[str, str]:
    """Return the pattern of the bucket, and what the keys begin with; of what is not of S3, nothing."""
    _, _, service, _, _, path = ("arn:*:s3:::*" if resource == "*" else resource).split(":", 5)
    if not fnmatchcase("s3", service):
        return "", ""
    bucket, slash, key = path.partition("/")
    # A bucket alone holds no object; `*` stands for slashes, too.
    return (bucket, re.split(r"[*?$]", key)[0]) if slash or bucket.endswith("*") else ("", "")


def account_loops(config: Config, of_sinks: Sequence[dict[str, Any]] = ()) -> Iterator[str]:
    """Yield a line for each log of the mapped buckets' own use that is mapped, too, for each stream of Firehose that
    delivers there, and for what could not be looked up. `of_sinks` are the statements for the sinks of app.py."""
    access = S3Access(config.buckets)
    targets: dict[str, tuple[str, str, Mapping]] = {}
    for bucket in sorted({mapping.bucket for mapping in config.mappings}):
        try:
            name, prefix = _find_log_target(access, bucket)
        except DeploymentError as error:
            yield str(error)
            continue
        if reader := find_reader(config, name, prefix):
            targets[bucket] = (name, prefix, reader)
    for bucket, (name, prefix, reader) in targets.items():
        if _comes_back(bucket, {source: target[0] for source, target in targets.items()}):
            yield (
                f"s3://{bucket} logs its requests to s3://{name}/{prefix}, which {reader.path} maps: each read of "
                "a log there is a request, which adds a line to another log, without end; log to a bucket that is not "
                "mapped, or drop them by a rule of `routing` (docs/loops.md)"
            )
    statements = [*of_sinks, *config.handler.policy.statements]
    for find in (_trail_loops(config), _stream_loops(config, statements)):
        try:
            yield from find
        except DeploymentError as error:
            yield str(error)


def _find_log_target(access: S3Access, bucket: str) -> tuple[str, str]:
    """Bucket and prefix of its server access logs; empty where it has none, or does not exist."""
    from botocore.exceptions import ClientError

    response: Any = {}
    with explain_aws_errors(f"the server access log of the bucket {bucket}"):
        try:
            response = access.client(bucket).get_bucket_logging(**access.bucket_parameters(bucket))
        except ClientError as error:
            if error_code(error) != "NoSuchBucket":
                raise
    target = response.get("LoggingEnabled", {})
    return target.get("TargetBucket", ""), target.get("TargetPrefix", "")


def _comes_back(bucket: str, targets: dict[str, str]) -> bool:
    """Whether the logs of the bucket, and the logs of their reading, lead to the bucket again."""
    at = targets[bucket]
    for _ in targets:
        if at == bucket:
            return True
        at = targets.get(at, "")
    return False


def _stream_loops(config: Config, statements: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Of the streams that functions may write to, by name."""
    arns = [arn for each in statements for arn in each.get("Resource", ()) if ":deliverystream/" in arn]
    for name in sorted({arn.rpartition("/")[2] for arn in arns if not re.search(r"[*?]", arn.rpartition("/")[2])}):
        describe = aws.client("firehose").describe_delivery_stream
        response: Any = look_up(f"the delivery stream {name}", describe, DeliveryStreamName=name)
        for target in response["DeliveryStreamDescription"]["Destinations"] if response else ():
            place = target.get("ExtendedS3DestinationDescription") or target.get("S3DestinationDescription")
            if not place:
                continue
            bucket, prefix = place["BucketARN"].rpartition(":")[2], place.get("Prefix", "").partition("!{")[0]
            if reader := find_reader(config, bucket, prefix):
                yield (
                    f"delivery stream {name}: delivers what functions send to s3://{bucket}/{prefix}, which "
                    f"{reader.path} maps: it calls them again, without end; deliver to another prefix or bucket, or "
                    "drop it by a rule of `routing` (docs/loops.md)"
                )


def _trail_loops(config: Config) -> Iterator[str]:
    client = aws.client("cloudtrail")
    with explain_aws_errors("the trails of this region"):
        trails = client.describe_trails(includeShadowTrails=False)["trailList"]
    for trail in trails:
        bucket, folder = trail["S3BucketName"], trail.get("S3KeyPrefix", "")
        prefix = f"{folder}/AWSLogs/" if folder else "AWSLogs/"
        reader = find_reader(config, bucket, prefix)
        if reader is None:
            continue
        with explain_aws_errors(f"the trail {trail['Name']}"):
            selectors: Any = client.get_event_selectors(TrailName=trail["TrailARN"])
        if _logs_reads(selectors, f"{bucket}/{prefix}"):
            yield (
                f"trail {trail['Name']}: logs each read of an object in s3://{bucket}, where it writes its logs, which "
                f"{reader.path} maps: reading them writes more logs, without end; leave the bucket out of its data "
                "events (docs/loops.md)"
            )


def _logs_reads(selectors: Any, path: str) -> bool:
    """Whether a trail has an event for each object that is read there (AWS CloudTrail API Reference,
    GetEventSelectors)."""
    for selector in selectors.get("EventSelectors") or ():
        if selector.get("ReadWriteType") != "WriteOnly":
            resources = [each for each in selector.get("DataResources", ()) if each["Type"] == _OBJECTS]
            if any(_is_about(arn, path) for each in resources for arn in each["Values"]):
                return True
    return any(
        _selects_reads({field["Field"]: field for field in selector["FieldSelectors"]}, path)
        for selector in selectors.get("AdvancedEventSelectors") or ()
    )


def _selects_reads(fields: dict[str, Any], path: str) -> bool:
    arns, of = fields.get("resources.ARN", {}), fields.get("resources.type", {})
    if _OBJECTS not in of.get("Equals", ()) or "false" in fields.get("readOnly", {}).get("Equals", ()):
        return False
    # Who leaves some users out means SLIPS.
    if any(name.startswith("Not") for name in fields.get("userIdentity.arn", {})):
        return False
    selected = [*arns.get("StartsWith", ()), *arns.get("Equals", ())]
    return (not selected or any(_is_about(arn, path) for arn in selected)) and not any(
        path.startswith(_path_of(arn)) for arn in arns.get("NotStartsWith", ())
    )


def _is_about(arn: str, path: str) -> bool:
    return path.startswith(_path_of(arn)) or _path_of(arn).startswith(path)


def _path_of(arn: str) -> str:
    """Bucket and key of an ARN; empty for that of all objects, `arn:aws:s3`."""
    return arn.partition(":::")[2]
