"""Each figure with a unit in README and docs/ has a source: a script, a constant of the code, a test, or AWS's own
documentation.

Left out: tables that a script writes (between `<!-- name -->` and `<!-- end of name -->`), pages that `make docs`
writes, and scale.md, whose text explains the tables that bench/scale.py writes into it. Decisions are of their
time.
"""

from __future__ import annotations

import re
from inspect import signature
from pathlib import Path

import pytest

from slips.api.parameters import BODY_BYTES
from slips.engine.outbox import MOST_BYTES as OUTBOX_BYTES
from slips.engine.record_bytes import MOST_GATHERED
from slips.ops.backfill import prices
from slips.ops.run import serve
from slips.reader.s3 import SLOWEST
from slips.sinks import datadog, firehose, gelf, http, kinesis, loki, messages, opensearch, s3_archive, splunk
from slips.sinks.s3_archive import S3Archive

from .blocks import ROOT

LEFT_OUT = {"formats.md", "command-line.md", "speed-of-formats.md", "scale.md"}
FIGURE = re.compile(r"\$[\d.,]*\d|[\d.,]*\d ?(?:[KMGTP]i?B|µs|ms|%)(?!\w)")
UNITS = {"B": 1, **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGTP", 1)}}
UNITS |= {f"{prefix}B": 1000**power for power, prefix in enumerate("KMGTP", 1)}
MEMORY = 1769
VCPU = prices.LAMBDA_GB_SECOND * MEMORY / 1024
"""Dollars a second of a whole vCPU."""
LAMBDA = "AWS Lambda Developer Guide"
PYARROW = "docs/decisions/0030-parquet-stays-with-pyarrow.md"
SOURCES: dict[str, dict[str, float | str]] = {
    "docs/api.md": {"256 KiB": BODY_BYTES, "10 MiB": serve.MOST_BYTES},
    "docs/deployment.md": {
        "1,769 MB": LAMBDA,
        "$0.0009": 30 * VCPU,
        "$2.49": 86_400 * VCPU,
        "64 MB": PYARROW,
        "198 MB": PYARROW,
        "50 MiB": LAMBDA,
        "250 MB": LAMBDA,
        "1 KB": "bench/cost.py",
        "$0.50": prices.LOGS_GB,
        "$5": 1e6 * prices.S3_LIST,
        "$0.30": prices.METRIC_MONTH,
        "1 %": "tests/ops/deploy/test_alarms.py",
    },
    "docs/functions.md": {
        "4 MiB": MOST_GATHERED,
        "64 MB": OUTBOX_BYTES,
        "5 ms": "an example",
    },
    "docs/how-to/tune.md": {
        "1,769 MB": LAMBDA,
        "150 MB": "bench/peaks.py",
        "1 MB": "docs/scale.md",
        "64 MB": "AWS: Amazon Data Firehose Developer Guide",
    },
    "docs/reliability.md": {
        "2 %": "tests/steps/test_refused_requests.py",
        "10 %": "tests/steps/test_refused_requests.py",
        "8 KB": SLOWEST,
        "1 KB": "tests/ledger/test_ledger.py",
        "1 MiB": "tests/sinks/test_proofs_archive.py",
    },
    "docs/send/aws.md": {
        "4 MiB": firehose.MOST_BYTES,
        "1,000 KiB": firehose.MOST_RECORD_BYTES,
        "5 MiB": kinesis.MOST_BYTES,
        "1 MiB": kinesis.MOST_RECORD_BYTES,
        "10 MiB": kinesis.MOST_RAISED_BYTES,
        "256 KiB": messages.MOST_BYTES,
    },
    "docs/send/gelf.md": {"64 KiB": "Graylog: GELF HTTP input", "2 MiB": gelf.MOST_MESSAGE_BYTES},
    "docs/send/http.md": {
        "4 MiB": http.MOST_BYTES,
        "1 MB": splunk.MOST_BYTES,
        "5 MB": datadog.MOST_BYTES,
        "3 MiB": loki.MOST_BYTES,
        "256 KiB": loki.MOST_LINE_BYTES,
    },
    "docs/send/opensearch.md": {
        "10 MiB": opensearch.MOST_BYTES,
        "100 MiB": "AWS: Amazon OpenSearch Service Developer Guide",
    },
    "docs/send/s3-archive.md": {
        "32 MiB": signature(S3Archive).parameters["file_bytes"].default,
        "1 MiB": "tests/sinks/test_s3_archive.py",
        "256 MiB": s3_archive.MOST_BYTES,
        "250 MB": LAMBDA,
    },
}
"""The source of each figure: a number that it must be, rounded as it is written; a file of the repository; or a
publication."""


def figures(page: Path) -> list[str]:
    """The figures of the prose of a page."""
    text = re.sub(r"<!-- ([\w-]+) -->.*?<!-- end of \1 -->", "", page.read_text(), flags=re.DOTALL)
    text = re.sub(r"^ *```.*?^ *```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    return FIGURE.findall(text)


def pages() -> list[str]:
    every = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    written = [page for page in every if not {"decisions", "reference"} & {*page.parts} and page.name not in LEFT_OUT]
    return [str(page.relative_to(ROOT)) for page in written]


@pytest.mark.parametrize("page", pages())
def test_each_figure_has_a_source(page: str) -> None:
    assert {*figures(ROOT / page)} == {*SOURCES.get(page, {})}, "tests/docs/test_figures.py: name the source of each"


@pytest.mark.parametrize(
    ("figure", "source"), [each for page in SOURCES.values() for each in page.items()], ids=lambda each: str(each)[:40]
)
def test_a_source_says_so(figure: str, source: float | str) -> None:
    if isinstance(source, str):
        assert "/" not in source or (ROOT / source).exists()
        if source.startswith("docs/decisions/"):
            assert figure in (ROOT / source).read_text()
        return
    number, unit = re.fullmatch(r"\$?([\d.,]+) ?(\w*)", figure).groups()  # type: ignore[union-attr]
    digits = len(number.partition(".")[2])
    # Some round numbers of bytes are written with the decimal unit.
    scales = [UNITS[unit], UNITS.get(f"{unit[0]}iB", 1)] if unit else [1]
    assert number.replace(",", "") in {f"{source / scale:.{digits}f}" for scale in scales}
