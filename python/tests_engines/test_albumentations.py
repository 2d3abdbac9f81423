"""Against the real albumentations: every transform, with its chances taken away, makes the picture that its step makes."""

from __future__ import annotations

import os
import warnings

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import albumentations as A
import numpy as np
import pytest

import leaven as lv
from leaven._from_albumentations import TABLE
from conftest import smooth

# The library warns of its own plans.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "default::leaven.MigrationWarning")
PICTURE = smooth(60, 80)


def quietly(make, *arguments, **named):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(*arguments, **named)


def converted(pipeline, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lv.MigrationWarning)
        return lv.from_albumentations(pipeline, **more)


# Transform, greatest mean difference, and the greatest of nine pixels in ten, in levels of 255.
FIXED = [
    (A.HorizontalFlip(p=1), 0, 0),
    (A.VerticalFlip(p=1), 0, 0),
    (A.Transpose(p=1), 0, 0),
    (A.Rotate(limit=(20, 20), p=1), 1, 1),
    (A.Rotate(limit=(-33, -33), border_mode=4, p=1), 1, 1),
    (A.Rotate(limit=(20, 20), fill=(10, 20, 30), p=1), 1, 1),
    (A.SafeRotate(limit=(20, 20), p=1), 7, 12),
    (A.Affine(rotate=(15, 15), p=1), 1, 1),
    (A.Affine(scale=(1.2, 1.2), p=1), 1, 1),
    (A.Affine(translate_percent=(0.1, 0.1), p=1), 1, 1),
    (A.Affine(shear={"x": (10, 10), "y": (0, 0)}, p=1), 1, 1),
    (A.Affine(shear={"x": (0, 0), "y": (10, 10)}, p=1), 1, 1),
    (A.Affine(scale=(0.8, 0.8), rotate=(25, 25), translate_percent=(-0.1, -0.1), p=1), 1, 1),
    (quietly(A.ShiftScaleRotate, shift_limit=(0.1, 0.1), scale_limit=(0.2, 0.2), rotate_limit=(30, 30), p=1), 1, 1),
    (A.Crop(10, 5, 50, 35), 0, 0),
    (A.CenterCrop(31, 40), 0, 0),
    (A.CenterCrop(100, 100, pad_if_needed=True), 0, 0),
    (A.RandomResizedCrop((60, 80), scale=(1, 1), ratio=(80 / 60, 80 / 60), p=1), 0, 0),
    (A.Resize(31, 47, p=1), 0.5, 1),
    (A.Resize(150, 170, p=1), 0.5, 1),
    (A.Resize(30, 40, interpolation=3, p=1), 0.5, 1),
    (A.Resize(31, 47, interpolation=6, p=1), 0, 0),
    (A.LongestMaxSize(50), 0.5, 1),
    (A.SmallestMaxSize(45), 0.5, 1),
    (A.RandomScale((0.5, 0.5), p=1), 0.5, 1),
    (A.RandomScale((-0.25, -0.25), p=1), 0.5, 1),
    (A.Pad((3, 4, 5, 6), fill=7), 0, 0),
    (A.Pad(5, border_mode=1), 0, 0),
    (A.Pad(5, border_mode=2), 0, 0),
    (A.Pad(5, border_mode=3), 0, 0),
    (A.Pad(5, border_mode=4), 0, 0),
    (A.PadIfNeeded(91, 100, border_mode=0), 0, 0),
    (A.PadIfNeeded(91, 100, position="top_left", border_mode=0), 0, 0),
    (A.PadIfNeeded(None, None, 32, 32, border_mode=0), 0, 0),
    (A.CropAndPad(percent=(0.1, 0.1), p=1), 1, 1),
    (A.RandomBrightnessContrast((0.2, 0.2), (-0.3, -0.3), p=1), 0.6, 1),
    (A.RandomBrightnessContrast((-0.3, -0.3), (0.5, 0.5), p=1), 0.6, 1),
    (A.ColorJitter((1.2, 1.2), (1, 1), (1, 1), (0, 0), p=1), 0.6, 1),
    (A.ColorJitter((1, 1), (0.7, 0.7), (1, 1), (0, 0), p=1), 1, 1),
    (A.ColorJitter((1, 1), (1, 1), (1.5, 1.5), (0, 0), p=1), 0.6, 2),
    (A.ColorJitter((1, 1), (1, 1), (1, 1), (0.1, 0.1), p=1), 2, 8),
    (A.HueSaturationValue((18, 18), (20, 20), (-15, -15), p=1), 2, 8),
    (A.RGBShift((10, 10), (-20, -20), (5, 5), p=1), 0, 0),
    (A.RandomGamma((130, 130), p=1), 0.6, 1),
    (A.ToGray(p=1), 0.6, 1),
    (A.ToSepia(p=1), 0.6, 1),
    (A.InvertImg(p=1), 0, 0),
    (A.Solarize((0.5, 0.5), p=1), 0.6, 255),
    (A.Posterize(3, p=1), 0, 0),
    (A.Equalize(p=1), 12, 16),
    (A.AutoContrast(method="pil", p=1), 0, 0),
    (A.AutoContrast(p=1), 20, 35),
    (A.CLAHE((2, 2), p=1), 16, 40),
    (A.Normalize(p=1), 0.01, 0.01),
    (A.Normalize(mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25), p=1), 0.01, 0.01),
    (A.Normalize(normalization="image", p=1), 0.01, 0.01),
    (A.Normalize(normalization="image_per_channel", p=1), 0.01, 0.01),
    (A.Normalize(normalization="min_max", p=1), 0.01, 0.01),
    (A.ToFloat(p=1), 0.0001, 0.0001),
    (A.GaussianBlur(0, (1.5, 1.5), p=1), 0.6, 3),
    (A.Blur((5, 5), p=1), 0.6, 1),
    (A.MedianBlur((5, 5), p=1), 0.4, 0),
    (A.Emboss((0.4, 0.4), (0.5, 0.5), p=1), 1, 20),
    (A.UnsharpMask((5, 5), (1.5, 1.5), (0.6, 0.6), threshold=0, p=1), 2, 12),
    (A.Downscale((0.5, 0.5), {"downscale": 3, "upscale": 0}, p=1), 0.6, 1),
    (A.Downscale((0.25, 0.25), {"downscale": 3, "upscale": 1}, p=1), 0.6, 1),
    (A.ImageCompression("jpeg", (70, 70), p=1), 3, 8),
    (A.MultiplicativeNoise((1.2, 1.2), p=1), 0.6, 1),
    (A.ChannelDropout((1, 1), p=0), 0, 0),
    (A.NoOp(), 0, 0),
]


