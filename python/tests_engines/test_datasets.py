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
