"""OCSF, the schema of Security Lake and Verified Access. Its times are milliseconds; exporters also write seconds,
nanoseconds and text."""

from __future__ import annotations

from ..fields import Event, first_time
from ..json_format import JsonFormat
from ..registry import register

_TIME = ("time", "time_dt")


def _time_of(event: Event, reference: float) -> float | None:
    """time, else time_dt"""
    time = first_time(((event.get(name), None) for name in _TIME), reference)
    # The schema requires `time`: where it is all there is, a 0 is the producer's own word (docs/decisions/0023).
    return 0.0 if time is None and event.get("time") == 0 else time


register(
    JsonFormat(
        name="ocsf",
        tag="ocsf.<class_uid>",
        time=_time_of,
        signatures=(
            "class_uid, category_uid, type_uid, activity_id, severity_id, metadata",
            "class_uid, category_uid, metadata.version, metadata.product",
        ),
        description="Events of the Open Cybersecurity Schema Framework, of any class and source",
        variants=("`time` in milliseconds, seconds or as text, else `time_dt`",),
        document="OCSF Schema: Base Event, time",
        example=b'{"activity_id":1,"category_uid":3,"class_uid":3002,"class_name":"Authentication","type_uid":300201,'
        b'"severity_id":1,"time":1772356502481,"metadata":{"version":"1.3.0","product":{"vendor_name":"Example"}},'
        b'"user":{"name":"liz"},"src_endpoint":{"ip":"192.0.2.41"},"status_id":1}',
    ),
    JsonFormat(
        name="security-lake",
        tag="aws.security_lake",
        time=_TIME,
        signatures=("class_uid, category_uid, type_uid, activity_id, severity_id, metadata, accountid=*, region=*",),
        description="Security Lake, OCSF: JSON, or Parquet by [s3-parquet, security-lake]",
        document="Amazon Security Lake User Guide: Open Cybersecurity Schema Framework (OCSF) in Security Lake",
        example=b'{"activity_id":2,"category_uid":4,"class_uid":4001,"class_name":"Network Activity",'
        b'"type_uid":400102,"severity_id":1,"time":1772356502000,"accountid":"123456789012","region":"eu-west-1",'
        b'"cloud":{"provider":"AWS","region":"eu-west-1"},"src_endpoint":{"ip":"10.0.4.17","port":52814},'
        b'"dst_endpoint":{"ip":"192.0.2.41","port":443},"metadata":{"version":"1.1.0"}}',
    ),
    JsonFormat(
        name="verified-access",
        tag="aws.verified_access",
        time=(*_TIME, "start_time"),
        signatures=(
            "class_uid=208001|6007, http_request, http_response, device|actor, duration",
            "class_uid, http_request, metadata.product.name=*Verified Access*",
        ),
        description="Verified Access logs, OCSF",
        variants=("numbers as text, and `start_time` alone",),
        document="AWS Verified Access User Guide: Verified Access logs, OCSF",
        example=b'{"activity":"Access Grant","activity_id":"1","category_name":"Application Activity",'
        b'"category_uid":"8","class_name":"Access Logs","class_uid":"208001","device":{"ip":"192.0.2.41"},'
        b'"duration":"0.004","end_time":"1772356502485","time":"1772356502481","http_request":{"http_method":"GET",'
        b'"url":{"hostname":"intra.example.com"}},"http_response":{"code":200},"type_uid":"20800101"}',
    ),
)
