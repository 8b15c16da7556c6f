"""The pytest fixture: a line in conftest.py, so that each project names its app and nothing loads by itself."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from .tester import SlipsTester


def slips_fixture(module: str = "app", folder: str = ".") -> Callable[..., Iterator[SlipsTester]]:
    """Return a fixture: a SlipsTester of that module, imported again for each test, so that no test sees what another
    one buffered. Name it as you like.

        run = slips_fixture("app")

    `folder` is the folder of the module, relative to pytest's rootdir. The module itself is `run.module`.
    """
    import pytest  # Not in the Lambda package.

    from .tester import SlipsTester

    @pytest.fixture
    def fixture(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlipsTester]:
        monkeypatch.syspath_prepend(str(request.config.rootpath / folder))
        monkeypatch.delenv("SLIPS_CONFIG", raising=False)
        before = sys.modules.pop(module, None)
        run = SlipsTester(importlib.import_module(module))
        try:
            yield run
        finally:
            _quiet(run.app.log)
            run.forget()  # Modules in chalicelib/ stay loaded: a test may have imported them by name.
            sys.modules.pop(module, None)
            if before is not None:
                sys.modules[module] = before

    return fixture


def _quiet(log: logging.Logger) -> None:
    """Undo what Chalice does to the app's logger, which outlives the app: a level, a handler, and no other handlers."""
    log.setLevel(logging.NOTSET)
    log.propagate = True
    for handler in list(log.handlers):
        log.removeHandler(handler)
