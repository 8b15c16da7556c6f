"""`s3-parquet`: rows as JSON objects where pyarrow is installed, and a word on how to install it where it is not."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import pytest

from slips.errors import CorruptObject, LimitExceeded
from slips.reader import parquet

from .reading import Read, read


def test_without_pyarrow_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = read("s3-parquet", b"PAR1")
    assert result.records == []
    assert "install slips[parquet]" in str(result.error)


if find_spec("pyarrow"):
    import datetime as dt
    import io
    import json
    import random
    from decimal import Decimal

    import pyarrow as pa
    import pyarrow.parquet as pq

    from slips.model.positions import Positions
    from slips.reader.framing import RecordFilter

    def file(columns: dict[str, object], rows_a_group: int | None = None) -> bytes:
        """Return a Parquet file of these columns."""
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer, row_group_size=rows_a_group)
        return buffer.getvalue()

    def only_value(column: object) -> object:
        """Return the value that a column of one row becomes."""
        result = read("s3-parquet", file({"v": column}))
        assert result.error is None
        assert result.count == 1
        return json.loads(result.bodies[0])["v"]

    TEN = file({"n": list(range(1, 11)), "text": [f"row {n}" for n in range(1, 11)]}, rows_a_group=4)

    @pytest.mark.parametrize("size", [7, 1000, 1 << 20])
    def test_every_row_of_every_group_is_a_record_of_json(size: int) -> None:
        result = read("s3-parquet", TEN, sizes=[size])
        assert result.records == [(n, b'{"n":%d,"text":"row %d"}' % (n, n)) for n in range(1, 11)]
        assert result.error is None

    def test_many_rows_come_in_order() -> None:
        result = read("s3-parquet", file({"n": list(range(5000))}))
        assert result.bodies == [b'{"n":%d}' % n for n in range(5000)]

    @pytest.mark.parametrize("start", [1, 3, 4, 5, 8, 9, 10, 11, 20])
    def test_resuming_skips_the_rows_before(start: int) -> None:
        result = read("s3-parquet", TEN, record_filter=RecordFilter(resume_from=start))
        assert [position for position, _ in result.records] == list(range(start, 11))
        assert result.out_of_range == min(start - 1, 10)
        assert result.count == 10

    @pytest.mark.parametrize("text", ["1", "4-5", "2,9"])
    def test_replaying_gives_the_positions_requested(text: str) -> None:
        only = Positions.parse(text)
        result = read("s3-parquet", TEN, record_filter=RecordFilter(only=only))
        assert [position for position, _ in result.records] == [n for n in range(1, 11) if only.touches(n)]

    def test_groups_after_the_last_position_are_not_read() -> None:
        assert read("s3-parquet", TEN, record_filter=RecordFilter(only=Positions.parse("2"))).count < 10

    def test_rows_with_a_needle_come_with_their_positions() -> None:
        result = read("s3-parquet", TEN, record_filter=RecordFilter(needles=(b"row 7", b"row 1")))
        assert [position for position, _ in result.records] == [1, 7, 10]
        assert result.skipped == 7

    def test_a_row_above_the_limit_is_a_fault() -> None:
        result = read("s3-parquet", file({"t": ["a", "x" * 100, "b"]}), max_line_bytes=50)
        assert result.records == [(1, b'{"t":"a"}'), (3, b'{"t":"b"}')]
        assert result.faults == [2]

    @pytest.mark.parametrize(
        ("column", "expected"),
        [
            (pa.array([None], pa.string()), None),
            (["ä\n"], "ä\n"),
            ([2**63 - 1], 2**63 - 1),
            (pa.array([2**64 - 1], pa.uint64()), 2**64 - 1),
            ([0.5], 0.5),
            ([True], True),
            ([float("nan")], None),
            ([[1, None, 2]], [1, None, 2]),
            ([{"a": {"b": [1]}}], {"a": {"b": [1]}}),
            (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), [["a", 1]]),
            (pa.array(["a"]).dictionary_encode(), "a"),
            ([b"text"], "text"),
            ([b"\xff\x00"], "/wA="),
            ([[b"\xff"]], ["/w=="]),
            ([Decimal("1.50")], "1.50"),
            ([dt.date(2026, 1, 31)], "2026-01-31"),
            ([dt.time(12, 30)], "12:30:00"),
            (pa.array([1_000], pa.timestamp("ms")), "1970-01-01T00:00:01+00:00"),
            (pa.array([1_000_001], pa.timestamp("us")), "1970-01-01T00:00:01.000001+00:00"),
            (pa.array([1_000_001_999], pa.timestamp("ns")), "1970-01-01T00:00:01.000001+00:00"),
            (pa.array([0], pa.timestamp("ns", "Europe/Berlin")), "1970-01-01T01:00:00+01:00"),
        ],
        ids=str,
    )
    def test_values_come_as_json_types_or_else_as_text(column: object, expected: object) -> None:
        assert only_value(column) == expected

    @pytest.mark.parametrize(
        "column",
        [
            pa.array([[1_000_001_999]], pa.list_(pa.timestamp("ns"))),
            pa.array([[1_000_001_999]], pa.large_list(pa.timestamp("ns"))),
            pa.array([[1_000_001_999]], pa.list_(pa.timestamp("ns"), 1)),
            pa.array([[("at", 1_000_001_999)]], pa.map_(pa.string(), pa.timestamp("ns"))),
            pa.array([{"at": [1_000_001_999]}], pa.struct([("at", pa.list_(pa.timestamp("ns")))])),
            pa.array([1_000_001_999], pa.time64("ns")),
            pa.array([1_000_001_999], pa.duration("ns")),
        ],
        ids=lambda column: str(column.type),
    )
    def test_nanoseconds_come_as_text_at_any_depth(column: object) -> None:
        assert "01.000001" in json.dumps(only_value(column))

    @pytest.mark.parametrize(
        "column",
        [
            pa.array([10**17], pa.timestamp("ms")),
            pa.array([10**7], pa.date32()),
            pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]),
        ],
        ids=["time", "date", "text"],
    )
    def test_a_value_that_python_cannot_hold_costs_its_row_and_names_its_column(column: pa.Array) -> None:
        columns = {"n": [1, 2, 3], "v": pa.concat_arrays([pa.nulls(1, column.type), column, pa.nulls(1, column.type)])}
        result = read("s3-parquet", file(columns))
        assert result.records == [(1, b'{"n":1,"v":null}'), (3, b'{"n":3,"v":null}')]
        assert result.faults == [2]
        assert result.samples == [b'{"n":2}']
        assert result.complaints[0].startswith("record 2: Python cannot hold the value of v: ")
        assert result.error is None

    def test_a_faulty_row_out_of_range_is_skipped() -> None:
        result = read(
            "s3-parquet", file({"v": pa.array([10**7, 0], pa.date32())}), record_filter=RecordFilter(resume_from=2)
        )
        assert result.records == [(2, b'{"v":"1970-01-01"}')]
        assert result.faults == []
        assert result.out_of_range == 1

    @pytest.mark.parametrize(
        "text",
        [
            b"PAR1",
            b"no Parquet at all",
            TEN[:-1],
            TEN[:200],
            b"PAR1" + TEN[:50] + TEN[60:],
            TEN.replace(b"text", b"\xff\xfe\xff\xfe"),
        ],
    )
    def test_what_is_not_parquet_is_corrupt(text: bytes) -> None:
        result = read("s3-parquet", text)
        assert isinstance(result.error, CorruptObject)
        assert str(result.error).startswith("Parquet: ")

    def test_a_damaged_file_raises_only_its_own_error_and_never_shifts_a_position() -> None:
        chance = random.Random(4)
        errors = set()
        for _ in range(300):
            stored = bytearray(TEN)
            for place in chance.sample(range(len(stored)), 2):
                stored[place] ^= 1 << chance.randrange(8)
            errors.add(type(read("s3-parquet", bytes(stored)).error))
        assert errors == {CorruptObject, type(None)}

    def test_an_empty_object_has_no_rows() -> None:
        assert read("s3-parquet", b"") == Read()

    def test_a_file_without_rows_has_none() -> None:
        assert read("s3-parquet", file({"n": []})) == Read()

    def test_a_file_that_is_too_large_to_hold_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parquet, "MOST", 500)
        result = read("s3-parquet", TEN, sizes=[100])
        assert isinstance(result.error, LimitExceeded)
        assert "larger than 500 bytes: write smaller files" in str(result.error)
