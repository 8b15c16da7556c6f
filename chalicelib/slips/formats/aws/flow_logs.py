"""VPC and Transit Gateway flow logs: text under a header line, in any order of columns, or JSON (as from Parquet)."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from typing import Any

from ...errors import ParseError
from ..base import Decoded, Format, ObjectInfo
from ..fields import Event
from ..json_format import Interpreter, loads
from ..patterns import Pattern
from ..registry import register
from ..row import MAX_COLUMNS, Shapes, check_shapes, loose_row, row_maker

# In the order of the documents' tables, which is that of the default formats.
VPC_COLUMNS = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes",
    "start", "end", "action", "log-status",  # version 2, the default
    "vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr",  # 3
    "region", "az-id", "sublocation-type", "sublocation-id",  # 4
    "pkt-src-aws-service", "pkt-dst-aws-service", "flow-direction", "traffic-path",  # 5
    "ecs-cluster-arn", "ecs-cluster-name", "ecs-container-instance-arn", "ecs-container-instance-id",
    "ecs-container-id", "ecs-second-container-id", "ecs-service-name", "ecs-task-definition-arn", "ecs-task-arn",
    "ecs-task-id",  # 7
    "reject-reason",  # 8
    "resource-id",  # 9
    "encryption-status",  # 10
)  # fmt: skip
TRANSIT_GATEWAY_COLUMNS = (
    "version", "resource-type", "account-id", "tgw-id", "tgw-attachment-id", "tgw-src-vpc-account-id",
    "tgw-dst-vpc-account-id", "tgw-src-vpc-id", "tgw-dst-vpc-id", "tgw-src-subnet-id", "tgw-dst-subnet-id",
    "tgw-src-eni", "tgw-dst-eni", "tgw-src-az-id", "tgw-dst-az-id", "tgw-pair-attachment-id", "srcaddr", "dstaddr",
    "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "log-status", "type",
    "packets-lost-no-route", "packets-lost-blackhole", "packets-lost-mtu-exceeded", "packets-lost-ttl-expired",
    "tcp-flags", "region", "flow-direction", "pkt-src-aws-service", "pkt-dst-aws-service",
)  # fmt: skip
NUMBERS = frozenset((
    "version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp-flags", "traffic-path",
    "packets-lost-no-route", "packets-lost-blackhole", "packets-lost-mtu-exceeded", "packets-lost-ttl-expired",
))  # fmt: skip
_SHAPES = {
    "version": Pattern("version", r"\d{1,2}"),
    "start": Pattern("start", r"\d{9,11}"),
    "action": Pattern("action", r"ACCEPT|REJECT"),
    "log-status": Pattern("log-status", r"OK|NODATA|SKIPDATA"),
    "resource-type": Pattern("resource-type", r"TransitGateway"),
}


@dataclass(frozen=True, kw_only=True)
class FlowFormat(Format):
    """A format of flow logs. `columns` are all that the document lists, `counts` the numbers of columns that the
    versions write by default, for files without a header; `shapes` are looked at in rows in which a number is none."""

    columns: tuple[str, ...]
    counts: tuple[int, ...]
    shapes: Shapes = field(default_factory=dict)
    accepts_objects: bool = True

    def parser(self, about: ObjectInfo) -> FlowParser:
        return FlowParser(self, about)


class FlowParser(Interpreter):
    """A parser that remembers the columns of the last header.

    It first reads a line as a row like the last one; only where that fails (a header has no numbers where a row has
    them) does it look more closely.
    """

    header_records = 1

    def __init__(self, declared: FlowFormat, about: ObjectInfo) -> None:
        super().__init__(declared, about)
        self._known = frozenset(declared.columns)
        self._counts = declared.counts
        self._defaults = declared.columns
        self._documented_shapes = declared.shapes
        self._has_header = False
        self._expect(declared.columns[: declared.counts[0]])
        self.decode = self._decode

    def _decode(self, record: bytes) -> Decoded:
        try:
            return self._make(record.decode("ascii").split(" "))
        except ValueError:
            return self._odd(record)

    def interpret(self, value: Any) -> Decoded:
        """Return the events of a decoded value; flow logs that go to Firehose have each row as the `message` of an
        object."""
        message = value.get("message") if isinstance(value, dict) and len(value) == 1 else None
        return self._decode(message.encode()) if isinstance(message, str) else super().interpret(value)

    def _expect(self, columns: tuple[str, ...]) -> None:
        numbers = frozenset(name for name in columns if _documented_name(name) in NUMBERS)
        self._make = row_maker(columns, numbers) if numbers else _not_a_row
        self._columns, self._numbers = columns, numbers
        shapes = self._documented_shapes
        self._shapes = {name: shapes[known] for name in columns if (known := _documented_name(name)) in shapes}

    def _odd(self, record: bytes) -> Decoded:
        text = record.decode().removeprefix("\ufeff")
        if text.lstrip().startswith(("{", "[")):
            return self.interpret(loads(text))
        cells = text.split()
        if self._is_header(cells):
            self._expect(tuple(_column_name(cell) for cell in cells))
            self._has_header = True
            return None
        if not self._has_header:
            self._expect(self._usual(cells))
        return check_shapes(loose_row(self._columns, cells, self._numbers), self._shapes)

    def _is_header(self, cells: list[str]) -> bool:
        known = sum(_documented_name(_column_name(cell)) in self._known for cell in cells[:MAX_COLUMNS])
        return known * 2 > len(cells)

    def _usual(self, cells: list[str]) -> tuple[str, ...]:
        """Return the default columns of the latest version that has at most as many as there are cells."""
        at = bisect(self._counts, len(cells))
        if at == 0:
            raise ParseError(f"at least {self._counts[0]} cells were expected (or a header), not {len(cells)}")
        return self._defaults[: self._counts[at - 1]]


def _not_a_row(cells: object) -> Event:  # noqa: ARG001 - the shape of MakeRow
    """Raise, for columns without a number, where a row and a header look alike at first."""
    raise ValueError


def _column_name(cell: str) -> str:
    """Return the name in a header's cell, which may be written as in the configuration: `${srcaddr}`."""
    return cell[2:-1] if cell.startswith("${") and cell.endswith("}") else cell


