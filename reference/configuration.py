"""The page of slips.yml, key by key: names and what they take from the loader, meanings from its declarations, what
holds without a key from here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slips.config.declarations import Either, Entries, Items, Keys, Kind
from slips.config.schema import CONFIG

from .loader import OWN_NAMES, Key, find_keys
from .markdown import table

_HEAD = """\
# slips.yml, key by key

`make docs` writes this page. Which keys there are, and what each takes, is what the loader itself says. `slips check`
names every fault of a file at once, each with its path as it is written here. `[]` stands for each item of a list;
names in capitals are yours. The [file of this repository](../../slips.yml) shows all keys in one piece, with comments.

The environment variable `SLIPS_CONFIG` names another file: one for each
[stage of Chalice](../deployment.md#stages).
"""
_SECTIONS = {
    "The stack": "",
    "backend": "Topics, streams, tables and roles. What has an ARN here is used as it is, never created or removed.",
    "handler": "What your functions get, and what they run with.",
    "routing": "Which lane an object takes: the first rule that matches. A rule without a condition takes every\n"
    "object; one that no rule takes is an error item. Without this section, every object goes into the fast lane.",
    "bucket_mapping": "What the objects hold: the mapping with the longest prefix that matches. An object that no\n"
    "mapping takes is an error item.",
    "formats": "Formats of your own, without code: [patterns.md](../patterns.md) has the keys of each.",
    "buckets": "What calls on a bucket need beyond its name.",
    "limits": "What bounds broken or hostile objects. What passes a limit is an error item; memory stays bounded.",
    "alarms": "When [the alarms](metrics-and-alarms.md#alarms) ring, in five minutes where nothing else is said.\n"
    "`off` or 0 removes an alarm.",
    "api": "The REST API and the console.",
    "Other keys": "",
}
_OF_THE_STACK = (
    "stack_name",
    "description",
    "tags",
    "kms_key",
    "iam",
    "package_bucket",
    "deletion_protection",
    "termination_protection",
)
_BOXES = ("base", "iam", "ledger", "errors", "retry", "handler.policy")
"""Sections that say no more than their keys."""
WITHOUT = {
    "stack_name": "required",
    "backend.sns_topics": "one, named `dispatch`",
    "backend.sns_topics[].name": "required",
    "backend.sns_topics[].arn": "`STACK-NAME` is created",
    "backend.queue": "each topic calls a function",
    "backend.queue.batch_size": "10",
    "backend.queue.batch_window": "0",
    "backend.queue.event_bridge": "false",
    "backend.kinesis_stream_fast_arn": "`STACK-fast` is created",
    "backend.kinesis_stream_slow_arn": "`STACK-slow` is created",
    "backend.dynamodb_arn": "`STACK-errors` is created",
    "backend.dlq_sns_arn": "`STACK-dead-letters` is created",
    "backend.role_arn.event_pusher": "one is created",
    "backend.role_arn.dispatcher": "one each is created",
    "backend.role_arn.reporter": "one each is created",
    "backend.role_arn.drain": "one is created",
    "backend.lane.LANE.batch_size": "10",
    "backend.lane.LANE.batch_window": "0",
    "backend.lane.LANE.parallelization": "fast: 10, but 1 with the ARN of a stream; slow: 1",
    "backend.lane.LANE.processes": "1",
    "backend.lane.LANE.delay": "0",
    "backend.lane.LANE.shards": "on demand",
    "backend.lane.LANE.on_demand": "true, without `shards`",
    "handler.secrets_max_age": "600",
    "handler.policy[]": "nothing",
    "handler.role_arn": "one each is created",
    "handler.concurrency": "not reserved, but the slow lane's",
    "handler.security_group_ids": "no VPC",
    "handler.subnet_ids": "no VPC",
    "routing[].bucket": "any",
    "routing[].prefix": "any",
    "routing[].suffix": "any",
    "routing[].match": "any",
    "routing[].event": "any",
    "routing[].dest": "required",
    "bucket_mapping.BUCKET[].prefix": "the whole bucket",
    "bucket_mapping.BUCKET[].suffix": "any",
    "bucket_mapping.BUCKET[].match": "any",
    "bucket_mapping.BUCKET[].format": "required",
    "bucket_mapping.BUCKET[].on_missing": "an item `gone` or `superseded`",
    "bucket_mapping.BUCKET[].silent_minutes": "learned: `alarms.silence`",
    "buckets.BUCKET.requester_pays": "false",
    "limits.max_line_bytes": "16 MiB",
    "limits.max_object_bytes": "64 GiB",
    "limits.max_inflate_ratio": "1200",
    "limits.max_attempts": "3",
    "limits.errors_per_object": "100",
    "limits.sample_bytes": "2048",
    "alarms.late_minutes": "60",
    "alarms.unread_minutes": "15",
    "alarms.failed_percent": "1",
    "alarms.new_causes": "1",
    "alarms.error_items": "off",
    "alarms.waiting_minutes": "60",
    "alarms.silence": "3",
    "alarms.surge": "10",
    "alarms.api_errors": "5",
    "checkpoint_seconds": "60",
    "ledger.ttl_days": "30",
    "errors.sample": "masked",
    "errors.ttl_days": "never",
    "api.auth": "iam",
    "api.cors": "only the console",
    "api.access_log": "false",
    "api.throttle.rate": "the account's",
    "api.throttle.burst": "the account's",
    "kms_key": "AWS's own keys",
    "iam.path": "/",
    "package_bucket": "with the call",
    "deletion_protection": "true in a stage named prod",
    "termination_protection": "likewise",
    "retry.give_up_after": "43200",
    "log_objects": "true",
}
"""What holds without a key."""
SEE = {
    "backend.queue": "[How](../deployment.md#notifications-in-batches).",
    "backend.dynamodb_arn": "[What it must be](../deployment.md#what-is-created).",
    "handler.args.NAME": "[Secrets](../deployment.md#secrets).",
    "handler.policy[]": "[How](../deployment.md#permissions).",
    "bucket_mapping.BUCKET[].format": "[All formats](../formats.md).",
    "kms_key": "[The policy it needs](../deployment.md#what-companies-require).",
}
"""Where to read more of a key."""


def write_page() -> str:
    """Return the page."""
    lines = [_HEAD]
    keys = list(described_keys())
    for section, text in _SECTIONS.items():
        rows = [_row(key) for key in keys if _section(key) == section]
        lines += [f"## {section}", "", *([text, ""] if text else [])]
        lines += table(("key", "takes", "without it", "meaning"), rows)
    return "\n".join(lines)


def _section(key: Key) -> str:
    top = re.split(r"[.\[]", key.path)[0]
    return "The stack" if top in _OF_THE_STACK else top if top in _SECTIONS else "Other keys"


def described_keys() -> Iterator[Key]:
    """Yield the keys to describe: those of both lanes once, and no section that is only a box."""
    for key in find_keys():
        path = key.path.replace("backend.lane.fast", "backend.lane.LANE")
        is_box = not key.takes and (
            path in {*_SECTIONS, *OWN_NAMES, "backend.lane.LANE", *_BOXES} or path.endswith("[]")
        )
        if not path.startswith("backend.lane.slow") and not (is_box and path not in WITHOUT):
            yield Key(path, key.takes)


def find_meanings(kind: Kind = CONFIG, path: str = "", meaning: str = "") -> Iterator[tuple[str, str]]:
    """Yield each path of the declarations, and what is declared of it; items and entries are of their section."""
    if path:
        yield path.replace("backend.lane.fast", "backend.lane.LANE"), meaning
    match kind:
        case Keys():
            for name, (about, value) in kind.keys.items():
                yield from find_meanings(value, f"{path}.{name}" if path else name, about)
        case Entries():
            yield from find_meanings(kind.value, f"{path}.{OWN_NAMES.get(path, 'NAME')}", meaning)
        case Items():
            yield from find_meanings(kind.item, f"{path}[]", meaning)
        case Either():
            for each in kind.kinds:
                yield from find_meanings(each, path, meaning)


def undescribed() -> list[str]:
    """Return the keys that the loader knows and its declarations do not describe."""
    return [key.path for key in described_keys() if key.path not in _MEANINGS]


_MEANINGS = {**dict(find_meanings()), "formats.NAME": "A pattern format."}


def _row(key: Key) -> tuple[str, ...]:
    takes = key.takes.removeprefix("write ") if key.path != "handler.path" else ""
    meaning = " ".join(filter(None, (_MEANINGS[key.path], SEE.get(key.path))))
    return f"`{key.path}`", takes, WITHOUT.get(key.path, ""), meaning