@pytest.mark.parametrize("transform, mean, most", FIXED, ids=[f"{type(t).__name__}-{i}" for i, (t, _, _) in enumerate(FIXED)])
def test_the_same_picture_comes_out(transform, mean, most):
    expected = A.Compose([transform])(image=PICTURE)["image"]
    made = converted(A.Compose([transform]))(image=PICTURE, key="a")
    assert made.shape == expected.shape and made.dtype.kind == expected.dtype.kind
    difference = np.abs(made.astype(np.float64) - expected.astype(np.float64))
    of_most = np.percentile(difference, 90)
    assert difference.mean() <= mean and of_most <= most, (difference.mean(), of_most)


def test_only_the_channels_order_keeps_jpegs_apart():
    swapped = np.ascontiguousarray(PICTURE[..., ::-1])
    expected = A.ImageCompression("jpeg", (70, 70), p=1)(image=swapped)["image"][..., ::-1]
    assert np.array_equal(converted(A.ImageCompression("jpeg", (70, 70), p=1))(image=PICTURE), expected)


def test_that_downscale_takes_other_pixels_is_said():
    with pytest.warns(lv.MigrationWarning, match="Downscale: close: .*INTER_AREA"):
        recipe = lv.from_albumentations(A.Downscale((0.5, 0.5), p=1))
    assert np.abs(recipe(PICTURE, key="a").astype(int) - A.Downscale((0.5, 0.5), p=1)(image=PICTURE)["image"]).max() > 10


