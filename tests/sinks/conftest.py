"""What tests of sinks share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .http_server import Destination, serve


@pytest.fixture
def server() -> Iterator[Destination]:
    """A destination on the loopback."""
    with serve() as destination:
        yield destination
