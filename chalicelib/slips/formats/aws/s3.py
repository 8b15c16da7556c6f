"""S3: server access logs and inventory lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ...errors import ParseError
from ..base import Decoded, ObjectInfo
from ..day_times import clf
from ..fields import Event
from ..patterns import Pattern, abbreviate
from ..registry import register
from ..table_format import TableFormat, TableParser, header_naming, split_at_commas
from ..usual_lines import UsualLine, quoted_cells
from ..values import with_numbers
from .quoted import QuotedFormat


def _join_time(cells: list[str]) -> None:
    # [01/Mar/2026:09:15:02 +0000] is one column, with a space inside.
    if len(cells) < 4 or cells[2][:1] != "[" or cells[3][-1:] != "]":
        raise ParseError("no [time] in the third column")
    cells[2:4] = [f"{cells[2][1:]} {cells[3][:-1]}"]


def _access_time(event: Event, reference: float) -> float | None:  # noqa: ARG001 - the shape of a TimeFunction
    """[time]"""
    time = event.get("time")
    return clf(time) if isinstance(time, str) else None


register(
    QuotedFormat(
        name="s3-access",
        tag="aws.s3_access",
        time=_access_time,
        columns=(
            "bucket_owner", "bucket", "time", "remote_ip", "requester", "request_id", "operation", "key",
            "request_uri", "http_status", "error_code", "bytes_sent", "object_size", "total_time", "turn_around_time",
            "referer", "user_agent", "version_id", "host_id", "signature_version", "cipher_suite",
            "authentication_type", "host_header", "tls_version", "access_point_arn", "acl_required", "source_region",
        ),
        fewest=17,
        integers=frozenset(("http_status", "bytes_sent", "object_size", "total_time", "turn_around_time")),
        shapes={"http_status": Pattern("status code", r"\d{3}")},
        arrange=_join_time,
        signatures=("bucket_owner, operation, request_uri, bucket=*",),
        specificity=0.8,
        description="S3 server access logs, of every age; custom columns at the end under extra",
        variants=(
            "quotes inside request, referer and user agent",
            "`-` for any cell",
        ),
        refused=(
            "rows without a time in brackets in the third column, or without a status",
        ),
        document="Amazon S3 User Guide: Amazon S3 server access log format",
        example=b"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be shop [01/Mar/2026:09:15:02 +0000] "
        b"192.0.2.41 arn:aws:iam::123456789012:user/liz 3E57427F3EXAMPLE REST.GET.OBJECT photos/kitten.jpg "
        b'"GET /shop/photos/kitten.jpg?versionId=3HL4 HTTP/1.1" 200 - 113 2662992 7 6 "-" "S3Console/0.4" 3HL4 '
        b"s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 "
        b"ECDHE-RSA-AES128-GCM-SHA256 AuthHeader shop.s3.eu-west-1.amazonaws.com TLSv1.3 - -",
    )
)  # fmt: skip

_TIME = r"\d{4}-\d\d-\d\dT[\d:.]{8,16}Z?"
_FLAG = "true|false|(?i:true|false)"
# An inventory has no header; its configuration chooses among these columns but never their order, so that the shape of
# a cell tells which ones were left out. The second part is that shape (an empty cell fits any).
_SHAPES = {
    "Size": r"\d{1,20}",
    "LastModifiedDate": _TIME,
    "ETag": r"[0-9a-fA-F]{32}(?:-\d{1,5})?",
    "StorageClass": r"(?:STANDARD|ONEZONE)(?:_IA)?|REDUCED_REDUNDANCY|INTELLIGENT_TIERING|GLACIER(?:_IR)?"
    r"|DEEP_ARCHIVE|[A-Z]+_ONEZONE|OUTPOSTS|SNOW|FSX_[A-Z]+",
    "IsMultipartUploaded": _FLAG,
    "ReplicationStatus": r"PENDING|COMPLETED?|FAILED|REPLICA",
    "EncryptionStatus": r"(?:DSSE|SSE|NOT)-\w{1,4}(?:-\w{1,4})?",
    "ObjectLockRetainUntilDate": _TIME,
    "ObjectLockMode": r"GOVERNANCE|COMPLIANCE",
    "ObjectLockLegalHoldStatus": r"(?i:on|off)",
    "IntelligentTieringAccessTier": r"FREQUENT|INFREQUENT|(?:ARCHIVE|DEEP_ARCHIVE)(?:_INSTANT)?(?:_ACCESS)?",
    "BucketKeyStatus": r"ENABLED|DISABLED",
    "ChecksumAlgorithm": r"(?:CRC|SHA)\w{1,8}(?:[,|] ?(?:CRC|SHA)\w{1,8}){0,8}",
    "ObjectAccessControlList": r"[A-Za-z0-9+/=_{-][^\0]{40,}",
    "ObjectOwner": r"[0-9a-f]{64}",
    "LifecycleExpirationDate": _TIME,
}  # fmt: skip
_COLUMNS = tuple((name, Pattern(name, shape)) for name, shape in _SHAPES.items())
_NUMBERS = frozenset(("Size",))
_HEADER = "LastModifiedDate", "last_modified_date"
"""A row with one of these is a header."""
_MOST_COMPILED = 16
"""Configurations of one object that are compiled, which takes as long as reading hundreds of rows."""
_NO_HEADER = r'(?![Ll](?i:ast_?modified_?date)")'
_VERSIONS = ("VersionId", "IsLatest", "IsDeleteMarker")
_BUCKET = Pattern("bucket", r"[A-Za-z0-9][\w.-]{1,254}")
_IS = Pattern("true or false", _FLAG)


class InventoryFormat(TableFormat):
    """A format of the rows of an inventory list, of any configuration."""

    def parser(self, about: ObjectInfo) -> TableParser:
        return InventoryParser(self, about)


class InventoryParser(TableParser):
    """A parser that finds the columns of a row by the shapes of its cells, where no header names them. A row mostly has
    the columns of the one before, and its cells in quotes."""

    _read: Callable[[bytes], Event | None] | None = None
    _lessons = 0

    def _decode(self, record: bytes) -> Decoded:
        if self._read is not None and not self._columns and (event := self._read(record)) is not None:
            return event
        return super()._decode(record)

    def _row(self, cells: list[str]) -> Event:
        if self._columns:
            return with_numbers(super()._row(cells), _NUMBERS)
        event = _by_shape(cells)
        if self._lessons < _MOST_COMPILED:
            self._lessons += 1
            self._read = _row_of(tuple(event))
        return with_numbers(event, _NUMBERS)


@lru_cache(maxsize=64)
def _row_of(columns: tuple[str, ...]) -> Callable[[bytes], Event | None]:
    """Return the function from a row of these columns, each cell in quotes, to its event; None for any other row, and
    for one that `_by_shape` would name otherwise."""
    known = {name: shape.replace(r"[^\0]", r'[^\0"]') for name, shape in _SHAPES.items()}
    shapes = {"Bucket": _NO_HEADER + r"[A-Za-z0-9][\w.-]{1,254}+", "Key": _NO_HEADER + r'[^"]++'}
    names, at = list(known), 0
    for column in columns[2:]:
        if column in _VERSIONS:
            shapes[column] = _NO_HEADER + r'[^"]*+' if column == "VersionId" else _FLAG
            continue
        skipped = "|".join(known[name] for name in names[at : names.index(column)])
        at = names.index(column) + 1
        # An empty cell is of the next column.
        shapes[column] = rf'(?!(?:{skipped})")(?:{known[column]})' if skipped else f"{known[column]}|"
    row = UsualLine(quoted_cells(columns, shapes), columns, integers=_NUMBERS, absent=columns, absent_text="")
    return row.decoder(lambda line: None)  # noqa: ARG005 - the shape of a parser


def _by_shape(cells: list[str]) -> Event:
    if len(cells) < 2 or _BUCKET.find(cells[0]) is None or not cells[1]:
        raise ParseError("bucket and key were expected at the beginning")
    event: Event = {"Bucket": cells[0], "Key": cells[1]}
    rest = cells[2:]
    if len(rest) >= 3 and all(_IS.find(cell) for cell in rest[1:3]):
        event |= zip(_VERSIONS, (rest[0] or None, *rest[1:3]), strict=True)
        rest = rest[3:]
    columns = iter(_COLUMNS)
    for cell in rest:
        name = next((name for name, shape in columns if not cell or shape.find(cell)), None)
        if name is None:
            raise ParseError(f"no inventory column of this shape is allowed here: {abbreviate(cell)}")
        event[name] = cell or None
    return event


register(
    InventoryFormat(
        name="s3-inventory",
        tag="aws.s3_inventory",
        time=("LastModifiedDate", "last_modified_date", "last_modified"),
        framing="s3-csv",
        split=split_at_commas,
        header=header_naming(*_HEADER),
        absent=("",),
        specificity=0.7,
        description="S3 Inventory lists in CSV, of any configuration; keys stay URL-encoded",
        variants=(
            "the columns of any configuration, known by the shapes of their cells",
            "a header with names",
        ),
        refused=("cells that fit no column",),
        document="Amazon S3 User Guide: Amazon S3 Inventory list",
        example=b'"shop","photos/kitten.jpg","3HL4kqtJlcpXroDTDmJ","true","false","2662992","2026-03-01T09:15:02.000Z",'
        b'"d41d8cd98f00b204e9800998ecf8427e","STANDARD","false","","SSE-S3"',
    )
)
