"""Against the real pyarrow, Polars, pandas, DuckDB and Hugging Face datasets: tables with pictures."""

from __future__ import annotations

import io
import pathlib
import pickle

import datasets
import duckdb
import numpy as np
import pandas
import polars
import pyarrow as pa
import pytest
from PIL import Image

import leaven as lv

RECIPE = lv.Recipe([lv.rotate(degrees=lv.uniform(-30, 30)), lv.brightness(by=lv.uniform(0.8, 1.2))], seed=4)


@pytest.fixture
def table(photos):
    files = sorted(photos.rglob("*.png"))
    return pa.table({
        "id": [file.name + str(number) for number, file in enumerate(files)],
        "image": pa.array([file.read_bytes() for file in files], pa.binary()),
        "label": ["dog" if "dog" in str(file) else "cat" for file in files],
        "other": list(range(len(files))),
    })


def pictures(table):
    return [np.asarray(Image.open(io.BytesIO(file))) for file in table.column("image").to_pylist()]


def test_pictures_are_made_new_by_their_names_and_all_else_stays(table):
    made = RECIPE.arrow()(table)
    assert made.schema == table.schema
    assert all(made.column(name) == table.column(name) for name in ("id", "label", "other"))
    for key, before, after in zip(table.column("id").to_pylist(), pictures(table), pictures(made)):
        assert np.array_equal(after, RECIPE(before, key=key))


def test_any_parts_in_any_order_make_the_same_bytes(table):
    whole = dict(zip(table.column("id").to_pylist(), RECIPE.arrow()(table).column("image").to_pylist()))
    for size in (1, 5):
        for batch in RECIPE.arrow(threads=2).batches(reversed(table.to_batches(max_chunksize=size))):
            for key, file in zip(batch.column("id").to_pylist(), batch.column("image").to_pylist()):
                assert whole[key] == file
    assert pickle.loads(pickle.dumps(RECIPE.arrow()))(table).equals(RECIPE.arrow()(table))


def test_classes_are_found_for_steps_that_ask_for_one(table):
    recipe = lv.Recipe([lv.invert(when={"class": "dog"})])
    for made in (recipe.arrow()(table), recipe.arrow(label="label")(table)):
        changed = [not np.array_equal(a, b) for a, b in zip(pictures(table), pictures(made))]
        assert changed == [label == "dog" for label in table.column("label").to_pylist()]


def test_a_stream_is_read_batch_by_batch(table):
    read = []

    def batches():
        for number, batch in enumerate(table.to_batches(max_chunksize=3)):
            read.append(number)
            yield batch

    reader = RECIPE.transform_stream(pa.RecordBatchReader.from_batches(table.schema, batches()))
    assert read == []
    first = reader.read_next_batch()
    assert read == [0] and first.num_rows == 3
    rest = pa.Table.from_batches([first, *reader])
    assert rest.equals(RECIPE.arrow()(table))


def test_polars_gives_and_takes_streams(table):
    frame = polars.from_arrow(table)
    made = polars.from_arrow(RECIPE.transform_stream(frame))
    assert made.columns == frame.columns
    assert made["image"].to_list() == RECIPE.arrow()(table).column("image").to_pylist()


def test_pandas_gives_and_takes_streams(table):
    frame = table.to_pandas()
    made = RECIPE.transform_stream(frame).read_pandas()
    assert list(made.columns) == list(frame.columns) and isinstance(made, pandas.DataFrame)
    assert made["image"].to_list() == RECIPE.arrow()(table).column("image").to_pylist()


def test_duckdb_gives_and_takes_streams(table):
    """A query goes in, and a query runs over what comes out, while neither is whole in memory."""
    rows = table  # noqa: F841  found by its name, as `made` is
    source = duckdb.sql("select id, image from rows where label = 'cat'")
    made = RECIPE.transform_stream(source)  # noqa: F841
    shown = duckdb.sql("select id, image from made where octet_length(image) > 0 order by id").fetchall()
    whole = dict(zip(table.column("id").to_pylist(), RECIPE.arrow()(table).column("image").to_pylist()))
    assert len(shown) == 6 and all(whole[key] == file for key, file in shown)


