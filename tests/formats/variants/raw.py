"""Framings as formats of their own: every record is `message`."""

from typing import Any

from . import Read, Refused, Written, written

ISO = "2026-03-01T09:15:02Z"


def framed(chain: str, content: Any, *messages: str) -> Written:
    return written(content, *[{"message": message} for message in messages], time=None, chain=chain)


READ: Read = {
    "s3-lines": {"blank lines, which are skipped": framed("s3-lines", "a\n \r\n\nb\r\n", "a", "b")},
    "s3-text": {"text of any encoding, with its line ends": framed("s3-text", "a\n\nb", "a\n\nb")},
    "s3-json": {
        "an array, also over several lines, or documents one after another without line ends": (
            framed("s3-json", '[{"a":1},\n {"b":2}]', '{"a":1}', '{"b":2}'),
            framed("s3-json", '{"a":1}{"b":2}', '{"a":1}', '{"b":2}'),
        ),
        "the array under a key that the chain names (`s3-json:items`), also as `response.items`": (
            framed("s3-json:items", '{"next":null,"items":[{"a":1},{"b":2}]}', '{"a":1}', '{"b":2}'),
            framed("s3-json:response.items", '{"response":{"items":[{"a":1},{"b":2}]}}', '{"a":1}', '{"b":2}'),
        ),
    },
    "s3-json-stream": {
        "`}{`, white space or RFC 7464's record separator between": framed(
            "s3-json-stream", '{"a":1}{"b":2} \n{"c":3}\n\x1e{"d":4}\n', '{"a":1}', '{"b":2}', '{"c":3}', '{"d":4}'
        ),
        "numbers and texts as well": framed("s3-json-stream", '1 "a" [2]', "1", '"a"', "[2]"),
    },
    "s3-csv": {
        "another delimiter (`s3-csv:;`, `s3-csv:tab`), also for the formats that follow": (
            framed("s3-csv:;", 'a;"b\nc"\nd;e', 'a;"b\nc"', "d;e"),
            written(f'time;a\n{ISO};"x;y"', {"a": "x;y"}, chain="s3-csv:;,csv"),
            written(
                f"EVENT_TIMESTAMP|USER_NAME\n{ISO}|LIZ", {"USER_NAME": "LIZ"}, chain="s3-csv:|,csv,snowflake-login"
            ),
            written(
                f"EVENT_TIMESTAMP\tUSER_NAME\n{ISO}\tLIZ", {"USER_NAME": "LIZ"}, chain="s3-csv:tab,snowflake-login"
            ),
            written(
                f"EVENT_TIMESTAMP\tUSER_NAME\n{ISO}\tLIZ", {"USER_NAME": "LIZ"}, chain="s3-csv:\\t,snowflake-login"
            ),
        ),
    },
    "s3-tsv": {
        "tabs also for the formats that follow, with or without quotes": written(
            f'time\ta\n{ISO}\t"b ""c"""', {"a": 'b "c"'}, chain="s3-tsv,csv"
        ),
    },
    "s3-w3c": {
        "a header for each appended file": written(
            "#Fields: date time c-ip\n2026-03-01 09:15:02 ::1\n#Fields: date time sc-status\n2026-03-01 09:15:02 200",
            {"c-ip": "::1"},
            {"sc-status": 200},
            chain="s3-w3c,iis",
        ),
    },
    "s3-xml": {
        "elements with any namespace prefix, on one line or several, also empty ones": framed(
            "s3-xml:Event", "<a><x:Event>b\nc</x:Event><Event/></a>", "<x:Event>b\nc</x:Event>", "<Event/>"
        ),
    },
    "s3-multiline": {
        "no pattern: indented lines continue a record": framed("s3-multiline", "a\n  b\nc", "a\n  b", "c"),
        "after `!` the pattern of continuing lines (`s3-multiline:!^-`)": framed(
            "s3-multiline:!^-", "a\n-b\nc", "a\n-b", "c"
        ),
    },
}
REFUSED: Refused = {}
