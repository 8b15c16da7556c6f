"""docs/formats.md: every format, made of what the registry says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module

from ...formats import __name__ as PACKAGE
from ...formats.base import Format
from ...formats.raw import RawFormat
from ...formats.registry import modules
from ...formats.variants import leading_section

_INTRODUCTION = """\
# Formats

Written by `slips formats --markdown`; a test fails where this page is out of date.

Write a name from below in the `format` of slips.yml and in `@slips.on_format("…")`. It is enough: each format knows its
usual framing, that is, how objects are cut into records. A chain such as `[s3-tsv, NAME]` or `[docker-json, NAME]` sets
another framing or unwraps an envelope. In a tag, `<field>` is a field of the event. `slips parse --format NAME FILE`
tries a format on a file, and `slips detect FILE` proposes one. A log that is not here: [patterns.md](patterns.md).

Objects may be plain, compressed or archives; their first bytes tell, never their name or `Content-Encoding`. What is
read inside what (a test reads each of them), up to three layers, as in a zip of tar.gz:

| in … is read: | gz | zst | bz2 | xz | zip | tar | snappy | lz4 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| gz | yes | yes | yes | yes | yes | yes | yes | yes |
| zst | yes | yes | yes | yes | yes | yes | yes | yes |
| bz2 | yes | yes | yes | yes | yes | yes | yes | yes |
| xz | yes | yes | yes | yes | yes | yes | yes | yes |
| zip | each member | each member | each member | each member | each member | each member | each member | each member |
| tar | each member | each member | each member | each member | each member | each member | each member | each member |
| snappy | yes | yes | yes | yes | yes | yes | yes | yes |
| lz4 | yes | yes | yes | yes | yes | yes | yes | yes |

Each member of an archive is a document of its own, with its own header; positions count through all of them. Where gzip
members, zstd or LZ4 frames were appended to each other, no line goes on from one to the next, and one that begins with
the header of the first, in whatever order, has a header of its own. Only blocks of bgzip, pzstd and their like, and
streams of bzip2 and xz, may be cut in the middle of a line. What is known and not read is named in the error: 7z, RAR,
encrypted files, packet captures and others. `s3-text` gives a format of your own the content as it is, whatever that
is, without what it is packed in.

A line **Variants** says how else than in the example a format's records may be written, a line **Not read** what looks
like one of them and is an error that says why. A test reads a record of each. What all formats read, or many, is in the
sections that follow.

### Text

UTF-8, UTF-16 and UTF-32 are read, with or without a byte order mark, with LF or CRLF, with NULs around records. A
record in another encoding is read as Windows-1252; `meta.encoding` says so. Content in which no record is found is an
error; an empty array is not.

### Times

ISO 8601 and its looser kinds, English months, epochs from 1980 to 2100 in seconds to nanoseconds, dates as digits
(`20260301091502`), `{"$date": …}`. Where a field holds no time, the next one counts; where none does, the event has its
object's time, and `meta.time_fault` says why. A time without a year is of the latest year that fits its object. A zone
is an offset or a name; one that means several (IST, BST, AST, …) is read as `timezones` of slips.yml says; CST and MST
are those of RFC 5322, unless it says otherwise. A region such as `Europe/Berlin` without an offset is not read.

### JSON documents

One object a line, one document over several lines, an array of objects, or documents one after another without line
ends, as Firehose writes them. A document around events is opened wherever it is met: alone, a line each, gathered in an
array, next to plain events. The key of its array may have any letter case. JSON may hold half a surrogate pair, raw
control characters in strings, nginx's `\\x22`, and integers of any length. Fields may be added or missing. What is not
an object (`"text"`, `[1]`, a document that was cut off) is an error.

### Syslog headers

Before a line may be a header of RFC 3164 or RFC 5424, or several: those of relays come first, and the last one, the
device's own, counts. Its time may have a year before or behind the month or behind the clock, one digit of day or hour,
a fraction, a zone by name or offset, also glued, or be ISO 8601 or seconds since the epoch. Cisco's counters and marks
may be before it, and a PRI may stand alone. `hostname`, `facility` and `severity` become fields; the header's time
counts where the record has none, and, with CEF, LEEF, Check Point, FortiGate, PAN-OS and HAProxy, its zone where the
record names none. Before a line of another format, a chain reads the header: `[syslog, kea]`.

