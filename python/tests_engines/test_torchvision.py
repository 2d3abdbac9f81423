"""Against the real torchvision: every transform, with its chances taken away, makes the picture that its step makes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
import torchvision.transforms as T
from PIL import Image

import leaven as lv
import leaven.torch
from conftest import smooth
from leaven._from_torchvision import TABLE

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "default::leaven.MigrationWarning")
ARRAY = smooth(60, 80)
PICTURE = Image.fromarray(ARRAY)
BILINEAR, BICUBIC = T.InterpolationMode.BILINEAR, T.InterpolationMode.BICUBIC


def converted(transform, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lv.MigrationWarning)
        return lv.from_torchvision(transform, **more)


# Transform, greatest mean difference, and the greatest of nine pixels in ten, in levels of 255.
FIXED = [
    (T.RandomHorizontalFlip(1.0), 0, 0),
    (T.RandomVerticalFlip(1.0), 0, 0),
    (T.Resize((31, 47)), 0.3, 1),
    (T.Resize((150, 100), interpolation=BICUBIC), 0.3, 1),
    (T.Resize(31), 0.3, 1),
    (T.Resize(50, max_size=60), 0.3, 1),
    (T.CenterCrop((31, 40)), 0, 0),
    (T.CenterCrop(100), 0, 0),
    (T.CenterCrop((31, 41)), 0, 0),
    (T.CenterCrop((33, 77)), 0, 0),
    (T.CenterCrop((29, 103)), 0, 0),
    (T.RandomCrop((60, 80)), 0, 0),
    (T.RandomResizedCrop((60, 80), scale=(1, 1), ratio=(80 / 60, 80 / 60)), 0, 0),
    (T.Pad(5), 0, 0),
    (T.Pad((3, 4)), 0, 0),
    (T.Pad((3, 4, 5, 6), fill=9), 0, 0),
    (T.Pad(5, padding_mode="edge"), 0, 0),
    (T.Pad(5, padding_mode="reflect"), 0, 0),
    (T.Pad(5, padding_mode="symmetric"), 0, 0),
    (T.RandomRotation((20, 20)), 2, 0),
    (T.RandomRotation((20, 20), interpolation=BILINEAR, fill=50), 0.6, 1),
    (T.RandomRotation((20, 20), interpolation=BILINEAR, expand=True), 12, 30),
    (T.RandomAffine((20, 20), interpolation=BILINEAR), 0.6, 1),
    (T.RandomAffine((0, 0), scale=(1.3, 1.3), interpolation=BILINEAR), 0.6, 1),
    (T.RandomAffine((0, 0), shear=(12, 12), interpolation=BILINEAR), 0.6, 1),
    (T.RandomAffine((0, 0), shear=(0, 0, 12, 12), interpolation=BILINEAR), 0.6, 1),
    (T.RandomAffine((15, 15), scale=(0.8, 0.8), shear=(12, 12), interpolation=BILINEAR), 1, 1),
    (T.ColorJitter((1.2, 1.2)), 0.6, 1),
    (T.ColorJitter(0, (0.7, 0.7)), 0.6, 1),
    (T.ColorJitter(0, 0, (1.5, 1.5)), 0.6, 1),
    (T.ColorJitter(0, 0, 0, (0.1, 0.1)), 2, 5),
    (T.Grayscale(3), 0.6, 1),
    (T.RandomGrayscale(1.0), 0.6, 1),
    (T.GaussianBlur(11, (1.2, 1.2)), 0.6, 1),
    (T.RandomInvert(1.0), 0, 0),
    (T.RandomPosterize(3, 1.0), 0, 0),
    (T.RandomSolarize(128, 1.0), 0, 0),
    (T.RandomAdjustSharpness(2.0, 1.0), 0.6, 1),
    (T.RandomAdjustSharpness(0.0, 1.0), 0.6, 1),
    (T.RandomAutocontrast(1.0), 0.6, 1),
    (T.RandomEqualize(1.0), 0, 0),
]


@pytest.mark.parametrize("transform, mean, most", FIXED, ids=[f"{type(t).__name__}-{i}" for i, (t, _, _) in enumerate(FIXED)])
def test_the_same_picture_comes_out(transform, mean, most):
    expected = np.asarray(transform(PICTURE))
    made = np.asarray(converted(transform)(PICTURE, key="a"))
    assert made.shape == expected.shape
    difference = np.abs(made.astype(np.float64) - expected)
    of_most = np.percentile(difference, 90)
    assert difference.mean() <= mean and of_most <= most, (difference.mean(), of_most)


def test_to_tensor_and_normalize_are_one_step():
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)
    transform = T.Compose([T.CenterCrop(32), T.ToTensor(), T.Normalize(mean, std)])
    recipe = converted(transform)
    assert recipe == lv.Recipe([lv.center_crop(size=32, compat="torchvision"), lv.normalize(mean=mean, std=std)])
    torch.testing.assert_close(leaven.torch.Transform(recipe)(PICTURE), transform(PICTURE), atol=1e-5, rtol=0)
    plain = leaven.torch.Transform(converted(T.Compose([T.ToTensor()])))
    torch.testing.assert_close(plain(PICTURE), T.ToTensor()(PICTURE), atol=1e-6, rtol=0)


def test_erasing_after_normalize_works_as_in_training_scripts():
    transform = T.Compose([T.ToTensor(), T.Normalize([0.5] * 3, [0.5] * 3), T.RandomErasing(1.0)])
    made = leaven.torch.Transform(converted(transform))(PICTURE)
    assert 0.01 < (made == 0).all(dim=0).float().mean() < 0.4


def test_containers_become_containers():
    transform = T.Compose(
        [
            T.RandomApply([T.RandomInvert(1.0), T.Grayscale(3)], p=0.3),
            T.RandomChoice([T.RandomHorizontalFlip(1.0), T.RandomVerticalFlip(1.0)], p=[0.25, 0.75]),
            T.RandomOrder([T.RandomInvert(0.5), T.RandomEqualize(1.0)]),
        ]
    )
    expected = lv.Recipe(
        [
            lv.with_probability([lv.invert(), lv.grayscale()], p=0.3),
            lv.one_of([lv.horizontal_flip(), lv.vertical_flip()], weights=[0.25, 0.75]),
            lv.random_order([lv.invert(p=0.5), lv.equalize()]),
        ],
        seed=2,
    )
    assert converted(transform, seed=2) == expected


@pytest.mark.parametrize("policy", [T.RandAugment(3, 7), T.TrivialAugmentWide(), T.AutoAugment(T.AutoAugmentPolicy.CIFAR10)], ids=lambda one: type(one).__name__)
def test_policies_become_policies(policy):
    recipe = converted(policy)
    made = [np.asarray(recipe(PICTURE, key=str(key))) for key in range(6)]
    assert all(one.shape == ARRAY.shape for one in made) and any(not np.array_equal(one, ARRAY) for one in made)


def test_every_transform_of_the_library_is_in_the_table():
    own = {name for name in T.transforms.__all__ + T.autoaugment.__all__ if isinstance(getattr(T, name), type)}
    containers = {"Compose", "RandomApply", "RandomChoice", "RandomOrder", "InterpolationMode", "AutoAugmentPolicy"}
    assert not own - containers - set(TABLE.peers)


def test_what_has_no_equal_is_named_and_may_be_left_out():
    transform = T.Compose([T.RandomHorizontalFlip(1.0), T.FiveCrop(10), T.Lambda(lambda x: x), abs, T.RandomRotation(5, center=(1, 1))])
    with pytest.raises(ValueError, match="(?s)4 of these.*FiveCrop.*Lambda.*builtin.*RandomRotation: a centre"):
        lv.from_torchvision(transform)
    with pytest.warns(lv.MigrationWarning, match="left out"):
        recipe = lv.from_torchvision(transform, missing="skip")
    assert np.array_equal(np.asarray(recipe(PICTURE)), ARRAY[:, ::-1])
    with pytest.warns(lv.MigrationWarning, match="GaussianBlur: close: the kernel"):
        lv.from_torchvision(T.GaussianBlur(3))


def test_normalize_takes_numbers_lists_and_tensors():
    for mean, std in ((0.5, 0.25), ([0.5], [0.25]), (torch.tensor([0.5, 0.4, 0.3]), torch.tensor([0.25, 0.25, 0.5]))):
        transform = T.Compose([T.ToTensor(), T.Normalize(mean, std)])
        torch.testing.assert_close(leaven.torch.Transform(converted(transform))(PICTURE), transform(PICTURE), atol=1e-5, rtol=0)


def test_filters_and_steps_of_others_are_named():
    with pytest.raises(ValueError, match="Resize: the filter hamming"):
        lv.from_torchvision(T.Resize((30, 40), T.InterpolationMode.HAMMING))

    class Blur:
        __module__ = "albumentations.augmentations.blur.transforms"

        def __call__(self, **data):
            return data

    with pytest.raises(ValueError, match="Blur: is of albumentations: leaven.from_albumentations"):
        lv.from_torchvision([T.ToTensor(), Blur()])
    for nothing in (None, [None], 5):
        with pytest.raises(TypeError, match="a transform of torchvision is needed, or a list of them, got (None|5)"):
            lv.from_torchvision(nothing)


def test_what_only_newer_versions_have_is_read_by_its_attributes():
    class RandomIoUCrop(torch.nn.Module):
        __module__ = "torchvision.transforms.v2._geometry"

        def __init__(self):
            super().__init__()
            self.min_scale, self.max_scale, self.min_aspect_ratio, self.max_aspect_ratio = 0.4, 0.9, 0.5, 2.0
            self.options, self.trials = [0.0, 0.5, 1.0], 40

    with pytest.warns(lv.MigrationWarning, match="RandomIoUCrop: close"):
        recipe = lv.from_torchvision(RandomIoUCrop())
    assert recipe == lv.Recipe([lv.iou_crop(scale=[0.4, 0.9], ratio=[0.5, 2], overlaps=[0, 0.5, 1])])
