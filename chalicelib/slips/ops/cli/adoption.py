"""Items of the class-based SLIPS, which `slips errors` and `slips drain` put into the listings first."""

from __future__ import annotations

from ...config import Config
from ...quarantine import Quarantine
from ...wording import plural
from .terminal import warn

BUDGET, OWN_BUDGET = 10.0, 2.0
"""Seconds."""
OWN_INTERVAL = 3600.0
"""Seconds until a table of ours is read again: nobody else should write there, and reading all of it costs."""


def adopt_items(quarantine: Quarantine, config: Config) -> None:
    """Put the items of the class-based SLIPS into the listings, and say how many. It may be running still, and write to
    a table that slips.yml names by ARN: that one is read each time."""
    if config.error_table_arn:
        adoption = quarantine.adopt(BUDGET)
    else:
        adoption = quarantine.adopt(OWN_BUDGET, older_than=OWN_INTERVAL)
    if adoption.adopted:
        warn(f"took over {plural(adoption.adopted, 'error item')} of the class-based SLIPS")
    if not adoption.complete:
        warn(
            f"the table {config.error_table} was not read to its end: run this command again for the rest of its old "
            "items"
        )
