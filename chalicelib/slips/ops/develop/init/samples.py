"""Your log files: their format, their place in samples/, their mapping and their test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ....errors import SlipsError
from ....formats.registry import is_known
from ....model import ObjectRef
from ..detection import detect
from ..local_file import LocalFile
from ..new_format import ParserProposal, propose_parser, read_samples

CONFIDENCE = 0.5
"""From which on a proposal of `slips detect` is taken without asking."""


class SampleLog(msgspec.Struct, kw_only=True):
    """A log file of the user's: `chain` as slips.yml names it, `parser` where no format fits it."""

    file: Path
    chain: tuple[str, ...]
    why: str
    parser: ParserProposal | None = None

    @property
    def format(self) -> str:
        """The last name of the chain, which `on_format` takes."""
        return self.chain[-1]

    @property
    def prefix(self) -> str:
        """Where it lies in the bucket."""
        return f"{self.format}/"

    @property
    def function(self) -> str:
        """The name of the function that takes its events."""
        return "handle_" + re.sub(r"\W+", "_", self.format, flags=re.ASCII).strip("_").lower()


def read_sample(file: Path, cut: str = "") -> SampleLog:
    """Find the format of a file, or else write a parser for it. Raises SlipsError where it holds no records."""
    opened = LocalFile(str(file))
    proposals = detect(opened.open(ObjectRef(bucket="", key=str(file))), opened.landed)
    if proposals and proposals[0].confidence >= CONFIDENCE:
        best = proposals[0]
        return SampleLog(file=file, chain=tuple(best.name.split(",")), why=f"{best.confidence:.2f}: {best.why}")
    records = read_samples(file, cut)
    if not records.records:
        raise SlipsError(f"{file}: there are no records in it")
    parser = propose_parser(_format_name(file), records)
    why = "no format of SLIPS fits; app.py has a parser to edit"
    return SampleLog(file=file, chain=_chain(parser), why=why, parser=parser)


def _chain(parser: ParserProposal) -> tuple[str, ...]:
    return ("s3-lines", parser.name) if parser.shape.framing == "lines" else (parser.name,)


def _format_name(file: Path) -> str:
    """`door-badge` of Door_Badge.2026-01-31.log.gz."""
    words = re.findall(r"[a-z]+", file.name.partition(".")[0].lower())
    name = "-".join(words) or "my-format"
    return f"my-{name}" if is_known(name) else name


def mapping_lines(logs: Sequence[SampleLog], bucket: str) -> str:
    """`bucket_mapping` of slips.yml."""
    lines = [f"  {bucket}:\n"]
    seen: set[str] = set()
    for log in logs:
        if log.prefix not in seen:
            lines.append(f"    - prefix: {log.prefix}\n      format: [{', '.join(log.chain)}]\n")
        seen.add(log.prefix)
    return "".join(lines)
