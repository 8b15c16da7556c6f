"""What AWS services write into buckets, log groups and streams."""

from slips.formats.registry import get

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
MS = 1772356502000
FLOW = "2 123456789012 eni-0a 192.0.2.41 10.0.4.17 52814 443 6 20 4249 1772356502 1772356562 ACCEPT OK"
NAMES = "date time x-edge-location sc-status c-ip"
CELLS = "2026-03-01\t09:15:02\tFRA56-P1\t200\t192.0.2.41"
STANDARD = "2026-03-01\t09:15:02\tFRA56-P1\t5\t192.0.2.41\tGET\ta.example\t/a\t200\t-\tx\t-"
ALB = get("alb").example.decode().replace("02.186641Z", "02Z")
CLB = get("clb").example.decode().replace("02.945958Z", "02Z")
TGW = get("transit-gateway-flow").example.decode()
S3 = get("s3-access").example.decode()
AUDIT = "ip-10-0-4-17,app,192.0.2.41,4711,168876953"
CONNECTION = "authenticated |Sun, 1 Mar 2026 09:15:02:000|192.0.2.41 |52814 |4711|shop |liz |password |0|{0}|{0}|0| | "
ACTIVITY = "[ db=shop user=liz pid=4711 userid=100 xid=392232 ]' LOG: select\n1"