def every_transform():
    """With the arguments that they must have."""
    needs = {
        "Crop": dict(x_max=40, y_max=40), "CenterCrop": dict(height=20, width=30), "RandomCrop": dict(height=20, width=30),
        "RandomResizedCrop": dict(size=(30, 40)), "RandomSizedCrop": dict(min_max_height=(20, 40), size=(30, 30)),
        "Resize": dict(height=20, width=30), "LongestMaxSize": dict(max_size=40), "SmallestMaxSize": dict(max_size=40),
        "RandomSizedBBoxSafeCrop": dict(height=30, width=40), "AtLeastOneBBoxRandomCrop": dict(height=30, width=40),
        "CropNonEmptyMaskIfExists": dict(height=30, width=40),
        "CropAndPad": dict(percent=0.1), "PadIfNeeded": dict(min_height=90, min_width=90),
        "AdditiveNoise": dict(spatial_mode="per_pixel", noise_type="gaussian", noise_params={"mean_range": (0, 0), "std_range": (0.1, 0.1)}),
    }
    for name, peer in sorted(TABLE.peers.items()):
        if peer.convert is not None and hasattr(A, name):
            yield name, quietly(getattr(A, name), **needs.get(name, {}), p=1)


@pytest.mark.parametrize("name, transform", list(every_transform()), ids=lambda one: one if isinstance(one, str) else "")
def test_every_known_transform_becomes_steps_that_run(name, transform):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        recipe = lv.from_albumentations(transform)
    made = recipe(image=PICTURE, key="a")
    assert made.ndim == 3 and made.shape[2] == 3
    # What is said in the table is said to the user.
    level = TABLE.peers[name].level
    told = [str(one.message) for one in caught if issubclass(one.category, lv.MigrationWarning)]
    assert level == "exact" or any(text.startswith(f"{name}: {level}") for text in told)
    assert all(one.filename == __file__ for one in caught if issubclass(one.category, lv.MigrationWarning))


def test_every_transform_of_the_library_is_in_the_table():
    own = {name for name in dir(A) if isinstance(getattr(A, name), type) and issubclass(getattr(A, name), A.BasicTransform)}
    bases = {"BasicTransform", "DualTransform", "ImageOnlyTransform", "Transform3D"}
    assert not own - bases - set(TABLE.peers)


def test_containers_become_containers():
    pipeline = A.Compose(
        [
            A.OneOf([A.HorizontalFlip(p=1), A.VerticalFlip(p=3 / 4), A.RandomRotate90(p=1 / 2), A.NoOp(p=1)], p=0.5),
            A.SomeOf([A.InvertImg(p=0.5), A.ToGray(p=1), A.ToSepia(p=1)], n=2),
            A.RandomOrder([A.InvertImg(p=1), A.ToSepia(p=1)], n=2),
            A.Sequential([A.HorizontalFlip(p=1), A.Transpose(p=1)], p=0.25),
            A.OneOrOther(A.HorizontalFlip(p=1), A.Transpose(p=1), p=0.75),
        ]
    )
    expected = lv.Recipe(
        [
            lv.one_of([lv.horizontal_flip(), lv.vertical_flip(), lv.rotate90(times=lv.integer(1, 3), p=0.75), lv.rotate(degrees=0)],
                      weights=[1, 0.75, 0.5, 1], p=0.5),
            lv.some_of([lv.invert(p=0.5), lv.grayscale(), lv.sepia(amount=1)], n=2),
            lv.random_order([lv.invert(), lv.sepia(amount=1)]),
            lv.sequence([lv.horizontal_flip(), lv.transpose()], p=0.25),
            lv.one_of([lv.horizontal_flip(), lv.transpose()], weights=[0.75, 0.25]),
        ],
        seed=3,
    )
    assert converted(pipeline, seed=3) == expected
    assert converted(A.to_dict(pipeline), seed=3) == expected


