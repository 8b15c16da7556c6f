"""`python -m tests.wheel.compiled_patterns`: the regular expressions that SLIPS compiles, as JSON."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from contextlib import suppress
from typing import Any

LINES_OF_A_KIND = 20
"""More than after which a kind of line is learned."""


def collect() -> list[tuple[str, bool, int]]:
    """Import all of SLIPS, and return each expression that it compiled then, or for a record of each format, with
    whether it is of bytes, and its flags."""
    compiled: list[tuple[str, bool, int]] = []
    compile_pattern = re._compiler.compile  # type: ignore[attr-defined]

    def note(pattern: Any, flags: int = 0) -> Any:
        if isinstance(pattern, str | bytes):
            text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
            compiled.append((text, isinstance(pattern, bytes), int(flags)))
        return compile_pattern(pattern, flags)

    re._compiler.compile = note  # type: ignore[attr-defined]
    re.purge()
    import slips

    for module in pkgutil.walk_packages(slips.__path__, "slips."):
        importlib.import_module(module.name)
    from slips.config.patterns.line import PatternFault, compile_line, parse_line
    from slips.config.patterns.types import TYPES
    from slips.formats.base import ObjectInfo
    from slips.formats.registry import all_formats
    from slips.reader.csv_rows import _RowCutter
    from slips.reader.window import Window
    from slips.reader.xml_elements import _ElementCutter

    for declared in all_formats():
        parser = declared.parser(ObjectInfo())
        with suppress(slips.ParseError):
            for _ in range(LINES_OF_A_KIND):
                parser.read(declared.example)
    for kind in TYPES:
        field = f"%{{{kind}:a}}"
        for line in (f"{field} - %{{rest}}", f'"{field}" - %{{rest}}', f"{field}; %{{text:b}}, %{{rest}}"):
            with suppress(PatternFault):
                re.compile("".join(part.pattern for part in compile_line(parse_line(line))))
    _RowCutter(Window([]), b",", 1)
    _ElementCutter(Window([]), b"Event", 1)
    return compiled


if __name__ == "__main__":
    print(json.dumps(collect()))
