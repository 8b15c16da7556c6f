"""Work items that cannot be meant."""

from __future__ import annotations

import json

import pytest

from slips.errors import NotificationError
from slips.model.work_items import decode_work_item


@pytest.mark.parametrize("field", ["processors", "given_up"])
def test_a_function_without_a_name_is_none(field: str) -> None:
    """The engine would take it for one that has its share already, and end the work without a trace."""
    document = {"bucket_name": "b", "object_key": "k", field: ["watch", ""]}
    with pytest.raises(NotificationError, match="no function has an empty name"):
        decode_work_item(json.dumps(document).encode())
    assert decode_work_item(json.dumps({**document, field: ["watch"]}).encode()).object_key == "k"
