"""Against the real Hugging Face datasets."""

from __future__ import annotations

import datasets
import numpy as np
import pytest
from PIL import Image

import leaven as lv

datasets.disable_progress_bars()
RECIPE = lv.Recipe([lv.horizontal_flip()])


@pytest.fixture
def table(photos):
    files = sorted(str(file) for file in photos.rglob("*.png"))
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    return datasets.Dataset.from_dict({"image": files, "label": [int("dog" in file) for file in files]}, features=features)


def test_a_recipe_is_a_transform(table):
    plain = [np.asarray(table[number]["image"]) for number in range(len(table))]
    moved = table.with_transform(RECIPE)
    assert np.array_equal(np.asarray(moved[3]["image"]), plain[3][:, ::-1]) and moved[3]["label"] == 0
    batch = moved[2:5]
    assert all(isinstance(image, Image.Image) for image in batch["image"]) and batch["label"] == [0, 0, 0]
    table.set_transform(RECIPE)
    assert np.array_equal(np.asarray(table[11]["image"]), plain[11][:, ::-1])


def test_a_recipe_maps_one_by_one_and_in_batches(table):
    plain = [np.asarray(table[number]["image"]) for number in range(len(table))]
    for made in (table.map(RECIPE, batched=True, batch_size=5), table.map(RECIPE)):
        assert made["label"] == table["label"] or list(made["label"]) == list(table["label"])
        for number in (0, 7):
            assert np.array_equal(np.asarray(made[number]["image"]), plain[number][:, ::-1])


def test_every_look_at_a_random_transform_is_another(table):
    moved = table.with_transform(lv.Recipe([lv.rotate(degrees=lv.uniform(-40, 40))], seed=1))
    assert not np.array_equal(np.asarray(moved[0]["image"]), np.asarray(moved[0]["image"]))


def test_rows_without_a_picture_and_palettes(photos):
    """A palette's numbers are no colours: they are shown before they are changed, as a file's are."""
    files = sorted(photos.rglob("*.png"))[:3]
    palette = Image.open(files[1]).quantize(16)
    palette.save(photos / "clear.png", transparency=3)
    clear = Image.open(photos / "clear.png")
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    table = datasets.Dataset.from_dict({"image": [str(files[0]), None, palette, clear.filename], "label": [0, 1, 2, 3]}, features=features)
    modes = [image and image.mode for image in table["image"]]
    assert modes == ["RGB", None, "P", "P"]
    for made in (table.with_transform(RECIPE)[:4], table.map(RECIPE, batched=True)[:4], table.map(RECIPE)[:4]):
        assert [image and image.mode for image in made["image"]] == ["RGB", None, "RGB", "RGBA"] and made["label"] == [0, 1, 2, 3]
        assert np.array_equal(np.asarray(made["image"][2]), np.asarray(palette.convert("RGB"))[:, ::-1])
        assert np.array_equal(np.asarray(made["image"][3]), np.asarray(clear.convert("RGBA"))[:, ::-1])
    assert table.with_transform(RECIPE)[1]["image"] is None
    assert RECIPE({"image": None, "boxes": [[1, 2, 3, 4]]}) == {"image": None, "boxes": [[1, 2, 3, 4]]}
