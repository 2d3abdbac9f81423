"""What a loader and a batch say of labels: soft ones of mixed pictures, several, numbers, marks."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth

MIX = "leaven: 1\nseed: 5\nsteps:\n  - random_crop: {width: 24, height: 20}\n  - one_of: [{mixup: {alpha: 1}}, cutmix]\n"


@pytest.fixture
def manifest(tmp_path):
    """Three classes, nine PNGs and their CSV."""
    folder = tmp_path / "listed"
    folder.mkdir()
    rows = [("file", "label")]
    for number in range(9):
        Image.fromarray(smooth(30, 40, seed=number)).save(folder / f"{number}.png")
        rows.append((f"{number}.png", "abc"[number % 3]))
    (folder / "labels.csv").write_text("\n".join(map(",".join, rows)) + "\n")
    return folder


def test_a_loader_mixes_as_augment_does(manifest, tmp_path):
    """Pixels and shares of the first epoch are those that `leaven augment` writes as first copies."""
    recipe = lv.Recipe.from_text(MIX)
    lv.augment(manifest, tmp_path / "out", recipe, times=1)
    written = {}
    with open(tmp_path / "out" / "labels.csv", newline="") as table:
        for row in csv.DictReader(table):
            written[row["file"]] = row["label"]
    loader = lv.Loader(manifest, recipe, batch_size=4, shuffle=False, layout="NHWC")
    assert loader.classes == ["a", "b", "c"]
    images, labels = (np.concatenate(parts) for parts in zip(*loader))
    assert labels.dtype == np.float32 and labels.shape == (9, 3)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert ((labels > 0).sum(axis=1) == 2).any()
    for number in range(9):
        name = f"{number}_aug1.png"
        assert np.array_equal(images[number], np.asarray(Image.open(tmp_path / "out" / name)))
        shares = dict(part.split(":") for part in written[name].split(";")) if ":" in written[name] else {written[name]: 1}
        np.testing.assert_allclose(labels[number], [float(shares.get(one, 0)) for one in "abc"], atol=1e-6)


def test_mixing_depends_on_no_thread_and_partners_stay_in_the_split(manifest):
    recipe = lv.Recipe.from_text(MIX)
    first, second = (list(lv.Loader(manifest, recipe, batch_size=2, epochs=2, threads=threads)) for threads in (1, 3))
    assert all(np.array_equal(x, u) and np.array_equal(y, v) for (x, y), (u, v) in zip(first, second))
    rows = (manifest / "labels.csv").read_text().splitlines()
    splits = ["split"] + ["train" if "a" in row or "b" in row else "val" for row in (r.split(",")[1] for r in rows[1:])]
    (manifest / "labels.csv").write_text("\n".join(f"{row},{split}" for row, split in zip(rows, splits)) + "\n")
    for _, labels in lv.Loader(manifest, recipe, split="train"):
        assert (labels[:, 2] == 0).all()


def test_partners_of_one_class_keep_numbers(manifest):
    recipe = lv.Recipe.from_text("leaven: 1\nsteps:\n  - mixup: {partners: same_class}\n")
    (_, labels), = lv.Loader(manifest, recipe, shuffle=False)
    assert labels.dtype == np.int64 and labels.tolist() == [0, 1, 2] * 3


def test_numbers_are_mixed_to_their_mean(manifest):
    text = (manifest / "labels.csv").read_text()
    for name, number in (("a", "-1.5"), ("b", "0"), ("c", "4")):
        text = text.replace(f",{name}", f",{number}")
    (manifest / "labels.csv").write_text(text)
    (_, plain), = lv.Loader(manifest, shuffle=False)
    assert plain.tolist() == [-1.5, 0, 4] * 3
    (_, mixed), = lv.Loader(manifest, lv.Recipe([lv.mixup(alpha=1)]), shuffle=False)
    assert mixed.dtype == np.float64 and mixed.min() >= -1.5 and mixed.max() <= 4 and (mixed != plain).any()


def test_a_batch_mixes_its_own_pictures():
    pictures = [np.full((8, 8, 3), 40 * number, np.uint8) for number in range(6)]
    recipe = lv.Recipe([lv.mixup(alpha=1)], seed=2)
    names = list("abcdef")
    made, soft = recipe.batch(pictures, keys=names, labels=[0, 1, 2, 3, 4, 5], classes=6)
    assert soft.shape == (6, 6) and soft.dtype == np.float32
    np.testing.assert_allclose(soft.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(made[:, 0, 0, 0], soft @ (40 * np.arange(6)), atol=0.51)
    back = [5, 3, 1, 0, 2, 4]
    again, moved = recipe.batch([pictures[n] for n in back], keys=[names[n] for n in back], labels=back, classes=6, threads=3)
    assert np.array_equal(again, made[back]) and np.array_equal(moved, soft[back])
    assert np.array_equal(recipe.batch(pictures, keys=names), recipe.batch(pictures, keys=names, threads=1))


def test_a_batch_that_would_lose_labels_is_refused():
    pictures = [np.zeros((8, 8, 3), np.uint8)] * 2
    with pytest.raises(ValueError, match="say classes="):
        lv.Recipe([lv.mixup()]).batch(pictures, labels=[0, 1])
    with pytest.raises(ValueError, match="label 7 is none of the classes 0, 1"):
        lv.Recipe([lv.mixup()]).batch(pictures, labels=[0, 7], classes=2)
    with pytest.raises(ValueError, match="a label for each picture, got 0 for 2"):
        lv.Recipe([lv.mixup()]).batch(pictures, classes=2)
    _, whole = lv.Recipe([lv.horizontal_flip()]).batch(pictures, labels=["dog", "cat"], classes=["cat", "dog"])
    assert whole.tolist() == [[0, 1], [1, 0]]
    with pytest.raises(ValueError, match=r"test_feed.py:\d+: mixup: .*recipe.batch"):
        lv.Recipe([lv.mixup()])(pictures[0])


@pytest.fixture
def marked(tmp_path):
    """COCO: two pictures of one size, the second without a mark."""
    folder = tmp_path / "marked"
    (folder / "images").mkdir(parents=True)
    for number in range(2):
        Image.fromarray(smooth(30, 40, seed=number)).save(folder / "images" / f"{number}.png")
    categories = [{"id": 1, "name": "cat", "keypoints": ["left_ear", "right_ear"]}, {"id": 2, "name": "dog"}]
    annotations = [
        {"id": 1, "image_id": 0, "category_id": 2, "bbox": [4, 6, 10, 12], "area": 120, "iscrowd": 0,
         "segmentation": [[4, 6, 14, 6, 14, 18, 4, 18]]},
        {"id": 2, "image_id": 0, "category_id": 1, "bbox": [20, 10, 8, 8], "area": 64, "iscrowd": 0,
         "segmentation": [[20, 10, 28, 10, 28, 18, 20, 18]], "keypoints": [21, 11, 2, 26, 12, 1], "num_keypoints": 2},
    ]
    images = [{"id": number, "file_name": f"{number}.png", "width": 40, "height": 30} for number in range(2)]
    (folder / "annotations.json").write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return folder


def test_marks_come_as_a_dict_for_each_sample(marked):
    loader = lv.Loader(marked, lv.Recipe([lv.horizontal_flip(p=1)]), shuffle=False, instance_masks=True)
    assert loader.classes == ["cat", "dog"]
    (images, targets), = loader
    assert len(images) == len(targets) == 2
    first, second = targets
    assert first["labels"].tolist() == [1, 0] and first["iscrowd"].tolist() == [0, 0]
    assert first["boxes"].tolist() == [[26, 6, 36, 18], [12, 10, 20, 18]] and first["boxes"].dtype == np.float32
    # In a mirror the left ear is where the right one was.
    assert first["keypoints"][1].tolist() == [[39 - 26, 12, 1], [39 - 21, 11, 2]] and not first["keypoints"][0].any()
    assert sorted(map(tuple, first["polygons"][0][0].tolist())) == [(26, 6), (26, 18), (36, 6), (36, 18)]
    mask = np.zeros((30, 40), np.uint8)
    mask[6:18, 26:36] = 1
    assert np.array_equal(first["masks"][0], mask) and first["masks"].shape == (2, 30, 40)
    assert second["boxes"].shape == (0, 4) and second["labels"].shape == (0,) and second["masks"].shape == (0, 30, 40)
    assert second["keypoints"].shape == (0, 2, 3)


def test_marks_of_mixed_pictures_are_joined(marked):
    recipe = lv.Recipe.from_text("leaven: 1\nseed: 1\nsteps:\n  - mixup: {alpha: 4}\n")
    (_, targets), = lv.Loader(marked, recipe, shuffle=False)
    assert [len(target["boxes"]) for target in targets] == [2, 2] and "masks" not in targets[0]


def test_what_a_recipe_requires_is_drawn_again_or_left_out(marked):
    text = "leaven: 1\nlabels: {require: all}\nsteps:\n  - crop: {x: 30, y: 20, width: 8, height: 8}\n"
    with pytest.warns(UserWarning, match="a required label was lost"):
        (images, targets), = lv.Loader(marked, lv.Recipe.from_text(text), shuffle=False)
    assert len(images) == len(targets) == 1 and len(targets[0]["boxes"]) == 0


def test_masks_of_pictures_come_along(tmp_path):
    for name in ("images", "masks"):
        (tmp_path / name).mkdir()
    picture, mask = smooth(20, 24), (smooth(20, 24)[..., 0] > 127).astype(np.uint8)
    Image.fromarray(picture).save(tmp_path / "images" / "a.png")
    Image.fromarray(mask).save(tmp_path / "masks" / "a.png")
    (images, targets), = lv.Loader(tmp_path, lv.Recipe([lv.vertical_flip(p=1)]), layout="NHWC")
    assert np.array_equal(images[0], picture[::-1])
    (name, moved), = targets[0].items()
    assert name == "mask" and np.array_equal(moved, mask[::-1])
