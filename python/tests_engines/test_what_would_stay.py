"""Pictures and marks that nobody moves with the picture are refused, wherever a sample comes from; kinds come back as they went in."""

from __future__ import annotations

import io

import numpy as np
import pandas
import pyarrow as pa
import pytest
from PIL import Image
from sklearn.base import clone

import leaven as lv
import leaven.sklearn

RECIPE = lv.Recipe([lv.rotate(degrees=10)], seed=1)
ARRAY = np.zeros((40, 60, 3), np.uint8)
PICTURE = Image.fromarray(ARRAY)


@pytest.mark.parametrize(
    "sample",
    [
        {"image": PICTURE, "annotation": PICTURE},
        {"image": [PICTURE, PICTURE], "depth": [PICTURE, PICTURE]},
        {"image": [None, PICTURE], "depth": [None, PICTURE]},
        {"image": ARRAY, "depth": np.zeros((40, 60))},
        {"image": PICTURE, "points": [[1, 2]]},
        {"image": [PICTURE], "objects": [{"bbox": [1, 2, 3, 4]}]},
        {"image": ARRAY, "bbox": np.array([1, 2, 3, 4])},
        {"image": ARRAY, "polygon": [[1, 2], [3, 4], [5, 6]]},
        {"image": ARRAY, "rle": "1 5 9 4"},
        {"image": ARRAY, "x_min": 3},
        {"image": [ARRAY], "x1": [1], "y1": [2]},
        {"image": ARRAY, "meta": {"xmin": 1}},
        {"image": ARRAY, "coords": [[1, 2]]},
        {"image": ARRAY, "instances": [{"id": 3, "bbox": [1, 2, 3, 4]}]},
        {"image": ARRAY, "things": [{"Keypoints": [1, 2]}]},
        {"image": PICTURE, "views": [PICTURE]},
        {"image": ARRAY, "clip": np.zeros((5, 40, 60, 3))},
        {"image": ARRAY, "right": b"\x89PNG\r\n\x1a\n"},
    ],
)
def test_samples(sample):
    with pytest.raises(ValueError, match="would stay where it is"):
        RECIPE(sample)


def test_samples_with_numbers_of_such_names_are_none():
    made = RECIPE({"image": ARRAY, "points": 3, "annotation": "a cat", "embedding": np.zeros((7, 9)), "label": 2})
    assert made["points"] == 3 and made["annotation"] == "a cat"
    assert RECIPE({"image": [None], "depth": [PICTURE]})["image"] == [None]
    for sample in ({"x1": 1, "x2": 2}, {"tokens": [1, 2]}, {"polygon": "square"}, {"sound": b"RIFF....WAVEfmt "}, {"meta": {"top": 3}}, {"x": 1.5, "y": 2}):
        assert RECIPE({"image": ARRAY, **sample}).keys() == {"image", *sample}


def test_width_and_height_of_a_sample_are_those_of_its_picture():
    recipe = lv.Recipe([lv.resize(width=30, height=20)])
    made = recipe({"image": ARRAY, "width": 60, "height": 40})
    assert (made["width"], made["height"]) == (30, 20)
    made = recipe({"image": [PICTURE, None, PICTURE], "width": [60, 60, 7], "height": [40, 40, 9]})
    assert (made["width"], made["height"]) == ([30, 60, 7], [20, 40, 9])


@pytest.mark.parametrize("name", ["bbox", "boxes", "mask", "keypoints"])
def test_tables(name):
    file = io.BytesIO()
    PICTURE.save(file, "PNG")
    table = pa.table({"id": ["a", "b"], "image": [file.getvalue()] * 2})
    marked = table.append_column(name, pa.nulls(2, pa.binary() if name == "mask" else pa.list_(pa.float32())))
    for make in (RECIPE.arrow(), RECIPE.arrow, lambda rows: RECIPE.transform_stream(rows).read_all()):
        assert make(table).num_rows == 2
        with pytest.raises(ValueError, match=f"column {name} would stay where it is"):
            make(marked)
    assert RECIPE.arrow(table.append_column(name, pa.array([1, 2]))).num_rows == 2, "numbers are no marks"
    assert [batch.num_rows for batch in RECIPE.arrow_iter(table.to_batches())] == [2]