### Envelopes

A chain unwraps records of each format: `[syslog, NAME]`, `[heroku, NAME]`, `[docker-json, NAME]`, `[cri, NAME]`,
`[cloudwatch-logs, NAME]`, `[cloudwatch-export, NAME]`, `[journald, NAME]` and `[gelf, NAME]` read text inside,
`[eventbridge, NAME]`, `[fluentd-json, NAME]` and `[json, NAME]` objects. The time of the envelope counts where the
record has none.

### Rows of any age

The columns have no names, but new ones only ever came at the end: older rows have fewer cells, down to the number that
is told, and cells beyond the known columns are in `extra`. A row may also be a JSON object with the columns' names.

### Cells that tell

Formats whose cells have no names (load balancers, flow logs, Umbrella, CloudFront without a header and others) look at
the cells that every row of theirs has, such as type, time and status, and refuse rows of a neighbour under the same
prefix.

## Contents
"""

_LONGEST_LIST = 120
"""Characters."""


def page(formats: Sequence[Format]) -> str:
    """Return the page as Markdown: a table of names, then a section for each folder or module of `formats/`."""
    sections = _sections(formats)
    contents = [f"- [{title}](#{_anchor(title)}): {_links(known)}" for title, known in sections]
    lines = [_INTRODUCTION, *contents, ""]
    for title, known in sections:
        lines += [f"## {title}", "", *(line for format in known for line in _entry(format))]
    return "\n".join(lines).rstrip() + "\n"


def _sections(formats: Iterable[Format]) -> list[tuple[str, list[Format]]]:
    """Group the formats by the title of their folder or module, the general ones first."""
    by_place: dict[str, list[Format]] = {}
    places: dict[str, str] = {}
    for known in formats:
        place = _place(known)
        places.setdefault(place, _title(place))
        by_place.setdefault(place, []).append(known)
    order = {"raw": 0, "general": 1, "fluentd": 2, "syslog": 3}
    return [
        (places[place], by_place[place]) for place in sorted(by_place, key=lambda place: (order.get(place, 9), place))
    ]


def _place(known: Format) -> str:
    """Return the folder or module of `formats/` that declares it."""
    if isinstance(known, RawFormat):
        return "raw"
    return modules()[known.name].partition(".")[0]


def _title(place: str) -> str:
    described = import_module(f"{PACKAGE}.{place}").__doc__ or place
    return described.strip().splitlines()[0].partition(":")[0].rstrip(".")


def _anchor(title: str) -> str:
    anchor = "".join(character for character in title.lower() if character.isalnum() or character in " -_")
    return anchor.replace(" ", "-")


def _links(formats: Iterable[Format]) -> str:
    return ", ".join(f"[{known.name}](#{known.name})" for known in formats)


def _entry(known: Format) -> Iterable[str]:
    yield from (f"### {known.name}", "", f"{known.description}.", "")
    if isinstance(known, RawFormat):
        yield from (*_variants(known), *([""] if known.variants else []))
        return
    yield f"- Tag: `{known.tag_text}`"
    yield f"- Time: {known.time_text}"
    yield f"- Usual chain: `[{known.framing}, {known.name}]`"
    yield f"- Defined by: {known.document}"
    yield from _variants(known)
    yield from ("", "```", *known.example.decode().splitlines(), "```", "")


def _variants(known: Format) -> Iterable[str]:
    variants = [_linked(variant) for variant in (*known.shared_variants, *known.variants)]
    yield from _listed("Variants", variants)
    yield from _listed("Not read", known.refused)


def _listed(title: str, items: Sequence[str]) -> Iterable[str]:
    """Yield the lines of a list: one, where that is short enough to read."""
    if len("; ".join(items)) > _LONGEST_LIST:
        yield from (f"- {title}:", *(f"  - {item}" for item in items))
    elif items:
        yield f"- {title}: {'; '.join(items)}"


def _linked(variant: str) -> str:
    """Return a variant with a link to the section of this page that says more, if there is one."""
    words = leading_section(variant)
    return variant if words is None else f"[{words}](#{_anchor(words)}){variant.removeprefix(words)}"
