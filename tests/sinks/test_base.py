"""What every sink has."""

from __future__ import annotations

from slips.config import Config
from slips.sinks import Sink


def test_a_sink_without_a_check_of_its_own_takes_any_configuration() -> None:
    Sink().check(Config.for_stack("slips"))