def test_further_pictures_are_known_by_how_they_begin():
    file = io.BytesIO()
    PICTURE.save(file, "PNG")
    table = pa.table({"id": ["a", "b"], "image": [file.getvalue()] * 2})
    cells = {
        "depth": [None, file.getvalue()],
        "target": [file.getvalue()] * 2,
        "pages": [[file.getvalue()]] * 2,
        "about": [{"view": file.getvalue()}] * 2,
        "clip": [b"\0\0\0\x18ftypmp42"] * 2,
        "polygon": [[1.0, 2.0]] * 2,
        "EncodedPixels": ["1 5"] * 2,
        "xmin": [1, 2],
        "things": [[{"bbox": [1.0]}]] * 2,
    }
    for name, values in cells.items():
        marked = table.append_column(name, pa.array(values))
        for make in (RECIPE.arrow(), lambda rows: RECIPE.transform_stream(rows).read_all()):
            with pytest.raises(ValueError, match=f"column {name} would stay where it is"):
                make(marked)
    for name, values in {"embedding": [[0.5, 1.0]] * 2, "digest": [b"\1\2\3"] * 2, "x1": [1, 2], "caption": ["1 cat"] * 2, "tags": [["a"]] * 2}.items():
        assert RECIPE.arrow(table.append_column(name, pa.array(values))).num_rows == 2


def test_marks_of_jax_come_back_as_jax():
    import jax.numpy  # here: its threads would be in the way of workers that other tests fork

    made = RECIPE(jax.numpy.asarray(ARRAY), mask=jax.numpy.ones((40, 60), jax.numpy.int32), boxes=jax.numpy.asarray([[1.0, 2, 30, 20]]))
    assert all(isinstance(made[name], jax.numpy.ndarray) for name in ("image", "mask", "boxes"))
    assert made["mask"].dtype == jax.numpy.int32


def test_scores_of_keypoints_are_refused():
    with pytest.raises(ValueError, match="visibility"):
        RECIPE(ARRAY, keypoints=[[10, 10, 0.9]])


def test_one_picture_is_no_batch():
    with pytest.raises(ValueError, match=r"batch\(\[image\]\)"):
        RECIPE.batch(ARRAY)


def test_frames_of_pandas_keep_their_index_and_names():
    rows = lv.Recipe([lv.table_jitter()])
    frame = pandas.DataFrame({0: [1.5, 2.5, 3.5], 1: [4.5, 5.5, 6.5]}, index=[10, 20, 30])
    made = rows(frame)
    assert made.index.tolist() == [10, 20, 30] and made.columns.tolist() == [0, 1]


def test_whole_numbers_of_the_augmenter_are_rounded():
    X = np.arange(2 * 5 * 5).reshape(2, 5, 5).astype(np.int64)
    augmenter = clone(leaven.sklearn.Augmenter(lv.Recipe([]), times=1, value_range=(0, 100)))
    made, _ = augmenter.fit_resample(X, [0, 1])
    np.testing.assert_array_equal(made[2:], X)


@pytest.mark.parametrize("fill", [300, -1, 2.7])
def test_a_fill_that_the_mask_cannot_hold_is_refused(fill):
    with pytest.raises(ValueError, match="mask_fill must be a number that uint8 holds"):
        RECIPE(ARRAY, mask=np.zeros((40, 60), np.uint8), mask_fill=fill)
    assert RECIPE(ARRAY, mask=np.zeros((40, 60), np.uint8), mask_fill=255)["mask"].max() == 255


@pytest.mark.parametrize(
    "marks, words",
    [
        ({"boxes": [1, 2, 3, 4]}, r"boxes must be rows of four numbers, got \[1, 2, 3, 4\]"),
        ({"boxes": "abc"}, "boxes must be rows of four numbers"),
        ({"polygons": [None]}, r"polygons\[0\] must be rows of x, y"),
        ({"keypoints": [[1, 2], [3]]}, "keypoints must be rows"),
        ({"boxes": [[1, 2, 3, 4]], "labels": 3}, "labels must be one for each thing"),
    ],
)
def test_marks_that_are_none_are_named(marks, words):
    with pytest.raises((ValueError, TypeError), match=words):
        RECIPE(ARRAY, **marks)