def test_hugging_face_structs_keep_their_paths(photos):
    files = sorted(str(file) for file in photos.rglob("*.png"))
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    ds = datasets.Dataset.from_dict({"image": files, "label": [0] * len(files)}, features=features)
    rows = [{"bytes": pathlib.Path(file).read_bytes(), "path": file} for file in files]
    table = pa.table({"image": pa.array([*rows[:3], None, *rows[3:]]), "label": [0] * 13})
    made = RECIPE.arrow()(table)
    assert made.schema == table.schema and made.column("image")[3].as_py() is None
    for before, after in zip(rows, [row for row in made.column("image").to_pylist() if row is not None]):
        assert after["path"] == before["path"]
        plain = np.asarray(Image.open(io.BytesIO(before["bytes"])))
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(after["bytes"]))), RECIPE(plain, key=before["path"]))
    mapped = ds.with_format("arrow").map(lambda rows: rows, batched=True)
    assert len(mapped) == 12


def test_broken_rows_are_left_out_with_a_warning_or_raise(table):
    broken = table.set_column(1, "image", pa.array([b"no picture", *table.column("image").to_pylist()[1:]], pa.binary()))
    with pytest.warns(UserWarning, match="left out: .*0"):
        made = RECIPE.arrow()(broken)
    assert made.num_rows == 11 and made.column("other").to_pylist() == list(range(1, 12))
    with pytest.raises(ValueError, match="0.png0"):
        RECIPE.arrow(broken="raise")(broken)


def test_polars_columns_with_broken_rows(table):
    """Polars streams texts and bytes as views, which few of Arrow's functions know."""
    files = [b"no picture", *table.column("image").to_pylist()[1:]]
    frame = polars.from_arrow(table.set_column(1, "image", pa.array(files, pa.binary())))
    reader = pa.RecordBatchReader.from_stream(frame)
    assert "view" in str(reader.schema.field("image").type)
    with pytest.warns(UserWarning, match="left out: .*0"):
        made = polars.from_arrow(RECIPE.transform_stream(frame))
    assert made.columns == frame.columns and made["id"].to_list() == frame["id"].to_list()[1:]
    assert made["image"].to_list() == RECIPE.arrow()(table).column("image").to_pylist()[1:]
    with pytest.warns(UserWarning, match="left out"):
        assert RECIPE.arrow()(pa.Table.from_batches(reader).slice(0, 1)).num_rows == 0


def test_what_cannot_be_is_refused(table):
    with pytest.raises(ValueError, match="there is no column name, only id, image"):
        RECIPE.arrow(key="name")(table)
    with pytest.raises(ValueError, match="no column holds pictures"):
        RECIPE.arrow(image="nothing")(table)
    with pytest.raises(ValueError, match="as binary"):
        RECIPE.transform_stream(table, image="label")
    with pytest.raises(TypeError, match="Arrow's C stream"):
        RECIPE.transform_stream([1, 2])


def test_small_pictures_are_left_out_and_duplicates_cannot_be_found(table):
    small = io.BytesIO()
    Image.new("RGB", (5, 40)).save(small, "PNG")
    files = table.column("image").to_pylist()
    files[2] = small.getvalue()
    files[4] = None
    table = table.set_column(1, "image", pa.array(files, pa.binary()))
    text = "leaven: 1\nclean: {min_width: 8}\nsteps: [invert]\n"
    with pytest.warns(UserWarning, match="left out: 5×40 px, the recipe asks for at least 8×1"):
        made = lv.Recipe.from_text(text).arrow()(table)
    assert made.num_rows == table.num_rows - 1 and 2 not in made.column("other").to_pylist()
    for stage in ("duplicates: true", "perceptual: 3"):
        with pytest.raises(ValueError, match="compare all rows"):
            lv.Recipe.from_text(text.replace("min_width: 8", stage)).arrow()
