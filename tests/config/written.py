"""Builders of slips.yml files."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from slips.config import Config, load
from slips.errors import ConfigError

ACCOUNT = "eu-west-1:123456789012"
TOPIC = f"arn:aws:sns:{ACCOUNT}:uploads"
STREAM = f"arn:aws:kinesis:{ACCOUNT}:stream/uploads"
TABLE = f"arn:aws:dynamodb:{ACCOUNT}:table/upload-errors"
KEY = f"arn:aws:kms:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
POLICY = "arn:aws:iam::aws:policy/AmazonSNSFullAccess"
ROLE = "arn:aws:iam::123456789012:role/service/slips"

FORMATS = frozenset({"s3-lines", "s3-json", "json", "syslog", "cloudtrail", "g-suite-login", "azure-ad-event"})


def load_text(content: str | bytes, *, formats: Collection[str] | None = None) -> Config:
    """Load a file with that content."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "slips.yml")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load(path, formats=formats)


def faults_of(content: str | bytes, *, formats: Collection[str] | None = None) -> list[str]:
    """Return the faults of a file with that content, none if it is valid; the folder is cut from the file's name."""
    try:
        load_text(content, formats=formats)
    except ConfigError as error:
        return [fault[fault.index("slips.yml:") :] if fault.startswith("/") else fault for fault in error.faults]
    return []


def with_keys(**keys: object) -> str:
    """Return the smallest file without a warning, plus those keys."""
    whole = {"stack_name": "slips", "bucket_mapping": {"logs": [{"format": "cloudtrail"}]}, **keys}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


def config(**keys: object) -> Config:
    """Load the smallest file with those keys."""
    return load_text(with_keys(**keys))


def faults(**keys: object) -> list[str]:
    """Return the faults of the smallest file with those keys."""
    return faults_of(with_keys(**keys))
