"""DuckDB takes the files of an archive, by the queries of docs/send/s3-archive.md; and so does SLIPS."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from slips import aws
from slips.ops.cli import main
from slips.sinks import S3Archive
from slips.sinks.archive_rows import LARGE
from slips.testing import make_meta

from ..docs.blocks import ROOT, read_blocks
from .archived import NINE, S3OfTheTest, document
from .documents import failures

PAGE = ROOT / "docs" / "send" / "s3-archive.md"
KINDS = ("ndjson.gz", "ndjson.zst", "parquet")
needs_duckdb = pytest.mark.skipif(find_spec("duckdb") is None, reason="DuckDB is not installed")


def texts(language: str) -> list[str]:
    return [block.text for block in read_blocks(PAGE) if block.language == language]


def query(text: str) -> list[dict[str, Any]]:
    """Return the rows of a query; nothing is fetched for it."""
    import duckdb

    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    result = connection.sql(text)
    return [dict(zip(result.columns, row, strict=True)) for row in result.fetchall()]


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Archive three events of two hours, of which two come again in another batch; return the folder of the files."""
    s3 = S3OfTheTest()
    monkeypatch.setattr(aws, "client", lambda name, *_: {"s3": s3}[name])
    batch = [
        document({"user": "ada", "port": 443, "hour": 7, "nested": {"a": [1]}}, 1, format="cloudtrail"),
        document({"user": "bob", "port": "https", "weird name": True}, 2, format="cloudtrail"),
        document({"port": 1.5}, 3, format="cloudtrail", time=NINE + 86_400, size=LARGE),
    ]

    def write_files(kind: str) -> Path:
        sink = S3Archive("s3://lake/curated/", format=kind)  # type: ignore[arg-type]
        assert failures(sink, batch) == failures(sink, batch[1:]) == {}
        assert failures(sink, [document({}, 4)]) == {}  # of another format
        s3.write_to(tmp_path)
        assert len(s3.files) == 4
        return tmp_path

    return write_files


@needs_duckdb
@pytest.mark.parametrize("kind", KINDS)
def test_the_documented_query_gives_each_event_once(write: Callable[[str], Path], kind: str) -> None:
    [parquet, ndjson] = texts("sql")
    text = (parquet if kind == "parquet" else ndjson).replace("s3://lake", str(write(kind)))
    rows = sorted(query(text), key=lambda row: row["position"])
    assert [(row["position"], row["user"], row["weird name"]) for row in rows] == [
        (1, "ada", None), (2, "bob", True), (3, None, None)
    ]  # fmt: skip
    assert [(row["day"], row["hour"], row["own_hour"]) for row in rows] == [(1, 9, 7), (1, 9, None), (2, 9, None)]
    assert [str(json.loads(row["port"]) if kind != "parquet" else row["port"]) for row in rows] == [
        "443", "https", "1.5"
    ]  # fmt: skip
    assert {row["source_key"] for row in rows} == {"test-key"}
    assert [len(row["event_id"]) for row in rows] == [32, 32, 32]


@needs_duckdb
@pytest.mark.parametrize("kind", KINDS)
def test_without_the_last_line_rows_are_there_twice(write: Callable[[str], Path], kind: str) -> None:
    text = texts("sql")[0 if kind == "parquet" else 1].replace("s3://lake", str(write(kind)))
    every = "\n".join(line for line in text.replace("DISTINCT ", "").splitlines() if not line.startswith("QUALIFY"))
    assert sorted(row["position"] for row in query(every)) == [1, 2, 2, 3]


@needs_duckdb
def test_nested_values_are_json_text_in_parquet(write: Callable[[str], Path]) -> None:
    files = write("parquet") / "curated" / "**" / "*.parquet"
    table = f"read_parquet('{files}', union_by_name = true)"
    [row] = query(f"SELECT nested, nested->>'$.a[0]' AS first FROM {table} WHERE nested IS NOT NULL")
    assert row == {"nested": '{"a":[1]}', "first": "1"}


@needs_duckdb
def test_parquet_is_compressed_by_zstd(write: Callable[[str], Path]) -> None:
    files = write("parquet") / "curated" / "**" / "*.parquet"
    assert query(f"SELECT DISTINCT compression FROM parquet_metadata('{files}')") == [{"compression": "ZSTD"}]


@pytest.mark.parametrize("kind", ["ndjson.gz", "ndjson.zst"])
def test_slips_parse_reads_the_lines(write: Callable[[str], Path], kind: str) -> None:
    [file] = write(kind).glob(f"curated/format=cloudtrail/**/day=02/**/*.{kind}")
    result = CliRunner().invoke(main, ["parse", "--format", "json", str(file)])
    assert result.exit_code == 0, result.output
    [line] = map(json.loads, result.output.splitlines())
    assert (line["tag"], line["event"]["position"], line["event"]["port"]) == ("json", 3, 1.5)
    assert "slips parse --format json" in texts("console")[0]


def test_the_archives_of_the_page_can_be_declared() -> None:
    calls = [node for text in texts("python") for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    archives = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "S3Archive"]
    assert [eval(ast.unparse(call), {"S3Archive": S3Archive}).destination for call in archives] == [
        "s3://lake/curated/", "s3://lake/flows/", "s3://lake/flows/"
    ]  # fmt: skip


def test_the_test_of_the_page_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    page = SimpleNamespace(make_meta=make_meta)
    exec(texts("python")[-1], vars(page))
    page.test_a_flow_is_archived(monkeypatch)
