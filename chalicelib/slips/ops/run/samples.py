"""A folder of buckets: FOLDER/<bucket>/<key> becomes that object."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from ... import aws
from ...errors import SlipsError
from ..output import escaped


def list_samples(folder: Path) -> list[tuple[str, str, Path]]:
    """List bucket, key and file of every sample, in order, without hidden files."""
    return sorted(_walk(folder)) if folder.is_dir() else []


def _walk(folder: Path) -> Iterator[tuple[str, str, Path]]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and len(parts) > 1 and not any(part.startswith(".") for part in parts):
            yield parts[0], "/".join(parts[1:]), path


def upload(bucket: str, key: str, path: Path) -> None:
    """Upload the file as that object. Raises SlipsError, with the path, if that fails."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with path.open("rb") as content:
            aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    # A key is at most 1,024 bytes of UTF-8; a file name may be longer, or not UTF-8.
    except (BotoCoreError, ClientError, OSError, UnicodeError) as fault:
        raise SlipsError(f"{escaped(str(path))} cannot be uploaded: {fault}") from fault


def require_samples(folder: Path) -> list[tuple[str, str, Path]]:
    """List the samples of a folder that the user named. Raises click.UsageError if it holds none."""
    if not folder.is_dir():
        raise click.UsageError(f"--samples: no such folder: {folder}")
    samples = list_samples(folder)
    if not samples:
        raise click.UsageError(f"--samples: {folder} has no file <bucket>/<key>")
    return samples