READ: Read = {
    "alb": {
        "quotes inside a request or user agent": (
            written(
                ALB.replace("cart?id=7 HTTP", 'cart?id="7 8" HTTP'),
                {"elb_status_code": 200, "domain_name": "shop.example.com"},
            ),
            written(ALB.replace("Mozilla/5.0 (X11)", 'a "b" c'), {"user_agent": 'a "b" c', "ssl_protocol": "TLSv1.2"}),
        ),
        "`-` and `-1` where no target answered": written(
            ALB.replace("10.0.4.17:8080 0.000 0.048 0.037 200 200", "- -1 -1 -1 503 -", 1),
            {"target:port": None, "target_processing_time": -1, "target_status_code": None},
        ),
    },
    "alb-connection": {
        "`-` where a client showed no certificate": written(
            '2026-03-01T09:15:02Z 192.0.2.41 52814 443 - - - "-" - - Failed:ClientCertMaxChainDepthExceeded TID_1',
            {"leaf_client_cert_subject": None, "tls_handshake_latency": None},
        ),
    },
    "nlb": {
        "one protocol, several in quotes, or `-`": (
            written(get("nlb").example, {"alpn_client_preference_list": "h2,http/1.1"}),
            written(get("nlb").example.replace(b'"h2","http/1.1"', b"-"), {"alpn_client_preference_list": None}),
        ),
    },
    "clb": {
        "TCP listeners, without a request": written(
            CLB.replace("200 200", "- -").replace("GET http://shop.example.com:80/ HTTP/1.1", "- - - "),
            {"elb_status_code": None, "request": "- - - "},
        ),
        "quotes inside a request": written(CLB.replace(":80/ ", ':80/?q="a b" '), {"user_agent": "curl/8.5.0"}),
    },
    "vpc-flow": {
        "columns in any order under a header, its names with `-`, `_` or as `${…}`": (
            written(
                "start srcaddr action\n1772356502 192.0.2.41 REJECT", {"srcaddr": "192.0.2.41", "action": "REJECT"}
            ),
            written("start log_status\n1772356502 OK", {"log_status": "OK"}),
            written("${start} ${srcaddr}\n1772356502 192.0.2.41", {"srcaddr": "192.0.2.41"}),
        ),
        "without a header: the columns of version 2, or of 3, 4, 5, 7 to 10, by their number": (
            written(FLOW, {"log-status": "OK", "bytes": 4249}),
            written(
                FLOW + " vpc-0a subnet-0a i-0a 19 IPv4 192.0.2.41 10.0.4.17", {"tcp-flags": 19, "vpc-id": "vpc-0a"}
            ),
        ),
        "NODATA and SKIPDATA, `-` as None": written(
            "2 123456789012 eni-0a - - - - - - - 1772356502 1772356562 - NODATA",
            {"srcaddr": None, "log-status": "NODATA"},
        ),
        'JSON, as from Parquet, and rows in it as Firehose gets them (`{"message": …}`)': (
            written({"start": 1772356502, "srcaddr": "192.0.2.41"}, {"srcaddr": "192.0.2.41"}),
            written({"message": FLOW}, {"srcaddr": "192.0.2.41", "bytes": 4249}),
        ),
        "more cells than columns, under `extra`": written(FLOW + " x", {"extra": ["x"]}),
    },
    "transit-gateway-flow": {
        "columns in any order under a header, its names with `-`, `_` or as `${…}`": (
            written("resource-type start tgw-id\nTransitGateway 1772356502 tgw-0a", {"tgw-id": "tgw-0a"}),
            written("resource_type start tgw_id\nTransitGateway 1772356502 tgw-0a", {"tgw_id": "tgw-0a"}),
        ),
        "without a header: the 26, 31 or 36 columns that its versions write": written(
            " ".join(TGW.split()[:26]), {"log-status": "OK"}
        ),
        'JSON, as from Parquet, and rows in it as Firehose gets them (`{"message": …}`)': (
            written({"start": 1772356502, "tgw-id": "tgw-0a"}, {"tgw-id": "tgw-0a"}),
            written({"message": TGW}, {"log-status": "OK"}),
        ),
    },
    "cloudfront": {
        "any fields under `#Fields` or under their names alone, tabs or spaces between": (
            written(f"#Version: 1.0\n#Fields: {NAMES}\n{CELLS}", {"sc-status": 200, "c-ip": "192.0.2.41"}),
            written("{}\n{}".format(NAMES.replace(" ", "\t"), CELLS), {"sc-status": 200}),
            written(f"#Fields: {NAMES}\n" + CELLS.replace("\t", " "), {"sc-status": 200}),
        ),
        "no header: the documented columns, from 12 on": written(STANDARD, {"sc-status": 200, "cs-uri-query": None}),
        "JSON (version 2), with `date` and `time`, `timestamp` or `timestamp(ms)`": (
            written({"date": "2026-03-01", "time": "09:15:02", "sc-status": "200"}, {"sc-status": "200"}),
            written({"timestamp(ms)": str(MS)}),
            written({"timestamp": "1772356502"}),
        ),
    },
    "cloudfront-realtime": {
        "all fields in the documented order": written(
            get("cloudfront-realtime").example.replace(b"02.481", b"02.000"), {"sc-status": 200, "c-country": "DE"}
        ),
        "any fields under `#Fields` or under their names alone": written(
            "timestamp\tc-ip\tsc-status\n1772356502.000\t192.0.2.41\t200", {"sc-status": 200}
        ),
        "fewer than 38 fields without a header: `timestamp`, and the others under `extra`": written(
            "1772356502.000\t192.0.2.41\t200", {"extra": ["192.0.2.41", "200"]}
        ),
        "JSON": written({"timestamp": "1772356502.000", "sc-status": "200"}, {"sc-status": "200"}),
    },
    "cloudwatch-export": {
        "messages of several lines, and empty ones": written(
            f"{ISO} a\n  b\n{ISO} ", {"message": "a\n  b"}, {"message": ""}
        ),
    },
    "rds-mysql-audit": {
        "times as text or, from Aurora, in microseconds": (
            written(f"20260301 09:15:02,{AUDIT},QUERY,shop,'select 1',0", {"object": "select 1", "retcode": 0}),
            written(f"{MS}000,{AUDIT},QUERY,shop,'select 1',0", {"connectionid": 4711}),
        ),
        "statements with commas and escaped quotes": written(
            f"{MS}000,{AUDIT},QUERY,shop,'select \\'a, b\\'',0", {"object": "select 'a, b'"}
        ),
        "a connection type at the end, and an empty column after it": written(
            f"{MS}000,{AUDIT},CONNECT,shop,,0,SSL/TLS,", {"connection_type": "SSL/TLS", "object": ""}
        ),
    },
    "rds-postgresql": {
        "fractions, and zones by name or offset": (
            written(
                "2026-03-01 10:15:02.000 +01:app@shop:[4711]:LOG:  a".replace("+01:app", "+01::app"), {"message": "a"}
            ),
            written("2026-03-01 10:15:02 CET:[local]:app@shop:[4711]:LOG:  a", {"connection_from": "[local]"}),
        ),
        "a longer `log_line_prefix`, if it only adds to the end": written(
            "2026-03-01 09:15:02 UTC::app@shop:[4711]:psql:LOG:  a", {"prefix": "psql", "message": "a"}
        ),
        "statements of several lines": written(
            "2026-03-01 09:15:02 UTC::app@shop:[4711]:LOG:  statement: select\n\t1",
            {"message": "statement: select\n\t1"},
        ),
    },
    "redshift-connection": {
        "rows from 14 columns on": written(CONNECTION.format(" "), {"pid": 4711, "sslversion": None}),
        "with or without milliseconds after the seconds": written(
            CONNECTION.format("x").replace("02:000", "02"), {"sslcipher": "x"}
        ),
    },
    "redshift-useractivity": {
        "with or without ` UTC`, the quote and a fraction": (
            written(f"'2026-03-01T09:15:02Z UTC {ACTIVITY}", {"query": "select\n1"}),
            written("2026-03-01 09:15:02.000 " + ACTIVITY.replace("]'", "]"), {"pid": 4711}),
        ),
    },
    "route53-public-dns": {
        "`-` for no client subnet": written(
            f"1.0 {ISO} Z0123456789 a.example A NOERROR UDP FRA2-C1 192.0.2.41 -", {"edns_client_subnet": None}
        ),
    },
    "s3-access": {
        "quotes inside request, referer and user agent": written(
            S3.replace("kitten.jpg?", 'a"b.jpg?').replace('"S3Console/0.4"', '"a "b" c"'),
            {
                "user_agent": 'a "b" c',
                "http_status": 200,
                "request_uri": 'GET /shop/photos/a"b.jpg?versionId=3HL4 HTTP/1.1',
            },
        ),
        "`-` for any cell": written(S3.replace(" 200 - 113 ", " - - - "), {"http_status": None, "bytes_sent": None}),
    },
    "s3-inventory": {
        "the columns of any configuration, known by the shapes of their cells": (
            written('"shop","a.jpg","5","2026-03-01T09:15:02.000Z"', {"Size": 5}),
            written('"shop","a.jpg","v1","true","false","2026-03-01T09:15:02.000Z","STANDARD"', {"VersionId": "v1"}),
        ),
        "a header with names": written(
            "bucket,key,last_modified_date\nshop,a.jpg,2026-03-01T09:15:02.000Z", {"key": "a.jpg"}
        ),
    },
}

