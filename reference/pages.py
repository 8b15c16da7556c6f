"""Which page is written by what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import configuration, errors, guarantees, limits, metrics, python_api, rest_api

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "python.md": python_api.write_page,
    "slips-yml.md": configuration.write_page,
    "rest-api.md": rest_api.write_page,
    "metrics-and-alarms.md": metrics.write_page,
    "errors.md": errors.write_page,
    "limits.md": limits.write_page,
    "guarantees.md": guarantees.write_page,
}
