"""Route 53: what resolvers in VPCs asked, and what public zones were asked."""

from __future__ import annotations

from ...errors import ParseError
from ..fields import Event
from ..json_format import JsonFormat
from ..line_format import line_format
from ..patterns import abbreviate
from ..registry import register

register(
    JsonFormat(
        name="route53-resolver",
        tag="aws.route53_resolver",
        time="query_timestamp",
        signatures=("query_timestamp, query_name, query_type, vpc_id, rcode, srcids",),
        description="Route 53 Resolver query logs",
        document="Amazon Route 53 Developer Guide: Values that appear in VPC Resolver query logs",
        example=b'{"version":"1.100000","account_id":"123456789012","region":"eu-west-1","vpc_id":"vpc-0a1b2c3d",'
        b'"query_timestamp":"2026-03-01T09:15:02Z","query_name":"shop.example.com.","query_type":"A",'
        b'"query_class":"IN","rcode":"NOERROR","answers":[{"Rdata":"192.0.2.41","Type":"A","Class":"IN"}],'
        b'"srcaddr":"10.0.4.17","srcport":"52814","transport":"UDP","srcids":{"instance":"i-0a1b2c3d"}}',
    )
)

_COLUMNS = (
    "log_format_version", "query_timestamp", "hosted_zone_id", "query_name", "query_type", "response_code",
    "layer_4_protocol", "edge_location", "resolver_ip_address", "edns_client_subnet",
)  # fmt: skip


@line_format(
    "route53-public-dns",
    tag="aws.route53_public_dns",
    time="query_timestamp",
    signatures=("resolver_ip_address, hosted_zone_id=Z*",),
    specificity=0.6,
    variants=("`-` for no client subnet",),
    refused=("rows of another number of cells, or without version and hosted zone",),
    document="Amazon Route 53 Developer Guide: Public DNS query logging, Values that appear in DNS query logs",
    example=b"1.0 2026-03-01T09:15:02.481Z Z0123456789ABCDEFGHIJ shop.example.com A NOERROR UDP FRA2-C1 192.0.2.41 "
    b"198.51.100.0/24",
)
def route53_public_dns(line: str) -> Event:
    """Route 53 public DNS query logs."""
    cells = line.split()
    if len(cells) == len(_COLUMNS) and not (cells[0][1:2] == "." and cells[2][:1] == "Z"):
        raise ParseError(f"no version and hosted zone in the first and third column: {abbreviate(line)}")
    if len(cells) != len(_COLUMNS):
        raise ParseError(f"{len(_COLUMNS)} cells were expected, not {len(cells)}: {abbreviate(line)}")
    return {name: None if cell == "-" else cell for name, cell in zip(_COLUMNS, cells, strict=True)}
