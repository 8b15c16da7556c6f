"""The test that runs a captured error."""

from __future__ import annotations

import re

from ....quarantine import ErrorItem


def names(item: ErrorItem) -> tuple[str, str]:
    """Name the fixture (`watch_logins_key_error_0c5b9f2a`) and the function of its test."""
    what, kind = _slug(item.processor or item.format), _slug(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", item.error_type))
    return f"{what}_{kind}_{_slug(item.fingerprint)[:8]}", f"test_{what}_takes_what_failed_with_{kind}"


def _slug(text: str) -> str:
    return re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower() or "unknown"


_TEXT = '''"""{kind} in {what}, captured from production. It passes once the fault is fixed."""

from __future__ import annotations

from pathlib import Path

from slips.testing import SlipsTester, slips_fixture

run = slips_fixture("app")
CAPTURED = Path(__file__).parent / "fixtures" / "{name}.json"


def {function}(run: SlipsTester) -> None:
    run.error(CAPTURED).check()
'''


def test_text(item: ErrorItem) -> str:
    """Return the module of the test, which contains nothing of the log."""
    name, function = names(item)
    what = _slug(item.processor) if item.processor else f"the format {_slug(item.format)}"
    return _TEXT.format(
        kind=re.sub(r"\W", "_", item.error_type, flags=re.ASCII), what=what, name=name, function=function
    )