def _documented_name(name: str) -> str:
    """Return the document's spelling of a column; exports with Athena or to Parquet write it with underscores."""
    return name.lower().replace("_", "-")


register(
    FlowFormat(
        name="vpc-flow",
        tag="aws.vpc_flow",
        time=("start:s", "end:s"),
        columns=VPC_COLUMNS,
        counts=(14, 21, 25, 29, 39, 40, 41, 42),
        shapes=_SHAPES,
        signatures=(
            (
                "srcaddr|dstaddr|pkt-srcaddr|pkt_srcaddr, "
                "log-status|log_status|action|interface-id|interface_id|bytes, !tgw-id, !tgw-attachment-id, "
                "!resource-type, !log-status=[!ons]*"
            ),
        ),
        specificity=0.6,
        description="VPC flow logs of every version, columns in any order under a header",
        variants=(
            "columns in any order under a header, its names with `-`, `_` or as `${…}`",
            "without a header: the columns of version 2, or of 3, 4, 5, 7 to 10, by their number",
            "NODATA and SKIPDATA, `-` as None",
            'JSON, as from Parquet, and rows in it as Firehose gets them (`{"message": …}`)',
            "more cells than columns, under `extra`",
        ),
        refused=(
            "rows without a header whose version, start, action or status is invalid",
            "fewer than 14 cells without a header",
        ),
        document="Amazon VPC User Guide: Flow log records",
        example=b"2 123456789012 eni-0a1b2c3d4e5f60718 192.0.2.41 10.0.4.17 52814 443 6 20 4249 1772356502 1772356562 "
        b"ACCEPT OK",
    ),
    FlowFormat(
        name="transit-gateway-flow",
        tag="aws.transit_gateway_flow",
        time=("start:s", "end:s"),
        columns=TRANSIT_GATEWAY_COLUMNS,
        counts=(26, 31, 36),
        shapes=_SHAPES,
        signatures=("tgw-id|tgw-attachment-id, resource-type, srcaddr|dstaddr",),
        specificity=0.5,
        description="Transit Gateway flow logs, columns in any order under a header",
        variants=(
            "columns in any order under a header, its names with `-`, `_` or as `${…}`",
            "without a header: the 26, 31 or 36 columns that its versions write",
            'JSON, as from Parquet, and rows in it as Firehose gets them (`{"message": …}`)',
        ),
        refused=("rows of VPCs, and fewer than 26 cells without a header",),
        document="Amazon VPC: Transit Gateway Flow Log records",
        example=b"6 TransitGateway 123456789012 tgw-0a1b2c3d4e5f60718 tgw-attach-0b1c2d3e4f5061728 123456789012 "
        b"210987654321 vpc-0a11 vpc-0b22 subnet-0a11 subnet-0b22 eni-0a11 eni-0b22 euw1-az1 euw1-az2 "
        b"tgw-attach-0c1d2e3f405162738 10.1.4.17 10.2.8.3 52814 443 6 20 4249 1772356502 1772356562 OK IPv4 0 0 0 0 19 "
        b"eu-west-1 ingress - -",
    ),
)
