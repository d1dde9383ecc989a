"""What Parquet and Arrow files would unpack to is told from their headers."""

import numpy as np
import polars
import pytest

from workbench.engine.data.columnar_sizes import claims_of, unpacked_bytes

ROWS = 70_000
FRAME = polars.DataFrame(
    {
        "number": np.random.default_rng(0).random(ROWS),
        "text": [f"text {n}" for n in range(ROWS)],
        "list": [[1, 2, 3]] * ROWS,
        "record": [{"role": "user", "content": "hello"}] * ROWS,
        "category": polars.Series(["x", "y"] * (ROWS // 2)).cast(polars.Categorical),
    }
)
# A number, a text, three in a list, two in a record, a category.
LEAVES = 8


@pytest.mark.parametrize("compression", ["uncompressed", "snappy", "zstd", "gzip"])
def test_every_page_of_a_parquet_is_counted_however_it_is_packed(tmp_path, compression):
    FRAME.write_parquet(tmp_path / "t.parquet", compression=compression, row_group_size=20_000)
    claims = claims_of(tmp_path / "t.parquet", is_parquet=True)
    assert claims.values == LEAVES * ROWS
    assert claims.unpacked >= 8 * ROWS


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
@pytest.mark.parametrize("stream", [False, True])
def test_every_buffer_of_an_arrow_file_and_stream_is_counted(tmp_path, compression, stream):
    write = FRAME.write_ipc_stream if stream else FRAME.write_ipc
    write(tmp_path / "t.arrow", compression=compression)
    claims = claims_of(tmp_path / "t.arrow", is_parquet=False)
    assert claims.values >= LEAVES * ROWS
    plain = 8 * ROWS + 8 * 3 * ROWS
    assert plain < claims.unpacked < 2 * FRAME.estimated_size()


def test_a_small_file_of_many_equal_numbers_is_refused_with_both_sizes(tmp_path):
    rows = 70_000_000
    polars.DataFrame([polars.Series("a", [1], polars.Int8).new_from_index(0, rows)]).write_parquet(tmp_path / "t")
    with pytest.raises(ValueError, match=r"unpack from 0\.\d MiB to 70,000,000 values of 1,068 MiB"):
        unpacked_bytes(tmp_path / "t", is_parquet=True)


@pytest.mark.parametrize("stream", [False, True])
def test_headers_that_break_off_are_refused(tmp_path, stream):
    path = tmp_path / "t"
    (FRAME.head(100).write_ipc_stream if stream else FRAME.head(100).write_ipc)(path)
    whole = path.read_bytes()
    for end in (20, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:end])
        if not stream:
            with pytest.raises(ValueError, match="headers"):
                claims_of(path, is_parquet=False)
