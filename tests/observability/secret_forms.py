"""Secrets, and the forms in which libraries write them: the two sides of what must be masked."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st

from slips.observability.secret_parts import find_parts

Form = Callable[[str], str]


def within(write: Form) -> Form:
    """The form of a secret in a longer text: quotes that surround it, or are chosen by what is in it, are not its."""

    def cut(secret: str) -> str:
        text = write(f"Q7{secret}Z9")
        return text[text.index("Q7") + 2 : text.rindex("Z9")]

    return cut


def lowercase_hex(quoted: str) -> str:
    """RFC 3986, 2.1: %2f is the same as %2F."""
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)


def base64_at(offset: int, encode: Callable[[bytes], bytes]) -> Form:
    """The characters of a longer base64 text that depend on nothing but the secret, `offset` bytes into it."""

    def write(secret: str) -> str:
        data = secret.encode()
        encoded = encode(b"?" * offset + data + b"?!").decode()
        return encoded[-(-offset * 8 // 6) : (offset + len(data)) * 8 // 6]

    return write


FORMS: dict[str, Form] = {
    "plain": str,
    "repr": within(repr),
    "ascii": within(ascii),
    "repr of bytes": within(lambda text: repr(text.encode())),
    "JSON": within(json.dumps),
    "JSON in UTF-8": within(partial(json.dumps, ensure_ascii=False)),
    "JSON in JSON": within(lambda text: json.dumps(json.dumps(text))),
    "repr of JSON": within(lambda text: repr(json.dumps(text))),
    "HTML": html.escape,
    "URL": quote,
    "URL, no slash": partial(quote, safe=""),
    "URL, sloppy": partial(quote, safe="/:@!$&'()*+,;="),
    "URL, lowercase": lambda text: lowercase_hex(quote(text)),
    "URL, twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "form, lowercase": lambda text: lowercase_hex(quote_plus(text)),
}
BASE64: dict[str, Form] = {
    f"{name} at {offset}": base64_at(offset, encode)
    for name, encode in (("base64", b64encode), ("base64 of URLs", urlsafe_b64encode))
    for offset in range(3)
}

CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from("abcXYZ019 \"'\\\n\t/+%&=<>@:…é€😀")


WORDS = re.compile(r"[A-Za-z\s.,:_/-]*")


def is_taken_as_it_is(text: str) -> bool:
    """Whether it is one secret, masked whole: neither JSON nor too common. Nor words: Hypothesis tries those of the
    code, and the texts around a secret may hold them."""
    return text.strip() in find_parts(text) and not WORDS.fullmatch(text)


secrets = st.text(CHARACTERS, min_size=4, max_size=40).filter(is_taken_as_it_is)
"""Secrets with anything in them, white space around them included."""
tokens = st.text(
    st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789+/=!$"), min_size=12, max_size=40
).filter(is_taken_as_it_is)
