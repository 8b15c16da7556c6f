"""A secret is masked in every form in which it may be written, and nothing else is."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slips.formats.registry import all_formats
from slips.model import Failure
from slips.observability.masking import MASK, MaskingErrors, Secrets
from slips.observability.secret_parts import COMMON
from slips.observability.spellings import Spelling, spell

from ..builders import failure, item
from ..doubles import RecordingErrors
from .secret_forms import BASE64, FORMS, secrets, tokens

PEM = """-----BEGIN RSA PRIVATE KEY-----
MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpF
4Ks1FCzqnd2GHNDrq7p/aHjH1P6Kq6gSGu1u5XdRYc0mE8ATbqwxjj2mlJXkKz8n
zxk=
-----END RSA PRIVATE KEY-----
"""


def holding(*values: str) -> Secrets:
    known = Secrets()
    known.add(values)
    return known


def examples(count: int) -> settings:
    """The first text of a secret compiles patterns, so no deadline."""
    return settings(max_examples=count, deadline=None)


NASTY = " \"p'4\\ss\n w&/0+r%d=é€😀 "
"""What any of the forms escapes."""


@pytest.mark.parametrize("form", FORMS | BASE64)
def test_a_secret_is_masked_in_each_form(form: str) -> None:
    assert holding(NASTY).mask(f"({(FORMS | BASE64)[form](NASTY.strip())})") == f"({MASK})"


@examples(300)
@given(secret=secrets, form=st.sampled_from([*FORMS, *BASE64]))
def test_any_secret_is_masked_in_any_form(secret: str, form: str) -> None:
    assert holding(secret).mask(f"({(FORMS | BASE64)[form](secret.strip())})") == f"({MASK})"


@examples(50)
@given(secret=secrets, key=st.text(max_size=3))
def test_a_secret_is_masked_in_base64_of_json(secret: str, key: str) -> None:
    encoded = b64encode(json.dumps({key: secret.strip()}).encode()).decode()
    assert MASK in holding(secret).mask(encoded)


@examples(100)
@given(secret=secrets, before=st.text(max_size=5), after=st.text(max_size=5))
def test_a_secret_is_masked_wherever_it_is(secret: str, before: str, after: str) -> None:
    text = holding(secret).mask(before + secret + after)
    assert MASK in text
    assert secret.strip() not in text


@examples(300)
@given(secret=tokens, share=st.floats(0, 1), form=st.sampled_from([*FORMS, *BASE64]), cut=st.sampled_from(["…", "..."]))
def test_the_beginning_of_a_secret_is_masked_where_it_was_cut_off(
    secret: str, share: float, form: str, cut: str
) -> None:
    written = (FORMS | BASE64)[form](secret)
    begun = written[: max(int(len(written) * share), len(FORMS.get(form, str)(secret[:5])))]
    masked = holding(secret).mask(f"({begun}{cut}")
    assert masked.startswith(f"({MASK}")
    # Of an escape that was cut in two (`&am`, `%2`), the first character may be the secret's last, and the rest stays.
    assert len(masked) <= len(f"({MASK}amp{cut}")


def test_the_beginning_of_a_secret_that_was_not_cut_off_is_a_text_like_any_other() -> None:
    known = holding("postbox-7f3a")
    unmasked = "postbox-7 is a postbox, as is postb"
    assert known.mask(unmasked) == unmasked
    assert known.mask(f"{unmasked}… {unmasked}...") == f"{unmasked[:-5]}{MASK}… {unmasked[:-5]}{MASK}..."


@pytest.mark.parametrize(("secret", "begun"), [("pa55", "pa"), ("p4$$w", "p4$"), ("123456", "123"), ("'p4'", "\\'p")])
def test_half_of_a_short_secret_is_a_secret(secret: str, begun: str) -> None:
    assert holding(secret).mask(f"with {begun}…") == f"with {MASK}…"
    assert holding(secret).mask(f"with {begun[:-1]}…") == f"with {begun[:-1]}…"


def test_of_secrets_that_overlap_nothing_is_left() -> None:
    assert holding("abcdef-1234", "1234-uvwxyz").mask("(abcdef-1234-uvwxyz)") == f"({MASK})"
    assert holding("abab").mask("(ababab)") == f"({MASK})"
    assert holding("token-1", "token-1-and-more").mask("token-1-and-more, token-1") == f"{MASK}, {MASK}"


def test_secrets_may_be_added_later() -> None:
    known = holding("first-one")
    assert known.mask("first-one second-one") == f"{MASK} second-one"
    known.add(["second-one"])
    assert known.mask("first-one second-one") == f"{MASK} {MASK}"


def test_a_secret_that_is_added_while_a_thread_masks_a_line_is_masked_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = holding("first-one")

    def interrupted(part: str) -> Iterable[Spelling]:
        if part == "first-one":
            known.add(["second-one"])
        return spell(part)

    monkeypatch.setattr("slips.observability.masking.spell", interrupted)
    assert known.mask("first-one") == MASK
    assert known.mask("first-one second-one") == f"{MASK} {MASK}"


class TestParts:
    """What of a secret is secret by itself."""

    @examples(25)
    @given(secret=st.lists(tokens, min_size=2, max_size=4))
    def test_each_line_of_a_secret(self, secret: list[str]) -> None:
        known = holding("\n".join(secret))
        assert [known.mask(line) for line in secret] == [MASK] * len(secret)

    def test_each_line_of_a_key_and_not_what_says_that_it_is_one(self) -> None:
        known = holding(PEM)
        first, *lines, last = PEM.splitlines()
        assert [known.mask(line) for line in (first, last)] == [first, last]
        assert [known.mask(line) for line in lines] == [MASK, MASK, "zxk="]
        assert known.mask(PEM) == f"{first}\n{MASK}\n{last}\n"
        assert known.mask(repr(PEM)) == repr(f"{first}\n{MASK}\n{last}\n")

    def test_each_line_of_a_key_that_was_escaped_into_one_line(self) -> None:
        known = holding(PEM.replace("\n", "\\n"))
        assert known.mask(PEM.splitlines()[1]) == MASK

    @examples(50)
    @given(text=tokens, number=st.integers(10**5, 10**12), share=st.floats(1.25e6, 1e9))
    def test_all_values_of_json_and_no_key(self, text: str, number: int, share: float) -> None:
        document = {"outer-key": [{"inner-key": text}, number, -number, share, None, True], "text": json.dumps([text])}
        known = holding(json.dumps(document))
        assert [known.mask(str(value)) for value in (text, number, -number, share)] == [MASK] * 4
        assert known.mask("outer-key inner-key None True") == "outer-key inner-key None True"

    def test_a_number_as_json_writes_it_and_as_python_does(self) -> None:
        known = holding('{"limit": 1234567.50}')
        assert known.mask("1234567.50 1234567.5") == f"{MASK} {MASK}"

    @examples(25)
    @given(user=secrets, password=secrets)
    def test_the_password_of_a_url(self, user: str, password: str) -> None:
        quoted = quote(password, safe="")
        known = holding(f"postgresql://{quote(user, safe='')}:{quoted}@db.example.com:5432/orders?sslmode=require")
        for written in (password.strip(), quoted, f"{user}:{password}".strip(), f"{quote(user, safe='')}:{quoted}"):
            assert written not in known.mask(f"({written})")
        assert known.mask("db.example.com:5432/orders") == "db.example.com:5432/orders"

    @pytest.mark.parametrize(
        ("secret", "part"),
        [
            ("mysql://slips:p@ss/w0rd@db/orders", "p@ss/w0rd"),
            ("https://x-token-1@git.example.com/a.git", "x-token-1"),
            ('{"dsn": "amqp://slips:p4ssw0rd@mq/"}', "p4ssw0rd"),
            ("host=db user=slips password='p4ss w0rd' dbname=orders", "p4ss w0rd"),
            ("Server=db;Pwd=p4ssw0rd;", "p4ssw0rd"),
            ("https://chat.example.com/v1?key=k3y-0f&token=t0ken-0f", "t0ken-0f"),
            ("https://hooks.example.com/services/T0/B0/XyZ", "/services/T0/B0/XyZ"),
        ],
    )
    def test_what_else_is_a_password(self, secret: str, part: str) -> None:
        assert holding(secret).mask(f"({part})") == f"({MASK})"


class TestLeftAlone:
    """What is too short or too common to be masked, and what is no secret."""

    @pytest.mark.parametrize("value", ["", "  \n", "abc", "12345", "5432", "True", "Admin", *sorted(COMMON)])
    def test_common_values(self, value: str) -> None:
        assert not holding(value)
        assert holding(json.dumps({"value": value})).mask(f"a {value} b") == f"a {value} b"

    def test_a_short_number_within_a_longer_one(self) -> None:
        known = holding("123456")
        unmasked = "9123456 1234567 5.123456 123456.5 1700123456.0"
        assert known.mask(unmasked) == unmasked
        assert known.mask("pin=123456, %20123456, \\u00e9123456.") == f"pin={MASK}, %20{MASK}, \\u00e9{MASK}."

    def test_a_long_number_is_masked_within_a_longer_one(self) -> None:
        assert holding("49151623").mask("a49151623b 9491516237") == f"a{MASK}b 9{MASK}7"

    @examples(25)
    @given(values=st.lists(tokens, min_size=1, max_size=20))
    def test_records_of_all_formats(self, values: list[str]) -> None:
        records = [each.example.decode("utf-8", "backslashreplace") for each in all_formats()]
        known = holding(*values)
        assert [known.mask(record) for record in records] == records

    def test_without_secrets(self) -> None:
        assert Secrets().mask("«anything»…") == "«anything»…"


class TestValues:
    """Values that are about to become JSON."""

    def test_texts_numbers_and_keys_are_masked_at_any_depth(self) -> None:
        known = holding("hunter-22", "12345678")
        value = {
            "a hunter-22": ["x hunter-22", ({"n": 12345678, "m": 7, "t": True, "z": None, "f": 0.5},)],
            5: b"hunter-22",
        }
        assert known.mask_value(value) == {
            f"a {MASK}": [f"x {MASK}", [{"n": MASK, "m": 7, "t": True, "z": None, "f": 0.5}]],
            5: f"b'{MASK}'",
        }

    def test_whatever_is_no_json_is_its_text(self) -> None:
        class Broken:
            def __str__(self) -> str:
                raise ValueError

        masked = holding("hunter-22").mask_value([ValueError("hunter-22"), Broken(), {(1, "hunter-22"): 1}])
        assert masked == [MASK, "(Broken.__str__ raised ValueError)", {f"(1, '{MASK}')": 1}]


def masked(**fields: Any) -> Failure:
    """A failure as it comes into the ErrorTable."""
    errors = RecordingErrors()
    MaskingErrors(errors, holding("hunter-22")).record([failure(**fields)])
    return errors.failures[0]


@pytest.mark.parametrize("field", ["error_message", "traceback", "sample"])
def test_no_text_of_an_error_item_holds_a_secret(field: str) -> None:
    assert getattr(masked(**{field: "a hunter-22 b"}), field) == f"a {MASK} b"


def test_the_history_that_an_item_of_an_earlier_version_brings_along_is_masked() -> None:
    argument = masked(argument=(item(history=("2026 ValueError: hunter-22", "else")), item("b"))).argument
    assert argument == (item(history=(f"2026 ValueError: {MASK}", "else")), item("b"))


def test_what_names_the_object_is_kept() -> None:
    """It could not be read again by a masked key."""
    recorded = masked(object_key="hunter-22", argument=(item("hunter-22"),))
    assert (recorded.object_key, recorded.argument[0].object_key) == ("hunter-22", "hunter-22")


@pytest.mark.parametrize(
    "text", ["...a" * 10_000, "…" * 20_000, "\\" * 200_000, "0" * 800_000, "a%2" * 200_000, '\\\\\\"' * 5000 + "x"]
)
def test_no_text_takes_long(text: str) -> None:
    """The time grows with the text: it is neither searched anew for each cut, nor a run divided in every way."""
    known = holding("0000-0000", '\\"' * 20 + "x,", "\\\\\\\\\"\\'\\n", "....-....", "a%2fa%2fb", "…0…0…0", PEM)
    begun = time.process_time()
    known.mask(text)
    assert time.process_time() - begun < 5
