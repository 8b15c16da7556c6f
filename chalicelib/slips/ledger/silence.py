"""Which sources of slips.yml are silent: no object landed for much longer than it usually takes, or than slips.yml
allows. What nobody sends makes no error and no delay; nothing else would tell."""

from __future__ import annotations

from typing import Final

import msgspec

from ..config import Config, Mapping
from ..model import utc
from .sources import Sources, SourceTimes, source_key

LEAST_SECONDS: Final = 15 * 60
"""A source that writes each minute is not silent after three; objects wait in their lane, too."""


class SourceState(msgspec.Struct, kw_only=True):
    """A mapping of slips.yml, and its objects. `last_at` is when the newest landed, null where none ever did;
    `silent_seconds` is how long ago that is. `usual_gap_seconds` is the longest that usually lies between two, null
    while too little is known; `allowed_seconds` is how long it may be silent, null where nobody knows or asks."""

    bucket: str
    prefix: str
    suffix: str
    match: str
    last_at: str | None
    silent_seconds: int | None
    usual_gap_seconds: int | None
    allowed_seconds: int | None
    is_silent: bool


def read_sources(sources: Sources, config: Config, now: float) -> list[SourceState]:
    """Read the state of all mappings, those first that are silent, the longest first; then in the order of slips.yml.
    Raises StoreError."""
    known = sources.read(config.mappings)
    mappings: dict[str, Mapping] = {}
    for mapping in config.mappings:
        mappings.setdefault(source_key(mapping), mapping)
    states = [_state(mapping, known.get(key), config, now) for key, mapping in mappings.items()]
    return sorted(states, key=lambda state: (not state.is_silent, -(state.silent_seconds or 0) * state.is_silent))


def _state(mapping: Mapping, times: SourceTimes | None, config: Config, now: float) -> SourceState:
    silent = None if times is None else max(0, int(now - times.last_at))
    usual = None if times is None else times.usual_gap
    allowed = _allowed_seconds(mapping, usual, config.alarms.silence)
    return SourceState(
        bucket=mapping.bucket,
        prefix=mapping.prefix,
        suffix=mapping.suffix,
        match=mapping.match,
        last_at=None if times is None else utc.iso(times.last_at),
        silent_seconds=silent,
        usual_gap_seconds=usual,
        allowed_seconds=allowed,
        is_silent=silent is not None and allowed is not None and silent > allowed,
    )


def _allowed_seconds(mapping: Mapping, usual: int | None, factor: float) -> int | None:
    """What slips.yml says of the mapping, or else a multiple of what is usual."""
    if mapping.silent_minutes is not None:
        return mapping.silent_minutes * 60 or None
    return None if usual is None or not factor else max(LEAST_SECONDS, int(factor * usual))
