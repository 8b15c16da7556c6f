"""An app of its own for every test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from chalice import Chalice

from slips import Slips

MakeSlips = Callable[..., Slips]


@pytest.fixture
def make_slips(tmp_path: Path) -> MakeSlips:
    """`make_slips("limits: {…}")`: a Slips whose slips.yml has these lines, too."""

    def make(*lines: str) -> Slips:
        path = tmp_path / "slips.yml"
        mapping = "bucket_mapping: {logs: [{prefix: json/, format: json}]}"
        path.write_text("\n".join(["stack_name: test", "backend: {sns_topics: [{name: landed}]}", mapping, *lines]))
        return Slips(Chalice("test"), path)

    return make


@pytest.fixture
def slips(make_slips: MakeSlips) -> Slips:
    """A Slips with the default limits."""
    return make_slips()
