"""What runs on hosts and watches them."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
MS = 1772356502000
ALERT = "Alert Level: 3; Rule: 5501 - Login opened.; Location: web-3->/var/log/auth.log; user: liz; a b"

READ: Read = {
    "auditbeat": {
        "records of the auditd, file integrity and system modules": (
            written({"@timestamp": ISO, "auditd": {"summary": {"how": "/bin/sh"}}}),
            written({"@timestamp": ISO, "event": {"module": "file_integrity"}}),
        )
    },
    "packetbeat": {
        "the fields of version 6 and earlier, and those of ECS": (
            written(
                {"@timestamp": ISO, "type": "dns", "query": "a", "client_ip": "192.0.2.41"},
                {"message": "a from 192.0.2.41"},
            ),
            written(
                {"@timestamp": ISO, "type": "dns", "query": "a", "client": {"ip": "192.0.2.41"}},
                {"message": "a from 192.0.2.41"},
            ),
        )
    },
    "falcon": {
        "`timestamp` as digits or ISO 8601": (
            written({"event_simpleName": "a", "timestamp": str(MS)}),
            written({"event_simpleName": "a", "timestamp": ISO}),
        )
    },
    "crowdstrike-stream": {
        "`eventCreationTime` in milliseconds or seconds": (
            written({"metadata": {"eventCreationTime": MS}, "event": {}}),
            written({"metadata": {"eventCreationTime": 1772356502}, "event": {}}),
        ),
        "objects over several lines, one after another": written(
            '{\n "metadata": {\n  "eventCreationTime": 1772356502000 } }\n' * 2, {}, {}
        ),
    },
    "crowdstrike-fdr": {
        "events of the sensor, also inside `event`, and inventory files": (
            written({"event_simpleName": "a", "ContextTimeStamp": "1772356502.000"}),
            written({"event": {"event_simpleName": "a", "timestamp": str(MS)}}),
            written({"aid": "a", "Time": "1772356502.0", "ComputerName": "web-3"}),
        )
    },
    "ossec": {
        "the manager's JSON, and its syslog output: default, json, splunk, cef": (
            written({"timestamp": "2026-03-01T09:15:02.000+0000", "rule": {"id": "1"}}, {"rule": {"id": "1"}}),
            written(
                f"<132>Mar  1 09:15:02 mgr ossec: {ALERT}", {"location": "web-3->/var/log/auth.log", "user": "liz"}
            ),
            written('<132>Mar  1 09:15:02 mgr ossec: {"crit":3,"id":5501}', {"crit": 3, "hostname": "mgr"}),
            written('<132>Mar  1 09:15:02 mgr ossec: crit=3 id=5501 message="a b"', {"id": "5501"}),
            written("<132>Mar  1 09:15:02 mgr ossec: CEF:0|A|OSSEC|1|5501|Login|3|dvc=mgr", {"dvc": "mgr"}),
        ),
    },
    "sentinelone": {
        "activities, threats and alerts": (
            written({"createdAt": ISO, "activityType": 27}),
            written({"threatInfo": {"createdAt": ISO}}),
            written({"alertInfo": {"createdAt": ISO}}),
        )
    },
    "carbonblack": {
        "endpoint events, alerts and audit notifications": (
            written({"device_timestamp": "2026-03-01 09:15:02.000 +0000 UTC"}),
            written({"create_time": ISO}),
            written({"notifications": [{"eventTime": MS}]}),
        )
    },
    "osquery": {
        "`unixTime`, else `calendarTime`": (
            written({"name": "a", "unixTime": 1772356502}),
            written({"name": "a", "calendarTime": "Sun Mar  1 09:15:02 2026 UTC"}),
        )
    },
    "falco": {
        "`time`, else `evt.time` in nanoseconds": written({"rule": "a", "output_fields": {"evt.time": MS * 10**6}})
    },
    "sysdig-audit": {
        "`timestamp` in nanoseconds, `timestampNs` or RFC 3339": (
            written({"timestamp": MS * 10**6, "content": {}}),
            written({"timestampRFC3339Nano": ISO, "content": {}}),
        )
    },
}

REFUSED: Refused = {
    "ossec": {
        "alerts.log, whose records have several lines (`** Alert …`)": (
            "** Alert 1772356502.1: - sshd\n2026 Mar 01 09:15:02 web-3->/var/log/auth.log\nRule: 1 (level 3) -> 'a'",
        )
    },
}
