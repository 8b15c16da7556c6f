"""One test for a table of cases: it runs them all, and its failure names every one that fails."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

Test = Callable[..., None]


def each_case(
    names: str | Sequence[str], cases: Iterable[Any], ids: Callable[[Any], object] | Iterable[str] | None = None
) -> Callable[[Test], Test]:
    """Call the test for every case, within one pytest item: like `pytest.mark.parametrize`, but thousands of cases
    that take microseconds cost no collection, setup and report each. Other arguments of the test are fixtures."""
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = list(cases)
    labels = None if ids is None or callable(ids) else list(ids)

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def run_all(**fixtures: Any) -> None:
            assert rows, "no cases"
            faults = []
            for number, row in enumerate(rows):
                values = _values(row, len(arguments))
                try:
                    test(**fixtures, **dict(zip(arguments, values, strict=True)))
                except (Exception, pytest.fail.Exception) as fault:
                    label = labels[number] if labels else _label(row, values, ids)
                    faults.append(f"{label}: {_describe(fault)}")
            if faults:
                pytest.fail("\n".join((f"{len(faults)} of {len(rows)} cases:", *faults)), pytrace=False)

        signature = inspect.signature(test)
        left = [parameter for name, parameter in signature.parameters.items() if name not in arguments]
        vars(run_all)["__signature__"] = signature.replace(parameters=left)
        return run_all

    return decorate


def _values(row: Any, count: int) -> Sequence[Any]:
    values = getattr(row, "values", None)
    if isinstance(values, tuple):  # pytest.param
        return values
    return [row] if count == 1 else row


def _label(row: Any, values: Sequence[Any], ids: Any) -> object:
    named = getattr(row, "id", None) if isinstance(getattr(row, "values", None), tuple) else None
    if named is not None:
        return named
    return ids(values[0]) if callable(ids) else ", ".join(repr(value)[:80] for value in values)


def _describe(fault: BaseException) -> str:
    frame = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}: {type(fault).__name__}: {fault}"
