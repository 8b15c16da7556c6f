"""Which format is this? Every format reads the beginning of an object, and the results are weighed.

Confidence grows with the share of records that a format can parse, the share of events with a time, and the signs that
they show: each format declares its own (`formats.signatures`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from ...config import Limits
from ...errors import ReadError
from ...formats.base import Format, ObjectInfo, Parser, events_of
from ...formats.chain import Chain, compile_chain
from ...formats.fields import lookup
from ...formats.json_format import JsonFormat
from ...formats.raw import RawFormat
from ...formats.registry import all_formats
from ...formats.signatures import NOTHING, Match, match
from ...reader import FRAMER_NAMES, FRAMERS
from ...reader.framing import FramingOptions, RecordFilter
from ...reader.inflate import Boundary, inflate
from ...wording import plural
from .proposals import SURE, Proposal, mark_alike, put_content_first, rank

HEAD_BYTES = 256 * 1024
"""The most that is read, of stored bytes and of inflated ones."""
MAX_RECORDS = 20
PATIENCE = 4
"""Records after which a format is dropped, if nothing speaks for it until then."""
TIMELESS = 0.6
"""The factor of the confidence where no event has a time."""
EMPTY = 0.15
"""The confidence of a format whose document has no event."""
SHORT = 2
"""The most fields of an event that shows nothing but its time."""
BY_TIME = 0.4
"""The confidence of a format in such an event, if no other has this name for its time."""

_EMPTY = re.compile(rb'\{\s*+"(\w++)"\s*+:\s*+\[\s*+\]\s*+\}')
_PIECE = 16 * 1024
_PARQUET = b"PAR1"
_TYPES = 4
"""The most signs that the reason names."""


class Head(NamedTuple):
    """A beginning of an object, inflated; `is_cut` where there is more."""

    inflated: bytes
    is_cut: bool


def detect(chunks: Iterable[bytes], event_time: float = 0.0, own: Sequence[Format] = ()) -> list[Proposal]:
    """Return the formats that these stored bytes may have, the likeliest first; none where nothing fits.

    `event_time` (seconds since the epoch, UTC) dates times without a year; `own` are formats that slips.yml declares.
    """
    head = read_head(chunks)
    about = ObjectInfo(event_time=event_time)
    framing = ["s3-parquet"] if head.inflated.startswith(_PARQUET) else []
    candidates = [known for known in (*own, *all_formats()) if not isinstance(known, RawFormat)]
    cache = _Records(head, {known.name: known for known in candidates})
    candidates = [known for known in candidates if known.accepts_objects] if framing else candidates
    proposals = rank(_judge([*framing, known.name], cache, about) for known in candidates)
    if proposals and not framing and proposals[0].confidence >= SURE:
        proposals = rank([*proposals, *_inside(proposals[0], candidates, cache, about)])
        outer = next(known for known in candidates if known.name == proposals[0].name)
        proposals = put_content_first(proposals) if outer.inner_paths != Format.inner_paths else proposals
    return mark_alike(proposals, lambda name: _values([*framing, *name.split(",")], cache, about))


def read_head(chunks: Iterable[bytes]) -> Head:
    """Return the first `HEAD_BYTES` of an object, compressed or not. A damaged one is read as far as possible."""
    stored = _Bounded(chunks)
    inflated = bytearray()
    try:
        for piece in inflate(stored, Limits()):
            if isinstance(piece, Boundary):  # Another member of an archive may be of another format.
                return Head(bytes(inflated), is_cut=False)
            inflated += piece
            if len(inflated) > HEAD_BYTES:
                break
    except ReadError:
        return Head(bytes(inflated[:HEAD_BYTES]), is_cut=True)
    return Head(bytes(inflated[:HEAD_BYTES]), is_cut=stored.is_cut or len(inflated) > HEAD_BYTES)


class _Bounded:
    """A view of the first `HEAD_BYTES` of stored bytes."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.is_cut = False

    def __iter__(self) -> Iterator[bytes]:
        remaining = HEAD_BYTES
        for chunk in self._chunks:
            if remaining <= 0:
                self.is_cut = True
                return
            yield chunk[:remaining]
            self.is_cut = len(chunk) > remaining
            remaining -= len(chunk)


class _Records:
    """A cache of the first records of the head, by framing: most formats share one."""

    def __init__(self, head: Head, candidates: Mapping[str, Format]) -> None:
        self._head = head
        self._candidates = candidates
        self._known: dict[tuple[str, str, tuple[str, ...]], list[bytes]] = {}

    def compile(self, names: Sequence[str]) -> Chain:
        """Return the chain of these names."""
        return compile_chain(names, FRAMER_NAMES, self._candidates.__getitem__)

    def of(self, chain: Chain) -> list[bytes]:
        """Return at most `MAX_RECORDS`, without the one that the end of the head cuts."""
        key = (chain.framing, chain.argument, chain.array_keys)
        if key not in self._known:
            self._known[key] = self._read(chain)
        return self._known[key]

    def is_empty_array(self, keys: tuple[str, ...]) -> bool:
        """Tell whether the object is `{"KEY": []}` with one of the keys."""
        match = _EMPTY.fullmatch(self._head.inflated.strip())
        return match is not None and match[1].decode() in keys

    def _read(self, chain: Chain) -> list[bytes]:
        options = FramingOptions(argument=chain.argument, array_keys=chain.array_keys)
        head = self._head.inflated
        pieces = (head[at : at + _PIECE] for at in range(0, len(head), _PIECE))  # Read only as far as needed.
        records: list[bytes] = []
        try:
            for batch in FRAMERS[chain.framing](pieces, RecordFilter(), options):
                records += islice((record for record in batch.records if record.strip()), MAX_RECORDS + 1)
                if len(records) > MAX_RECORDS:
                    break
        except ReadError:
            pass  # The framing does not fit, or the head ends within it; what was read before counts.
        else:
            if self._head.is_cut and 1 < len(records) <= MAX_RECORDS:
                records.pop()
        return records[:MAX_RECORDS]


