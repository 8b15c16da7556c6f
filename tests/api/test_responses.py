"""What a response holds."""

from __future__ import annotations

import json

from slips.api.responses import json_response


def test_integers_of_any_length_are_written() -> None:
    assert json.loads(json_response({"a": [10**40]}).body) == {"a": [10**40]}
