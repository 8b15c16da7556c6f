"""A folder of buckets: FOLDER/<bucket>/<key> becomes that object."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from ... import aws
from ...errors import SlipsError


def list_samples(folder: Path) -> list[tuple[str, str, Path]]:
    """Bucket, key and file of every sample, in order. Hidden files are none."""
    return sorted(_found(folder)) if folder.is_dir() else []


def _found(folder: Path) -> Iterator[tuple[str, str, Path]]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and len(parts) > 1 and not any(part.startswith(".") for part in parts):
            yield parts[0], "/".join(parts[1:]), path


def upload(bucket: str, key: str, path: Path) -> None:
    """Put the file as an object of that name. Raises SlipsError, with the path, where that cannot be done."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with path.open("rb") as content:
            aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    # A key is UTF-8 of 1,024 bytes at most; the name of a file may be something else.
    except (BotoCoreError, ClientError, OSError, UnicodeError) as fault:
        raise SlipsError(f"{printable(path)} cannot become an object: {fault}") from fault


def printable(path: Path) -> str:
    """The path as a terminal can show it."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else "?" for char in text)


def require_samples(folder: Path) -> list[tuple[str, str, Path]]:
    """The samples of a folder that the caller named. Raises click.UsageError where it holds none."""
    if not folder.is_dir():
        raise click.UsageError(f"--samples: there is no folder {folder}")
    samples = list_samples(folder)
    if not samples:
        raise click.UsageError(f"--samples: {folder} holds no {folder}/<bucket>/<key>")
    return samples