def test_chances_are_as_great_as_they_were():
    recipe = converted(A.Compose([A.HorizontalFlip(p=0.3), A.RandomRotate90(p=0.8)]), seed=1)
    square = smooth(40, 40)
    same = sum(np.array_equal(recipe(image=square, key=str(key)), square) for key in range(2000)) / 2000
    # Neither flipped nor turned, or turned by nothing: 0.7 · (0.2 + 0.8 / 4).
    assert abs(same - 0.28) < 0.04


def test_limits_of_boxes_become_the_labels_stage():
    pipeline = A.Compose([A.CenterCrop(30, 40)], bbox_params=A.BboxParams("coco", min_visibility=0.4, min_area=9, label_fields=["labels"]))
    boxes = [[25, 20, 20, 10], [10, 20, 15, 10], [0, 0, 5, 5]]
    expected = pipeline(image=PICTURE, bboxes=boxes, labels=[1, 2, 3])
    recipe = converted(pipeline)
    assert "min_visibility: 0.4" in recipe.yaml
    made = recipe(image=PICTURE, boxes=boxes, labels=[1, 2, 3], box_format="coco")
    assert made["labels"] == [int(label) for label in expected["labels"]] == [1]
    np.testing.assert_allclose(made["boxes"], np.array(expected["bboxes"]), atol=1e-4)


def test_masks_boxes_and_keypoints_go_where_they_went():
    mask = (PICTURE[..., 0] > 120).astype(np.uint8)
    boxes, points = [[20, 10, 60, 40]], [(30, 20), (70, 50)]
    for transform in (A.HorizontalFlip(p=1), A.VerticalFlip(p=1), A.Transpose(p=1), A.Crop(10, 5, 75, 55), A.Pad((3, 4, 5, 6))):
        pipeline = A.Compose(
            [transform], bbox_params=A.BboxParams("pascal_voc", label_fields=["labels"]), keypoint_params=A.KeypointParams("xy", remove_invisible=False)
        )
        expected = pipeline(image=PICTURE, mask=mask, bboxes=boxes, labels=[1], keypoints=points)
        made = converted(pipeline)(image=PICTURE, mask=mask, boxes=boxes, labels=[1], keypoints=points)
        assert np.array_equal(made["mask"], expected["mask"]), transform
        np.testing.assert_allclose(made["boxes"], np.array(expected["bboxes"]), atol=1e-4)
        np.testing.assert_allclose(made["keypoints"], np.array(expected["keypoints"]), atol=1e-4)


def test_what_has_no_equal_is_named_and_may_be_left_out():
    pipeline = A.Compose([A.HorizontalFlip(p=1), A.Lambda(name="mine", image=lambda image, **_: image), A.MaskDropout(), A.Rotate(crop_border=True)])
    with pytest.raises(ValueError, match="(?s)3 of these.*Lambda.*MaskDropout.*Rotate: crop_border"):
        lv.from_albumentations(pipeline)
    with pytest.warns(lv.MigrationWarning, match="left out"):
        recipe = lv.from_albumentations(pipeline, missing="skip")
    assert np.array_equal(recipe(image=PICTURE), PICTURE[:, ::-1])
    with pytest.raises(TypeError, match="albumentations pipeline is needed"):
        lv.from_albumentations([A.HorizontalFlip()])


def test_crops_by_boxes_keep_what_they_kept():
    boxes, labels = [[20, 10, 40, 30], [50, 35, 70, 50]], [1, 2]
    for transform in (A.BBoxSafeRandomCrop(), A.RandomSizedBBoxSafeCrop(30, 40)):
        recipe = converted(A.Compose([transform], bbox_params=A.BboxParams("pascal_voc", label_fields=["labels"])))
        for key in range(20):
            made = recipe(image=PICTURE, boxes=boxes, labels=labels, key=str(key))
            assert made["labels"] == labels
    mask = np.zeros((60, 80), np.uint8)
    mask[50:55, 70:75] = 1
    recipe = converted(A.Compose([A.CropNonEmptyMaskIfExists(20, 20, p=1)]))
    for key in range(20):
        made = recipe(image=PICTURE, mask=mask, key=str(key))
        assert made["image"].shape == (20, 20, 3) and made["mask"].any()
