"""Tests of your own functions: the whole engine in memory, without AWS or network, in milliseconds.

    # tests/conftest.py
    from slips.testing import slips_fixture

    run = slips_fixture("app")

    # tests/test_logins.py
    def test_a_login_is_watched(run):
        outcome = run.lines("g-suite-login", [{"id": {"time": "2026-03-01T09:15:02Z"}, "actor": {"email": "ada"}}])
        outcome.check()
        assert outcome.delivered["watch_logins"] == 1

SlipsTester    runs your functions on lines, files, objects and captured errors
Outcome        the outcome of a run
SinkRecorder   a sink that keeps what your functions send, with faults by argument
make_meta      a `meta` to call a function directly
slips_fixture  the pytest fixture
Memory…        the AWS side in memory, for tests that look inside
"""

from ..errors import Killed
from .captured import Captured
from .faults import Faults
from .fixture import slips_fixture
from .memory import LANDED, MemoryErrors, MemoryLanes, MemoryLedger, MemoryObjects
from .metas import BUCKET, make_meta
from .outcome import Outcome
from .sinks import SinkRecorder
from .tester import SlipsTester

__all__ = [
    "BUCKET",
    "LANDED",
    "Captured",
    "Faults",
    "Killed",
    "MemoryErrors",
    "MemoryLanes",
    "MemoryLedger",
    "MemoryObjects",
    "Outcome",
    "SinkRecorder",
    "SlipsTester",
    "make_meta",
    "slips_fixture",
]
