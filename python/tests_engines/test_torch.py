"""Against the real PyTorch and torchvision."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import torch
import torchvision
from torch.utils.data import DataLoader

import leaven as lv
import leaven.torch
from conftest import smooth

RECIPE = lv.Recipe([lv.random_resized_crop(size=16), lv.rotate(degrees=lv.uniform(-20, 20)), lv.normalize()], seed=3)


def test_tensors_come_back_as_tensors():
    array = smooth(30, 40)
    tensor = torch.from_numpy(array.transpose(2, 0, 1).copy())
    made = RECIPE(tensor, key="a")
    assert isinstance(made, torch.Tensor) and made.shape == (3, 16, 16) and made.is_contiguous()
    assert np.array_equal(made.numpy(), RECIPE(array, key="a").transpose(2, 0, 1))
    grey = lv.Recipe([lv.horizontal_flip()])(tensor[0])
    assert torch.equal(grey, tensor[0].flip(1))
    line = RECIPE.explain(array, key="a").line
    assert torch.equal(RECIPE.replay(line, tensor), made)


def test_flips_and_normalize_are_those_of_torchvision():
    functional = torchvision.transforms.functional
    tensor = torch.from_numpy(smooth(31, 40).transpose(2, 0, 1).copy())
    assert torch.equal(lv.Recipe([lv.horizontal_flip()])(tensor), functional.hflip(tensor))
    assert torch.equal(lv.Recipe([lv.vertical_flip()])(tensor), functional.vflip(tensor))
    mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    expected = functional.normalize(tensor.float() / 255, mean, std)
    torch.testing.assert_close(lv.Recipe([lv.normalize(mean=mean, std=std)])(tensor), expected, atol=1e-5, rtol=0)


def test_the_loader_gives_tensors_that_train(photos):
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Flatten(), torch.nn.Linear(4 * 14 * 14, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    arrays = list(lv.Loader(photos, RECIPE, batch_size=4, epochs=2))
    for (images, labels), (array, numbers) in zip(leaven.torch.Loader(photos, RECIPE, batch_size=4, epochs=2), arrays):
        assert images.dtype == torch.float32 and labels.dtype == torch.int64
        assert np.array_equal(images.numpy(), array) and np.array_equal(labels.numpy(), numbers)
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.isfinite(loss)


def test_the_loader_resumes_inside_a_checkpoint(photos, tmp_path):
    whole = [images for images, _ in leaven.torch.Loader(photos, RECIPE, batch_size=5, epochs=2)]
    loader = leaven.torch.Loader(photos, RECIPE, batch_size=5, epochs=2)
    batches = iter(loader)
    head = [next(batches)[0] for _ in range(4)]
    torch.save({"data": loader.state_dict()}, tmp_path / "checkpoint.pt")
    batches.close()
    other = leaven.torch.Loader(photos, RECIPE, batch_size=5, epochs=2)
    other.load_state_dict(torch.load(tmp_path / "checkpoint.pt")["data"])
    rest = [images for images, _ in other]
    assert len(head) + len(rest) == len(whole)
    assert all(torch.equal(a, b) for a, b in zip(whole, head + rest))


@pytest.mark.parametrize("workers", [0, 2])
def test_the_dataset_is_the_same_with_any_number_of_workers(photos, workers):
    dataset = leaven.torch.Dataset(photos, RECIPE)
    assert len(dataset) == 12 and dataset.classes == ["cat", "dog"]
    for epoch in (0, 1):
        dataset.set_epoch(epoch)
        images = torch.cat([images for images, _ in DataLoader(dataset, batch_size=4, num_workers=workers)])
        for number, image in enumerate(images):
            name = ("cat", "dog")[number // 6]
            array = np.asarray(torchvision.io.read_image(str(photos / name / f"{number % 6}.png")).permute(1, 2, 0))
            expected = RECIPE(array, key=f"{name}/{number % 6}.png", epoch=epoch)
            assert np.array_equal(image.numpy(), expected.transpose(2, 0, 1))
    assert len(pickle.loads(pickle.dumps(dataset))) == 12


def test_a_distributed_sampler_gives_each_rank_its_share(photos):
    from torch.utils.data.distributed import DistributedSampler

    dataset = leaven.torch.Dataset(photos, RECIPE)
    seen = []
    for rank in range(3):
        sampler = DistributedSampler(dataset, num_replicas=3, rank=rank, shuffle=True)
        sampler.set_epoch(1)
        seen += [tuple(label.tolist()) for _, label in DataLoader(dataset, batch_size=4, sampler=sampler)]
    assert sorted(sum(seen, ())) == [0] * 6 + [1] * 6


@pytest.mark.parametrize("workers", [0, 2])
def test_in_place_of_torchvision_transforms_no_epoch_repeats_the_last(photos, workers):
    folder = torchvision.datasets.ImageFolder(str(photos), transform=leaven.torch.Transform(RECIPE))
    torch.manual_seed(5)
    loader = DataLoader(folder, batch_size=4, num_workers=workers)
    first, second = (torch.cat([images for images, _ in loader]) for _ in range(2))
    assert first.shape == (12, 3, 16, 16) and first.dtype == torch.float32
    assert not any(torch.equal(a, b) for a, b in zip(first, second))
    same_picture = [folder[0][0] for _ in range(4)]
    assert not torch.equal(same_picture[0], same_picture[1])


def test_inside_compose_between_pictures_and_tensors(photos):
    compose = torchvision.transforms.Compose(
        [lv.Recipe([lv.random_crop(width=16, height=16)]), torchvision.transforms.ToTensor()]
    )
    image, label = torchvision.datasets.ImageFolder(str(photos), transform=compose)[0]
    assert image.shape == (3, 16, 16) and label == 0
