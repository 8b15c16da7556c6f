"""Files of curated events in S3, in folders by format and hour: for Athena, DuckDB, Spark, and `slips parse`."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, NoReturn

from ..aws.retry import is_transient
from ..config.access import S3Access
from ..config.arns import KEY
from ..config.prefixes import match_prefix, may_overlap
from ..config.settings import MIB
from ..errors import EventFailed, EventsFailed, ParseError, RegistrationError, SlipsError
from ..model.meta import Meta
from .archive_files import FILE_KINDS
from .archive_rows import Shelf, make_line, name_file, shelf_of
from .base import Document, Encoded, Sink, encode_all, pieces
from .emulated import create_bucket

if TYPE_CHECKING:
    from ..config import Config

ROWS: Final = 5_000
BYTES: Final = 32 * MIB
MOST_ROWS: Final = 20_000
MOST_BYTES: Final = 256 * MIB
"""Of a file, and so of a batch in memory."""
MOST_PREFIX: Final = 512
"""Characters. A key may have 1,024 bytes (Amazon S3 User Guide, "Naming Amazon S3 objects")."""
# Characters that need no care in a key, and are not special in a policy; no segment that begins with a dot.
_TARGET: Final = re.compile(r"s3://([A-Za-z0-9._-]+)/((?:[A-Za-z0-9_=-][A-Za-z0-9_.=-]*/)*)")
_KEY: Final = re.compile(rf"arn:aws(-[a-z]+)*:kms:{KEY.region}:{KEY.account}:{KEY.resource}")
_ADVICE: Final = {
    "NoSuchBucket": "create the bucket, or correct its name in app.py",
    "AccessDenied": "allow s3:PutObject there, and kms:GenerateDataKey on the key that encrypts the bucket",
}

Format = Literal["ndjson.gz", "ndjson.zst", "parquet"]
Encryption = Literal["", "AES256", "aws:kms"]


class S3Archive(Sink):
    """Files below `s3://BUCKET/PREFIX/`, in folders `format=…/year=…/month=…/day=…/hour=…` by the time of the event in
    UTC. See `archive_rows` for what a row holds, and for the names of files.

    A file has at most `file_rows` rows and `file_bytes` bytes, counted as JSON; a row that has more fails alone. Each
    is one PutObject, which S3 takes whole or not at all; where one fails, the rows of the files before do not come
    again. At least once: the same rows overwrite their own file, and rows that come again in another batch are there
    twice, with the same `event_id`. Raises RegistrationError.
    """

    kind: ClassVar[str] = "s3-archive"

    def __init__(
        self, target: str, *, format: Format = "ndjson.gz", file_rows: int = ROWS, file_bytes: int = BYTES,
        encryption: Encryption = "", kms_key: str = "", concurrency: int | Literal["adaptive"] = 4,
    ) -> None:  # fmt: skip
        self._bucket, self._prefix = _read_target(target)
        self.destination = f"s3://{self._bucket}/{self._prefix}"
        self._encryption = _read_encryption(encryption, kms_key)
        self._kms_key = kms_key
        self.size = _read_number("file_rows", file_rows, 1, MOST_ROWS)
        self.most_bytes = _read_number("file_bytes", file_bytes, MIB, MOST_BYTES)
        self.most_seconds = math.inf  # Large files are cheaper to read, and nobody waits for them.
        self.concurrency = concurrency
        if format not in tuple(FILE_KINDS):
            raise RegistrationError(f"S3Archive: format is one of {', '.join(FILE_KINDS)}, not {format!r:.100}")
        if format == "parquet" and find_spec("pyarrow") is None:
            raise RegistrationError(
                'S3Archive: format="parquet" needs pyarrow, which is not part of SLIPS: install slips[parquet]'
            )
        self.packages = ("pyarrow",) if format == "parquet" else ()
        self._file_kind = FILE_KINDS[format]
        self._access = S3Access({})

    def check(self, config: Config) -> None:
        """See `Sink.check`: SLIPS must not read what it wrote. `buckets` of slips.yml says how to call S3."""
        self._access = S3Access(config.buckets)
        for mapping in config.mappings:
            is_below = match_prefix(mapping.prefix, self._prefix) >= 0
            if mapping.bucket == self._bucket and may_overlap(mapping.prefix, self._prefix):
                raise RegistrationError(
                    f'S3Archive("{self.destination}") lies {"below" if is_below else "above"} the prefix '
                    f'"{mapping.prefix}" that {mapping.path or "slips.yml"} maps, so SLIPS would read its own files '
                    "again and again: choose another prefix or bucket"
                )

    def send(self, documents: Sequence[Document]) -> None:
        """See `Sink.send`."""
        failed: dict[Meta, BaseException | str] = {}
        shelves: dict[Shelf, list[Encoded]] = {}
        for row in encode_all(documents, failed, most_bytes=self.most_bytes, to_bytes=make_line):
            try:
                shelves.setdefault(shelf_of(row.meta), []).append(row)
            except (ParseError, EventFailed) as fault:
                failed[row.meta] = fault
        files = [
            (shelf, piece)
            for shelf, rows in shelves.items()
            for piece in pieces(rows, most=self.size, most_bytes=self.most_bytes)
        ]
        for number, (shelf, rows) in enumerate(files):
            try:
                self._put(shelf, rows)
            except Exception as fault:
                if number == 0:
                    raise
                # The rows of the files before would be in other files, too, if they came again with the rest.
                failed |= {row.meta: fault for _, each in files[number:] for row in each}
                break
        if failed:
            raise EventsFailed(failed)

    def _put(self, shelf: Shelf, rows: Sequence[Encoded]) -> None:
        from botocore.exceptions import ClientError

        lines = b"".join(row.data for row in rows)
        key = f"{self._prefix}{shelf.folder}{name_file(shelf, rows, lines)}.{self._file_kind.suffix}"
        body, content_type = self._file_kind.to_bytes(lines), self._file_kind.content_type
        try:
            # No ContentEncoding: HTTP clients would inflate what readers know by its name.
            self._access.client(self._bucket).put_object(
                **self._access.bucket_parameters(self._bucket), Key=key, Body=body, ContentType=content_type,
                **self._encryption,
            )  # fmt: skip
        except ClientError as fault:
            if is_transient(fault):
                raise
            self._explain(fault)

    def _explain(self, fault: Any) -> NoReturn:
        """Say what to do about a refusal that does not pass by itself."""
        code, message = (str(fault.response["Error"].get(name, "")) for name in ("Code", "Message"))
        advice = _ADVICE.get(code, "correct the bucket, its policy or its key")
        raise SlipsError(f"{self.destination}: S3 says {code}: {message.rstrip('.')}; {advice}") from fault

    def emulate(self) -> None:
        """See `Sink.emulate`."""
        create_bucket(self._bucket)

    def statements(self) -> Sequence[dict[str, Any]]:
        """See `Sink.statements`."""
        arn = f"arn:*:s3:::{self._bucket}/{self._prefix}*"
        statements: list[dict[str, Any]] = [{"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [arn]}]
        if self._kms_key:
            condition = {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com*"}}
            use = {"Action": ["kms:GenerateDataKey"], "Resource": [self._kms_key], "Condition": condition}
            statements.append({"Effect": "Allow", **use})
        if role := self._access.role(self._bucket):
            statements.append({"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": [role]})
        return statements


def _read_target(target: object) -> tuple[str, str]:
    """Return bucket and prefix; a prefix ends with a slash, or is empty."""
    text = target if isinstance(target, str) else ""
    match = _TARGET.fullmatch(text if text.endswith("/") else f"{text}/")
    if match is None or len(match[2]) > MOST_PREFIX:
        raise RegistrationError(
            f'S3Archive: write the target as "s3://BUCKET/PREFIX/", of at most {MOST_PREFIX} letters, digits and '
            f"the characters - _ . = /, not {target!r:.100}"
        )
    return match[1], match[2]


def _read_encryption(encryption: object, kms_key: object) -> dict[str, Any]:
    """Return the arguments of PutObject; without any, the bucket's default applies."""
    if encryption not in ("", "AES256", "aws:kms"):
        raise RegistrationError(f'S3Archive: encryption is "AES256" or "aws:kms", not {encryption!r:.100}')
    if not kms_key:
        return {"ServerSideEncryption": encryption} if encryption else {}
    if encryption == "AES256":
        raise RegistrationError('S3Archive: kms_key has no effect with encryption="AES256": remove one of them')
    if not isinstance(kms_key, str) or not _KEY.fullmatch(kms_key):
        raise RegistrationError(f"S3Archive: write the ARN of a KMS key, {KEY.example}, not {kms_key!r:.100}")
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}


def _read_number(name: str, value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise RegistrationError(f"S3Archive: {name} is a number from {least:,} to {most:,}, not {value!r:.100}")
    return value
