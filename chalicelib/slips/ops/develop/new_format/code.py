"""The parser and its test, as Python to edit."""

from __future__ import annotations

import keyword
import re

import msgspec

from .samples import Samples
from .shapes import PAIR, RecordShape, infer_shape

_RESERVED = ("app", "csv", "datetime", "json", "record", "re", "run")
"""Names that the code, or app.py, uses for something else."""
TESTED = 3
"""Records in the test, at most."""


class ParserProposal(msgspec.Struct, kw_only=True):
    """A parser to edit: `imports` and `parser` for app.py, `test` a module of its own, `shape` what they come from."""

    name: str
    function: str
    shape: RecordShape
    imports: list[str]
    parser: str
    test: str


def propose_parser(name: str, samples: Samples, slips: str = "slips", app: str = "app") -> ParserProposal:
    """Propose a parser for these records; `slips` is the name of the Slips in the module `app`."""
    shape = infer_shape(samples)
    function = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    if not function or function[0].isdigit() or keyword.iskeyword(function) or function in (*_RESERVED, slips):
        function = f"format_{function}"
    imports, parser = _parser(name, function, shape, slips)
    test = _test(name, function, shape, samples, app)
    return ParserProposal(name=name, function=function, shape=shape, imports=imports, parser=parser, test=test)


def _parser(name: str, function: str, shape: RecordShape, slips: str) -> tuple[list[str], str]:
    constant = f"_{function.upper()}"
    source = "" if shape.framing == "lines" else f", source={_raw(shape.framing)}"
    before, body, imports = _body(shape, constant)
    imports += ["from typing import Any"]
    if shape.time_code:
        path = "".join(f"[{_literal(part)}]" for part in _path(shape))
        value = f"event{path}"
        value = f"str({value})" if "float" not in shape.time_code and shape.kind == "json" else value
        body.append(f'meta = {{"timestamp": {shape.time_code.format(value)}}}')
    else:
        body.append(
            '# No field holds a time in every record, so the object\'s counts; with one: {"timestamp": seconds}.'
        )
        body.append("meta: dict[str, Any] = {}")
    if "_utc(" in shape.time_code:
        imports.append("from datetime import UTC, datetime")
        before += ["", "", *_UTC] if before else _UTC
    lines = [
        *before, *([""] * 2 if before else []),
        f"@{slips}.format({_literal(name)}{source})",
        f"def {function}(record: str) -> tuple[dict[str, Any], dict[str, Any]]{_optional(shape)}:",
        f'    """{_docstring(shape)}"""',
        *(f"    {line}" for line in body),
        "    return meta, event",
    ]  # fmt: skip
    return sorted(set(imports)), "\n".join(lines) + "\n"


def without_utc(parser: str) -> str:
    """Return the parser for a module that has `_utc` already."""
    return parser.replace("\n".join(_UTC) + "\n\n\n", "")


_UTC = [
    "def _utc(time: datetime) -> float:",
    '    """Seconds since the epoch; a time without an offset is UTC."""',
    "    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()",
]


def _optional(shape: RecordShape) -> str:
    return " | None" if shape.header else ""


def _body(shape: RecordShape, constant: str) -> tuple[list[str], list[str], list[str]]:
    """Return the lines before the function, those in it, and the imports of both."""
    refused = 'raise ParseError("{}")'
    if shape.kind == "json":
        fields = f"# Fields seen: {', '.join(_plain(name) for name in shape.fields[:20])}"
        return [], [fields, "event: dict[str, Any] = json.loads(record)"], ["import json"]
    if shape.kind == "pairs":
        pattern = [f"{constant} = re.compile({_raw(PAIR)})"]
        body = [
            f"event: dict[str, Any] = {{name: quoted or plain for name, quoted, plain in {constant}.findall(record)}}",
            "if not event:",
            f"    {refused.format('no key=value pairs')}",
        ]
        return pattern, body, ["import re", "from slips import ParseError"]
    if shape.kind == "delimited":
        names = [f"{constant} = (", *(f"    {_literal(name)}," for name in shape.fields), ")"]
        body = [
            *([f"if record == {_literal(shape.header)}:", "    return None  # The header."] if shape.header else []),
            f"cells = next(csv.reader([record], delimiter={_literal(shape.delimiter)}))",
            f"if len(cells) != len({constant}):",
            f'    raise ParseError(f"{{len(cells)}} cells, not {{len({constant})}}")',
            f"event: dict[str, Any] = dict(zip({constant}, cells))",
        ]
        return names, body, ["import csv", "from slips import ParseError"]
    columns = re.split(r"(?<=\))(?=\\s\+)", shape.pattern)
    pattern = [f"{constant} = re.compile(", *(f"    {_raw(column)}" for column in columns), ")"]
    body = [
        f"match = {constant}.fullmatch(record)",
        "if match is None:",
        f"    {refused.format('the record has another shape')}",
        "event: dict[str, Any] = match.groupdict()",
    ]
    return pattern, body, ["import re", "from slips import ParseError"]


def _path(shape: RecordShape) -> list[str]:
    return [shape.time] if shape.time in shape.fields else shape.time.split(".")


def _docstring(shape: RecordShape) -> str:
    kind = {
        "json": "A JSON object",
        "delimited": "A row",
        "pairs": "key=value pairs",
        "text": "A line" if shape.framing == "lines" else "A record",
    }[shape.kind]
    time = f", its time in `{_plain(shape.time)}`" if shape.time else ""
    return f"{kind}{time}."


def _test(name: str, function: str, shape: RecordShape, samples: Samples, app: str) -> str:
    records = [record for record in samples.records if record != shape.header and _fits(shape, record)][:TESTED]
    listed = "\n".join(f"    {_literal(record)}," for record in records)
    time = '        assert meta["timestamp"] > 0\n' if shape.time else ""
    fields = f"        assert set(event) == {{{', '.join(map(_literal, shape.fields))}}}\n"
    return f'''"""The format {_plain(name)} reads its samples."""

from __future__ import annotations

import pytest

from slips.testing import SlipsTester, slips_fixture

run = slips_fixture({_literal(app)})
RECORDS = [
{listed}
]


def test_every_sample_is_read(run: SlipsTester) -> None:
    for record in RECORDS:
        meta, event = run.module.{function}(record)
{time}{fields if shape.kind in ("delimited", "text") else "        assert event" + chr(10)}

def test_something_else_is_refused(run: SlipsTester) -> None:
    with pytest.raises(ValueError):
        run.module.{function}("")
'''


def _fits(shape: RecordShape, record: str) -> bool:
    return shape.kind != "text" or re.fullmatch(shape.pattern, record) is not None


def _literal(text: str) -> str:
    """Return a string literal of ASCII, in double quotes: samples may be hostile."""
    literal = ascii(text)
    if literal[0] == "'":
        literal = '"' + literal[1:-1].replace('"', '\\"').replace("\\'", "'") + '"'
    return literal


def _raw(pattern: str) -> str:
    """Return a literal of a regular expression."""
    if "\\" not in pattern:
        return _literal(pattern)
    if pattern.isascii() and pattern.isprintable() and "'" not in pattern and not pattern.endswith("\\"):
        return f"r'{pattern}'" if '"' in pattern else f'r"{pattern}"'
    return _literal(pattern)


def _plain(text: str) -> str:
    """Return a name for a comment, without what could end the comment."""
    return re.sub(r"[^\w .@:/-]", "?", text, flags=re.ASCII)
