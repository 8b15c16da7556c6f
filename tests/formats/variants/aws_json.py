"""What AWS services write as JSON."""

from . import Read, Refused, written

ISO = "2026-03-01T09:15:02Z"
MS = 1772356502000

READ: Read = {
    "cloudtrail": {
        "events that EventBridge announces": written(
            {"detail-type": "AWS API Call via CloudTrail", "detail": {"eventTime": ISO, "eventName": "GetObject"}},
            {"eventName": "GetObject"},
        ),
    },
    "cloudwatch-logs": {
        "documents one after another, or in an array": written(
            [{"messageType": "DATA_MESSAGE", "logGroup": "a", "logEvents": [{"timestamp": MS, "message": "b"}]}] * 2,
            *[{"logGroup": "a", "message": "b"}] * 2,
        ),
        "log events taken out of their document": written(
            {"id": "1", "timestamp": MS, "message": "b"}, {"message": "b"}
        ),
        "control messages, which are skipped": written(
            f'{{"messageType":"CONTROL_MESSAGE","logEvents":[]}}{{"timestamp":{MS},"message":"b"}}', {"message": "b"}
        ),
    },
    "guardduty": {
        "findings that EventBridge announces": written(
            {"detail-type": "GuardDuty Finding", "detail": {"updatedAt": ISO, "severity": 2}}, {"severity": 2}
        ),
    },
    "security-hub": {
        "findings that EventBridge announces, several in one": written(
            {"detail-type": "Security Hub Findings - Imported", "detail": {"findings": [{"UpdatedAt": ISO}] * 2}},
            {},
            {},
        ),
    },
    "aws-config": {
        "history and snapshot files, and notifications of changes": (
            written({"configurationItem": {"configurationItemCaptureTime": ISO}, "messageType": "x"}),
            written({"messageType": "x", "notificationCreationTime": ISO}, {"messageType": "x"}),
        ),
    },
    "lambda-json": {
        "records of the function, the platform and the Telemetry API": (
            written({"timestamp": ISO, "level": "INFO", "message": "a"}, {"message": "a"}),
            written({"time": ISO, "type": "platform.report", "record": {}}, {"type": "platform.report"}),
        ),
    },
    "api-gateway-access": {
        "`requestTime` as in Apache's log, or `requestTimeEpoch`": (
            written({"requestTime": "01/Mar/2026:10:15:02 +0100", "status": "200"}),
            written({"requestTimeEpoch": MS, "status": "200"}),
        ),
    },
    "network-firewall": {
        "`event.timestamp`, else `event_timestamp` in seconds": written({"event_timestamp": "1772356502", "event": {}}),
    },
    "ocsf": {
        "`time` in milliseconds, seconds or as text, else `time_dt`": (
            written({"class_uid": 3002, "time": MS}),
            written({"class_uid": 3002, "time": 1772356502}),
            written({"class_uid": 3002, "time_dt": ISO}),
        ),
    },
    "verified-access": {
        "numbers as text, and `start_time` alone": (
            written({"class_uid": "208001", "time": str(MS)}),
            written({"class_uid": 6007, "start_time": MS}),
        ),
    },
}

REFUSED: Refused = {
    "cloudwatch-logs": {"JSON that is neither a document with `logEvents` nor a log event": ('{"a":1}',)},
}
