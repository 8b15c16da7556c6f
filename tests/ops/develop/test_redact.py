"""What `slips capture --redact` replaces, and what it keeps."""

from __future__ import annotations

import ipaddress
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.ops.develop.capture import Redaction, suspicious

SECRETS = {
    "ada.lovelace@corp.example.org": r"[a-z]{3}\.[a-z]{8}@example\.com",
    "ada%40corp.example.org": r"[a-z]{3}%40example\.com",
    "10.1.22.133": r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}",
    "2600:1f18:abcd::12": r"2001:db8::[0-9a-f]{1,2}:[0-9a-f]{1,2}",
    "fe80::1": r"2001:db8::[0-9a-f]{1,2}:[0-9a-f]{1,2}",
    "aa-bb-cc-dd-ee-0f": r"00-00-5E-00-53-[0-9A-F]{2}",
    "AKIAIOSFODNN7ABCDEFG": r"AKIA[A-Z]{8}\d[A-Z]{7}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP": r"eyJh[\w-]+\.[\w-]+\.[\w-]+",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "d41d8cd98f00b204e9800998ecf8427e": r"[0-9a-f]{32}",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY": r"[A-Za-z0-9/]{40}",
    "xoxb-123456789012-abcdefGHIJKL": r"[a-z]{4}-\d{12}-[a-z]{6}[A-Z]{6}",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("around", ["{}", '{{"x": "{}"}}', "from {}, to", "src={} dst=x", "({})"])
def test_what_identifies_is_replaced_by_something_of_its_shape(secret: str, around: str) -> None:
    text = Redaction().text(around.format(secret))
    assert secret not in text
    assert re.fullmatch(re.escape(around.format("\0")).replace("\0", f"({SECRETS[secret]})"), text), text
    assert suspicious(around.format(secret)) >= 1


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:15:02.123Z", "2026-03-01 09:15:02,123 +0000", "GET /api/v1/users/list/of/everything HTTP/1.1",
        "arn:aws:lambda:eu-west-1:", "DHCP4_LEASE_ALLOC_SUCCESSFULLY", "Mozilla/5.0 (X11; Linux x86_64)", "17.5e3",
        "12:34:56", "1.2.3",
    ],
)  # fmt: skip
def test_times_words_and_numbers_stay(text: str) -> None:
    assert Redaction().text(text) == text
    assert suspicious(text) == 0


def test_the_same_value_gets_the_same_replacement_in_a_capture_and_another_in_the_next() -> None:
    one, mail = Redaction(), "ada.lovelace@corp.example.org"
    assert one.text(mail) == one.text(mail)
    assert one.text(mail) != Redaction().text(mail)


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        ('{"user": "Ada L", "n": 1}', r'{"user": "[A-Z][a-z]{2} [A-Z]", "n": 1}'),
        ('{"a": {"user": 1017.5}}', r'{"a": {"user": [1-9]{4}\.[1-9]}}'),
        ('{"user": {"name": "Ada", "i": [7, "x1"]}}', r'{"user": {"name": "[A-Z][a-z]{2}", "i": \[\d, "[a-z]\d"\]}}'),
        ('{"user": "a\\"b\\nc"}', r'{"user": "[a-z]\\"[a-z]\\n[a-z]"}'),
        ('{"user": "10.1.2.3"}', r'{"user": "\d+\.\d+\.\d+\.\d+"}'),
        ('{"user": "brok', r'{"user": "[a-z]{4}'),
        ('{"m": "{\\"user\\": \\"ada\\"}"}', r'{"m": "{\\"user\\": \\"[a-z]{3}\\"}"}'),
        ('user=ada user="Ada L" superuser=ada', r'user=[a-z]{3} user="[A-Z][a-z]{2} [A-Z]" superuser=ada'),
        ('<user id="1">ada</user><u>ada</u>', r'<user id="1">[a-z]{3}</user><u>ada</u>'),
    ],
)  # fmt: skip
def test_named_fields_are_replaced_however_they_are_spelled(record: str, kept: str) -> None:
    redacted = Redaction(["user"]).record(record.encode()).decode()
    assert redacted != record
    assert re.fullmatch(kept, redacted), redacted


def test_a_field_that_only_its_parser_knows_is_replaced_where_its_value_stands() -> None:
    redaction = Redaction(["Source User"], lambda record, name: iter(["corp\\ada"] if name == "Source User" else []))
    assert b"corp\\ada" not in redaction.record(b"1,2026/03/01 09:15:02,corp\\ada,allow")


def test_bytes_that_are_no_text_stay() -> None:
    assert Redaction(["user"]).record(b"\xff\xfe user=ada \x00").startswith(b"\xff\xfe user=")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(value=JSON)
def test_json_stays_json_of_the_same_shape(value: object) -> None:
    record = json.dumps({"user": value, "other": 1}).encode()
    redacted = json.loads(Redaction(["user"]).record(record))
    assert shape(redacted["user"]) == shape(value)
    assert redacted["other"] == 1


def shape(value: object) -> object:
    if isinstance(value, dict):
        return [shape(inner) for inner in value.values()]
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value)


@given(text=st.text(max_size=200))
def test_any_text_is_taken_and_addresses_stay_addresses(text: str) -> None:
    Redaction(["a"]).record(text.encode("utf-8", "surrogatepass"))
    address = Redaction().text("10.9.8.7")
    assert ipaddress.ip_address(address)


@pytest.mark.parametrize("unit", ["a", "1", "a1", "a@", "a.", ":", "aa:", '"', "-", "eyJ", "A1a/", "%40", "=", "\\"])
def test_hostile_text_takes_no_more_than_linear_time(unit: str) -> None:
    """A pattern that goes back over its text would need hours for this."""
    Redaction(["a"]).record((unit * (200_000 // len(unit))).encode())
