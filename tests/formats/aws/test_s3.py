"""S3 server access logs and inventory lists."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.aws import s3
from slips.formats.base import ObjectInfo, Parser
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read

ACCESS = get("s3-access").example
TIME = "2026-03-01T09:15:02.000000+00:00"
LOCKED = (
    '"shop","k","7","d41d8cd98f00b204e9800998ecf8427e-12","true","REPLICA","SSE-KMS","2027-03-01T00:00:00.000Z",'
    '"COMPLIANCE","OFF","ENABLED","SHA256"'
)


def test_a_row_of_a_server_access_log() -> None:
    access = one("s3-access", ACCESS)
    assert (access.tag, access.time) == ("aws.s3_access", TIME)
    assert len(access.event) == 26
    assert {name: access[name] for name in ("bucket", "time", "key", "request_uri", "referer", "tls_version")} == {
        "bucket": "shop",
        "time": "01/Mar/2026:09:15:02 +0000",
        "key": "photos/kitten.jpg",
        "request_uri": "GET /shop/photos/kitten.jpg?versionId=3HL4 HTTP/1.1",
        "referer": None,
        "tls_version": "TLSv1.3",
    }
    assert (access["http_status"], access["error_code"], access["object_size"]) == (200, None, 2662992)


@each_case(
    ("change", "fields"),
    [
        ((b"09:15:02 +0000", b"10:15:02 +0100"), {"time": "01/Mar/2026:10:15:02 +0100"}),
        ((b'"S3Console/0.4"', b'"a "b" c"'), {"user_agent": 'a "b" c', "version_id": "3HL4"}),
        ((b'"GET /shop/photos/kitten.jpg?versionId=3HL4 HTTP/1.1"', b"-"), {"request_uri": None, "http_status": 200}),
        ((b"TLSv1.3 - -", b"TLSv1.3 - Yes eu-west-1 mine too"), {"acl_required": "Yes", "extra": ["mine", "too"]}),
        ((b" SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader shop.s3.eu-west-1.amazonaws.com TLSv1.3 - -", b""), {}),
    ],
)
def test_the_odder_rows_of_a_server_access_log(change: tuple[bytes, bytes], fields: dict[str, Any]) -> None:
    row = ACCESS.replace(*change)
    assert row != ACCESS
    access = one("s3-access", row)
    assert {name: access[name] for name in fields} == fields
    assert access.time == TIME


@each_case(
    "uri",
    ['/shop/a"b', '/?q="a b"', '/?q="a b" "c d"', '/"', '/a" b', '/a "b', '/a" "b', "/'", r'/\"x y"'],
)
def test_a_request_may_hold_quotes(uri: str) -> None:
    row = ACCESS.replace(b"/shop/photos/kitten.jpg?versionId=3HL4", uri.encode())
    for access in read("s3-access", ACCESS, row, row, ACCESS)[1:3]:
        assert (access["request_uri"], access["http_status"]) == (f"GET {uri} HTTP/1.1", 200)
        assert (access["user_agent"], access["tls_version"], access.time) == ("S3Console/0.4", "TLSv1.3", TIME)


def test_quotes_that_leave_no_status_behind_the_request_are_refused() -> None:
    with pytest.raises(ParseError, match="status code"):
        read("s3-access", ACCESS.replace(b' HTTP/1.1"', b'" "HTTP"'))


@each_case(
    "broken",
    [
        b"",
        ACCESS[:150],
        ACCESS.replace(b"[", b""),
        ACCESS.replace(b"Mar", b"Mrz"),
        ACCESS.replace(b'HTTP/1.1"', b"HTTP"),
    ],
)
def test_what_is_not_a_row_of_a_server_access_log_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("s3-access", broken)


def test_an_inventory_of_all_versions() -> None:
    item = one("s3-inventory", get("s3-inventory").example)
    assert (item.tag, item.time) == ("aws.s3_inventory", TIME)
    assert item.event == {
        "Bucket": "shop",
        "Key": "photos/kitten.jpg",
        "VersionId": "3HL4kqtJlcpXroDTDmJ",
        "IsLatest": "true",
        "IsDeleteMarker": "false",
        "Size": 2662992,
        "LastModifiedDate": "2026-03-01T09:15:02.000Z",
        "ETag": "d41d8cd98f00b204e9800998ecf8427e",
        "StorageClass": "STANDARD",
        "IsMultipartUploaded": "false",
        "ReplicationStatus": None,
        "EncryptionStatus": "SSE-S3",
    }


@each_case(
    ("row", "columns"),
    [
        ('"shop","k"', []),
        ('"shop","k","7"', ["Size"]),
        ('"shop","k","2026-03-01T09:15:02.000Z","GLACIER_IR"', ["LastModifiedDate", "StorageClass"]),
        (
            '"shop","k","","false","true","","2026-03-01T09:15:02.000Z"',
            ["VersionId", "IsLatest", "IsDeleteMarker", "Size", "LastModifiedDate"],
        ),
        (
            LOCKED,
            [
                "Size", "ETag", "IsMultipartUploaded", "ReplicationStatus", "EncryptionStatus",
                "ObjectLockRetainUntilDate", "ObjectLockMode", "ObjectLockLegalHoldStatus", "BucketKeyStatus",
                "ChecksumAlgorithm",
            ],
        ),
    ],
)  # fmt: skip
def test_the_shapes_of_cells_tell_which_columns_were_configured(row: str, columns: list[str]) -> None:
    assert list(one("s3-inventory", row.encode()).event)[2:] == columns


ROWS = (
    get("s3-inventory").example,
    get("s3-inventory").example.replace(b'"', b""),
    LOCKED.encode(),
    b'"shop","k","007"',
    b'"shop","k",""',
    b'shop,"a"",""b",7',
    b'"shop","a"",""b"',
    b'"shop","k"',
    b'"shop","LAST_MODIFIED_DATE"',
    b'"lastmodifieddate","k"',
    b'"shop","k","","true","false"',
    b'"shop","k","LastModifiedDate","true","false"',
    b'"shop","k","{""a"":1}%s","%s"' % (b"x" * 40, b"a1" * 32),
    b'"shop","k","%s","%s"' % (b"x" * 41, b"a1" * 32),
    b'"Bucket","Key","LastModifiedDate"',
    b'"shop","k","2026-03-01T09:15:02.000Z"',
    b'"shop","k" ',
)


@each_case("before", ROWS)
def test_a_row_gives_the_same_whatever_row_came_before(before: bytes) -> None:
    for row in ROWS:
        parser = get("s3-inventory").parser(ObjectInfo())
        if decoded(parser, before) is not None:  # A header names the columns of the rows after it.
            assert decoded(parser, row) == decoded(get("s3-inventory").parser(ObjectInfo()), row)


def decoded(parser: Parser, row: bytes) -> Any:
    try:
        return parser.read(row)
    except ParseError as fault:
        return str(fault)


def test_rows_whose_columns_change_all_the_time_are_compiled_only_so_often() -> None:
    cells = b'"7"', b'"2026-03-01T09:15:02.000Z"', b'"STANDARD"', b'"REPLICA"', b'"SSE-S3"', b'"GOVERNANCE"', b'"On"'
    rows = [b'"shop","k",' + b",".join(each) for count in (3, 4) for each in combinations(cells, count)]
    parser = get("s3-inventory").parser(ObjectInfo())
    s3._row_of.cache_clear()
    for row in rows:
        assert len(decoded(parser, row)) == 2 + row.count(b",") - 1
    assert s3._row_of.cache_info().misses == s3._MOST_COMPILED < len(rows)


def test_a_header_after_rows_is_believed() -> None:
    parser = get("s3-inventory").parser(ObjectInfo())
    assert parser.read(b'"shop","k","7"') == {"Bucket": "shop", "Key": "k", "Size": 7}
    assert parser.read(b'"a","last_modified_date","b"') is None
    assert parser.read(b'"shop","k","7"') == {"a": "shop", "last_modified_date": "k", "b": "7"}


def test_a_header_is_believed() -> None:
    item = one("s3-inventory", b"bucket,key,size,last_modified_date", b"shop,k,7,2026-03-01T09:15:02.000Z")
    assert (item.event["size"], item.time) == ("7", TIME)


@each_case(
    "broken",
    [b"", b"shop", b'"shop",""', b'"shop","k","purple"', b'"shop","k","STANDARD","7"', b'"shop","k', b'"../","k","7"'],
)
def test_what_is_not_an_inventory_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("s3-inventory", broken)
