"""`s3-parquet`: rows as JSON objects where pyarrow is installed, and a word on how to install it where it is not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import find_spec
from itertools import accumulate
from tempfile import SpooledTemporaryFile

import pytest

from slips.errors import CorruptObject, LimitExceeded
from slips.reader import FRAMERS, parquet
from slips.reader.parquet_pages import read_pages

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
    from slips.reader.framing import FramingOptions, RecordFilter

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

    # What a file claims

    def zeros(count: int) -> pa.Array:
        return pa.array([0] * count, pa.int8())

    def listed(*lengths: int) -> pa.Array:
        ends = [0, *accumulate(lengths)]
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), zeros(ends[-1]))

    def held_by_arrow(read_it: Callable[[], Read]) -> tuple[Read, int]:
        """Return what was read, and the most bytes that pyarrow had of its system allocator."""
        pool = pa.system_memory_pool()
        before, usual = pool.max_memory(), pa.default_memory_pool()
        pa.set_memory_pool(pool)
        try:
            return read_it(), pool.max_memory() - before
        finally:
            pa.set_memory_pool(usual)

    def test_a_list_of_more_elements_than_memory_has_is_refused_before_it_is_decoded() -> None:
        stored = file({"a": listed(1, 9_000_000)})
        assert len(stored) < 20_000
        result, held = held_by_arrow(lambda: read("s3-parquet", stored))
        assert (result.records, type(result.error)) == ([], LimitExceeded)
        assert "the lists of row group 0 have 8999999 elements, and 8388608 are read" in str(result.error)
        assert held < 1 << 20

    def test_a_row_of_too_many_values_is_a_fault_and_the_others_are_read() -> None:
        result = read("s3-parquet", file({"a": listed(1, 3_000_000, 2)}), max_line_bytes=1 << 24)
        assert (result.bodies, result.faults, result.error) == ([b'{"a":[0]}', b'{"a":[0,0]}'], [2], None)
        assert "its values would take 195000" in result.complaints[0]

    def test_the_same_long_text_in_each_row_is_read_a_few_rows_at_a_time() -> None:
        texts = pa.DictionaryArray.from_arrays(pa.array([0] * 60, pa.int32()), pa.array(["x" * 1_000_000]))
        stored = file({"a": texts.cast(pa.string())})
        result, held = held_by_arrow(lambda: read("s3-parquet", stored, max_line_bytes=1 << 24))
        assert (len(result.bodies), result.error) == (60, None)
        assert held < 48 << 20

    def test_what_grows_beyond_the_ratio_is_stopped() -> None:
        texts = pa.DictionaryArray.from_arrays(pa.array([0] * 100, pa.int32()), pa.array(["x" * 1_000_000]))
        result = read("s3-parquet", file({"a": texts.cast(pa.string())}), max_line_bytes=1 << 24)
        assert len(result.bodies) > 60
        assert "inflate to" in str(result.error)
        assert "raise limits.max_inflate_ratio" in str(result.error)

    def test_rows_beyond_the_limit_of_an_object_are_not_read() -> None:
        options = FramingOptions(max_object_bytes=100)
        batches = FRAMERS["s3-parquet"]([TEN], RecordFilter(), options)
        with pytest.raises(LimitExceeded, match="the rows have more than 100 bytes"):
            list(batches)

    @pytest.mark.parametrize("claim", [2**31 - 1, 200 << 20])
    def test_a_page_that_claims_more_than_it_may_is_refused_before_it_is_decoded(claim: int) -> None:
        stored = bytearray(file({"n": pa.array(range(1000), pa.int64())}))
        metadata = pq.ParquetFile(io.BytesIO(bytes(stored))).metadata.row_group(0).column(0)
        start = metadata.dictionary_page_offset
        pages = read_pages(io.BytesIO(bytes(stored)), start, metadata.total_compressed_size)
        assert (pages.dictionary, pages.values) == (8000, 1000)
        # The header: its type, then the inflated size, a varint of two bytes in zigzag, which becomes one of five.
        at = start + 2
        assert stored[at : at + 3] == b"\x15\x80\x7d"
        number, varint = claim << 1, bytearray()
        while number > 0x7F:
            varint.append(number & 0x7F | 0x80)
            number >>= 7
        varint.append(number)
        stored[at + 1 : at + 3] = varint
        pages = read_pages(io.BytesIO(bytes(stored)), start, metadata.total_compressed_size + len(varint) - 2)
        assert pages.largest == claim

    def test_what_is_no_header_of_a_page_is_corrupt() -> None:
        for content in (b"\xff" * 50, b"\x15\x80" * 30, b"\x00" * 30, b""[:0] + b"\x15"):
            with pytest.raises(CorruptObject, match="Parquet: no header of a page at byte 0"):
                read_pages(io.BytesIO(content), 0, len(content))

    def test_a_large_file_is_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parquet, "IN_MEMORY", 100)
        assert read("s3-parquet", TEN).count == 10

    def test_a_disk_without_room_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(SpooledTemporaryFile, "write", full)
        assert "has no room on the function's disk" in str(read("s3-parquet", TEN).error)

    @pytest.mark.parametrize(
        "column",
        [
            pa.array([[("k", 1), ("l", 2)], [], None], pa.map_(pa.string(), pa.int64())),
            pa.array([{"a": [1, 2], "b": "x"}, None, {"a": [], "b": None}]),
            pa.array([[1, 2], [3, 4], None], pa.list_(pa.int8(), 2)),
            pa.array(["a", "b", "a"]).dictionary_encode(),
        ],
    )
    def test_rows_of_every_shape_are_cut_into_pieces(column: pa.Array, monkeypatch: pytest.MonkeyPatch) -> None:
        whole = read("s3-parquet", file({"a": column}))
        monkeypatch.setattr(parquet, "PIECE", 1)
        assert (read("s3-parquet", file({"a": column})).bodies, len(whole.bodies)) == (whole.bodies, 3)