REFUSED: Refused = {
    "alb": {
        "rows of other load balancers under the same prefix, by type, time, client and status": (
            get("nlb").example,
            get("clb").example,
            get("alb-connection").example,
        )
    },
    "alb-connection": {
        "access log rows under the same prefix, by address and ports": (
            get("alb").example,
            get("clb").example,
        )
    },
    "nlb": {
        "rows of other load balancers under the same prefix, by type, version and time": (
            get("alb").example,
            get("clb").example,
        )
    },
    "clb": {
        "rows of other load balancers under the same prefix, by time, client and status": (
            get("alb").example,
            get("nlb").example,
            get("alb-connection").example,
        )
    },
    "vpc-flow": {
        "rows without a header whose version, start, action or status is invalid": (
            FLOW.replace("ACCEPT", "ALLOW").replace("20 4249", "x 4249"),
            " ".join(TGW.split()[:30]),
        ),
        "fewer than 14 cells without a header": ("2 123456789012 eni-0a",),
    },
    "transit-gateway-flow": {"rows of VPCs, and fewer than 26 cells without a header": (FLOW, FLOW + " x" * 20)},
    "cloudfront": {
        "rows without a header whose time, edge location or status is invalid": (
            STANDARD.replace("FRA56-P1", "eu-west-1"),
            STANDARD.replace("200", "OK"),
            STANDARD[5:],
        )
    },
    "cloudfront-realtime": {"rows without a header that do not begin with a time": ("192.0.2.41\t200", STANDARD)},
    "cloudwatch-export": {"records that do not begin with an ISO time in UTC": ("all of it", "2026-03-01T09:15:02 a")},
    "rds-mysql-audit": {"rows with fewer columns": ("20260301 09:15:02,a,app",)},
    "rds-postgresql": {"a `log_line_prefix` without `%t:%r:%u@%d:[%p]:`": ("2026-03-01 09:15:02 UTC [4711] LOG:  a",)},
    "redshift-connection": {
        "rows without a process id in the fifth column": (CONNECTION.format("x").replace("4711", "shop"),)
    },
    "redshift-useractivity": {
        "records without `db`, `user`, `pid`, `userid` and `xid`": (
            "'2026-03-01T09:15:02Z UTC [ db=shop ]' LOG: select 1",
        )
    },
    "route53-public-dns": {
        "rows of another number of cells, or without version and hosted zone": (
            f"1.0 {ISO} Z0123456789 a.example A",
            f"1.0 {ISO} zone a.example A NOERROR UDP FRA2-C1 192.0.2.41 -",
        )
    },
    "s3-access": {
        "rows without a time in brackets in the third column, or without a status": (
            S3.replace("[01", "01"),
            S3.replace(" 200 ", " OK "),
        )
    },
    "s3-inventory": {"cells that fit no column": ('"shop","a.jpg","all of it"',)},
}