def _judge(names: Sequence[str], cache: _Records, about: ObjectInfo) -> Proposal:
    chain = cache.compile(names)
    tally = _Tally(chain.links[-1])
    parser = chain.parser(about)
    records = cache.of(chain)
    if not records and cache.is_empty_array(chain.array_keys):
        return Proposal(",".join(names), EMPTY, "no event in the array that this format has")
    for record in records:
        tally.add(parser, record)
        if tally.is_hopeless:
            break
    return Proposal(",".join(names), round(tally.confidence, 3), tally.why)


def _values(names: Sequence[str], cache: _Records, about: ObjectInfo) -> list[frozenset[str]]:
    chain = cache.compile(names)
    parser = chain.parser(about)
    return [frozenset(map(str, event.values())) for event in _events(parser, cache.of(chain)[:PATIENCE])]


def _events(parser: Parser, records: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the events of the records that can be read."""
    for record in records:
        with suppress(Exception):  # Any parser's way to refuse what is not its own.
            yield from (event for _, event in events_of(parser.read(record)))


class _Tally:
    """A count of what one format made of the records."""

    def __init__(self, declared: Format) -> None:
        self._signs = declared.signatures
        self._telling = declared.specificity
        self._names_itself = declared.accepts_objects
        self._times = _declared_times(declared) if isinstance(declared, JsonFormat) and declared.signatures else ()
        self._broken = self._parsed = self._timed = 0
        self._strength = 0.0
        self._shown: Counter[str] = Counter()

    def add(self, parser: Parser, record: bytes) -> None:
        """Count a record."""
        try:
            for overrides, event in events_of(parser.read(record)):
                fit = match(self._signs, self._telling, event, names_itself=self._names_itself)
                if len(event) <= SHORT:
                    fit = max(fit, self._by_time(event), key=lambda either: either.strength)
                self._parsed += 1
                if fit.strength:
                    time = overrides["timestamp"] if "timestamp" in overrides else parser.time(event)
                    self._fits(fit, is_timed=time is not None)
        except Exception:  # noqa: BLE001 - any parser's way to refuse what is not its own
            self._broken += 1

    def _by_time(self, event: dict[str, Any]) -> Match:
        """Return what the name of the time says: the more formats have it, the less."""
        named = (path for path in self._times if (lookup(event, path) if "." in path else event.get(path)) is not None)
        path = next(named, "")
        return Match(BY_TIME / _time_counts()[path], (path,)) if path else NOTHING

    def _fits(self, fit: Match, *, is_timed: bool) -> None:
        self._timed += is_timed
        self._strength += fit.strength * (1.0 if is_timed else TIMELESS)
        self._shown.update(fit.shown)

    @property
    def is_hopeless(self) -> bool:
        """Tell whether nothing speaks for the format so far."""
        return self._broken + self._parsed >= PATIENCE and not self._strength

    @property
    def confidence(self) -> float:
        """Return 0 to 1. A broken record counts twice: real files have few."""
        read = self._parsed + self._broken
        return self._strength / read * self._parsed / read if self._parsed else 0.0

    @property
    def why(self) -> str:
        """Return the reason, for a person."""
        timed = "all with a time" if self._timed == self._parsed else f"{self._timed} with a time"
        broken = f", {plural(self._broken, 'record')} broken" if self._broken else ""
        signs = ", ".join(_short(sign) for sign, _ in self._shown.most_common(_TYPES))
        return f"{plural(self._parsed, 'event')}, {timed}{broken}{'; ' if signs else ''}{signs}"


@cache
def _time_counts() -> Counter[str]:
    """Count the formats that keep their time in each field."""
    return Counter(path for known in all_formats() for path in {*_declared_times(known)})


def _declared_times(known: Format) -> tuple[str, ...]:
    if callable(known.time):
        return ()
    paths = (known.time,) if isinstance(known.time, str) else known.time
    return tuple(path.partition(":")[0] for path in paths)


def _short(sign: str) -> str:
    names, equals, globs = sign.partition("=")
    several = names.split("|")
    return f"{several[0]}{' …' if len(several) > 1 else ''}{equals}{globs}"


def _inside(outer: Proposal, candidates: Sequence[Format], cache: _Records, about: ObjectInfo) -> Iterator[Proposal]:
    """Yield chains for the messages inside an envelope, where they are as sure as the envelope itself."""
    declared = next(known for known in candidates if known.name == outer.name)
    if not _is_envelope(declared, cache, about):
        return
    for known in candidates:
        if known is not declared and known.name != "json":
            inner = _judge([outer.name, known.name], cache, about)
            if inner.confidence >= SURE:
                yield inner._replace(confidence=round(inner.confidence * outer.confidence, 3))


def _is_envelope(declared: Format, cache: _Records, about: ObjectInfo) -> bool:
    chain = cache.compile([declared.name])
    parser = chain.parser(about)
    for record in cache.of(chain)[:PATIENCE]:
        for _, event in events_of(parser.read(record)):
            return any(lookup(event, path) for path in declared.inner_paths)
    return False
