"""Against the real PyTorch and torchvision."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
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


def test_batches_of_tensors_are_tensors():
    arrays = [smooth(30, 40, seed) for seed in range(3)]
    tensors = [torch.from_numpy(array.transpose(2, 0, 1).copy()) for array in arrays]
    expected = RECIPE.batch(arrays, keys=["a", "b", "c"], layout="NCHW")
    for given in (tensors, torch.stack(tensors)):
        made = RECIPE.batch(given, keys=["a", "b", "c"])
        assert isinstance(made, torch.Tensor) and made.shape == (3, 3, 16, 16) and np.array_equal(made.numpy(), expected)
    assert RECIPE.batch(tensors, keys=["a", "b", "c"], layout="NHWC").shape == (3, 16, 16, 3)
    mixing = lv.Recipe([lv.resize(size=8), lv.mixup()], seed=1)
    made, soft = mixing.batch(tensors, keys=["a", "b", "c"], labels=[0, 1, 1], classes=2)
    assert made.shape == (3, 3, 8, 8) and soft.shape == (3, 2) and isinstance(soft, torch.Tensor)
    assert isinstance(RECIPE.batch([tensors[0], arrays[1]], keys=["a", "b"]), np.ndarray)


def test_tensors_of_another_order_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"\(channels, height, width\).*got \(30, 40, 3\) \(write tensor.permute\(2, 0, 1\)\)"):
        RECIPE(torch.zeros(30, 40, 3))
    with pytest.raises(ValueError, match="recipe.batch"):
        RECIPE(torch.zeros(2, 3, 8, 8))
    with pytest.raises(TypeError, match="got int64 .*astype"):
        RECIPE(torch.zeros(3, 8, 8, dtype=torch.int64))


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


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_workers_that_persist_hear_of_a_new_epoch(photos, start):
    for kind in (leaven.torch.Dataset, leaven.torch.IterableDataset):
        alone, shared = (kind(photos, RECIPE) for _ in range(2))
        loader = DataLoader(shared, batch_size=4, num_workers=1, persistent_workers=True, multiprocessing_context=start)
        for epoch in (0, 3, 1):
            alone.set_epoch(epoch)
            shared.set_epoch(epoch)
            expected = torch.cat([images for images, _ in DataLoader(alone, batch_size=4)])
            assert torch.equal(torch.cat([images for images, _ in loader]), expected), epoch
    unpickled = pickle.loads(pickle.dumps(leaven.torch.Dataset(photos, RECIPE)))
    unpickled.set_epoch(5)
    assert unpickled.epoch == 5


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


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stream_gives_every_sample_once_to_any_number_of_workers_and_ranks(photos, workers):
    whole = leaven.torch.Dataset(photos, RECIPE)
    expected = sorted(image.numpy().tobytes() for image, _ in (whole[number] for number in range(12)))
    seen = []
    for rank in range(2):
        stream = leaven.torch.IterableDataset(photos, RECIPE, rank=rank, world=2)
        assert len(stream) == 6 and stream.classes == ["cat", "dog"]
        seen += [image.numpy().tobytes() for images, _ in DataLoader(stream, batch_size=2, num_workers=workers) for image in images]
    assert sorted(seen) == expected


def test_a_stream_has_another_order_each_epoch(photos):
    stream = leaven.torch.IterableDataset(photos, lv.Recipe([lv.resize(size=4)]), world=1)
    orders = []
    for epoch in (0, 0, 1):
        stream.set_epoch(epoch)
        orders.append([image.numpy().tobytes() for image, _ in stream])
    assert orders[0] == orders[1] != orders[2] and sorted(orders[0]) == sorted(orders[2])


def flat_batch(count=64, classes=4):
    """Images of one value each, different for every sample."""
    values = torch.arange(count, dtype=torch.float32) / count
    return values[:, None, None, None].expand(count, 3, 8, 10).clone(), torch.arange(count) % classes


def test_mixup_mixes_pixels_and_labels_by_one_share():
    images, labels = flat_batch()
    mixed, soft = leaven.torch.mixup(0.8, classes=4)(images, labels, key="a")
    assert mixed.shape == images.shape and soft.shape == (64, 4)
    torch.testing.assert_close(soft.sum(dim=1), torch.ones(64))
    changed = (mixed != images).flatten(1).any(dim=1)
    assert changed.float().mean() > 0.8
    for number in range(64):
        assert mixed[number].std() < 1e-6
        shares = soft[number]
        if (shares > 0).sum() == 2:
            own = shares[labels[number]]
            partner_value = (mixed[number, 0, 0, 0] - own * images[number, 0, 0, 0]) / (1 - own)
            partner = torch.argmin((images[:, 0, 0, 0] - partner_value).abs())
            torch.testing.assert_close(images[partner, 0, 0, 0], partner_value, atol=1e-3, rtol=0)
            assert shares[labels[partner]] == 1 - own


def test_cutmix_shares_labels_by_the_pixels_that_are_shown():
    images, labels = flat_batch()
    mixed, soft = leaven.torch.cutmix(classes=4)(images, labels, key="a")
    seen = 0
    for number in range(64):
        own = (mixed[number, 0] == images[number, 0, 0, 0]).float().mean()
        others = mixed[number, 0][mixed[number, 0] != images[number, 0, 0, 0]].unique()
        assert len(others) <= 1
        expected = torch.zeros(4)
        expected[labels[number]] += own
        if len(others):
            expected[labels[torch.argmin((images[:, 0, 0, 0] - others[0]).abs())]] += 1 - own
            seen += 1
        torch.testing.assert_close(soft[number], expected)
    assert seen > 40


def test_mixing_is_keyed_and_takes_bytes_soft_labels_and_collated_samples():
    images, labels = flat_batch(16)
    for mix in (leaven.torch.mixup(classes=4, seed=2), leaven.torch.cutmix(classes=4, seed=2)):
        one, two, other = mix(images, labels, key="a"), mix(images, labels, key="a"), mix(images, labels, key="b")
        assert torch.equal(one[0], two[0]) and torch.equal(one[1], two[1]) and not torch.equal(one[0], other[0])
        first, second = mix(images, labels), mix(images, labels)
        assert mix.calls == 2 and not torch.equal(first[0], second[0])
        assert mix((images * 255).to(torch.uint8), labels)[0].dtype == torch.uint8
        again = mix(*one)
        torch.testing.assert_close(again[1].sum(dim=1), torch.ones(16))
        loader = DataLoader(list(zip(images, labels)), batch_size=8, collate_fn=mix.collate)
        assert [batch[1].shape for batch in loader] == [(8, 4), (8, 4)]
        with pytest.raises(ValueError, match=r"class numbers must lie in \[0, 4\)"):
            mix(images, labels + 1)
    assert torch.equal(leaven.torch.mixup(classes=4, p=0)(images, labels)[0], images)
    with pytest.raises(ValueError, match="alpha must be above 0"):
        leaven.torch.cutmix(0, classes=3)


def test_targets_of_marked_pictures_train_a_detector(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    for number in range(2):
        Image.fromarray(smooth(64, 64, seed=number)).save(tmp_path / "images" / f"{number}.png")
        (tmp_path / "labels" / f"{number}.txt").write_text(f"{number} 0.5 0.5 0.5 0.25\n" * (2 - number))
    recipe = lv.Recipe([lv.horizontal_flip(p=0.5), lv.normalize()], seed=1)
    loader = leaven.torch.Loader(tmp_path, recipe, batch_size=2, shuffle=False)
    ((images, targets),) = list(loader)
    assert [len(target["boxes"]) for target in targets] == [2, 1] and targets[1]["labels"].tolist() == [1]
    torch.testing.assert_close(targets[1]["boxes"], torch.tensor([[16.0, 24, 48, 40]]))
    sample, target = leaven.torch.Dataset(tmp_path, recipe)[0]
    assert torch.equal(sample, images[0]) and torch.equal(target["boxes"], targets[0]["boxes"])
    model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=3)
    losses = model(list(images), [{**target, "labels": target["labels"] + 1} for target in targets])
    assert all(torch.isfinite(loss) for loss in losses.values())


def test_soft_labels_come_as_tensors(photos):
    recipe = lv.Recipe([lv.random_resized_crop(size=16), lv.mixup(alpha=1)], seed=2)
    dataset = leaven.torch.Dataset(photos, recipe)
    rows = torch.stack([dataset[number][1] for number in range(len(dataset))])
    assert rows.shape == (12, 2) and torch.allclose(rows.sum(dim=1), torch.ones(12)) and (rows > 0).all(dim=1).any()
    batches = [labels for _, labels in leaven.torch.Loader(photos, recipe, batch_size=12, shuffle=False)]
    assert torch.equal(batches[0], rows)


def test_numbers_of_tensors_are_keys_and_labels():
    array = smooth(30, 40)
    assert np.array_equal(RECIPE(array, key=torch.tensor(5)), RECIPE(array, key=5))
    mixing = lv.Recipe([lv.resize(size=8), lv.mixup()], seed=1)
    numbers = [0, 1, 1]
    given = [mixing.batch([array] * 3, keys="abc", labels=labels, classes=2)[1] for labels in (numbers, torch.tensor(numbers), np.array(numbers))]
    assert np.array_equal(given[0], given[1]) and np.array_equal(given[0], given[2])
    key = leaven.torch.mixup(0.8, classes=4)
    assert torch.equal(key(*flat_batch(), key=torch.tensor(3))[0], key(*flat_batch(), key="3")[0])


def test_half_precision_of_either_kind_is_computed_in_float32():
    tensor = torch.rand(3, 20, 30)
    recipe = lv.Recipe([lv.gaussian_blur(sigma=1.5)])
    for kind in (torch.bfloat16, torch.float16):
        given = tensor.to(kind)
        made = recipe(given, key="a")
        assert made.dtype == kind and torch.equal(made, recipe(given.float(), key="a").to(kind))
        batch = recipe.batch([given, given], keys=["a", "a"])
        assert batch.dtype == kind and torch.equal(batch[1], made)
    assert lv.Recipe([lv.normalize()])(tensor.to(torch.bfloat16), key="a").dtype == torch.bfloat16


def test_classes_of_a_mix_may_be_names_and_its_batch_must_be_tensors():
    images, labels = flat_batch(8, 2)
    by_names, by_number = leaven.torch.mixup(classes=["cat", "dog"])(images, labels, key="a"), leaven.torch.mixup(classes=2)(images, labels, key="a")
    assert torch.equal(by_names[0], by_number[0]) and torch.equal(by_names[1], by_number[1])
    with pytest.raises(TypeError, match="classes must be a whole number, got 'cat'"):
        leaven.torch.cutmix(classes="cat")
    with pytest.raises(TypeError, match="images must be a tensor, got a ndarray"):
        leaven.torch.mixup(classes=2)(images.numpy(), labels.numpy())
    with pytest.raises(TypeError, match="labels must be a tensor, got a list"):
        leaven.torch.mixup(classes=2)(images, labels.tolist())


def test_a_loop_that_begins_again_without_an_epoch_says_so(photos):
    stream = leaven.torch.IterableDataset(photos, RECIPE)
    shared = DataLoader(stream, batch_size=4, num_workers=1, persistent_workers=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for epoch in (0, 1, 1):  # an epoch that is asked for again is meant
            stream.set_epoch(epoch)
            list(stream)
        stream.set_epoch(2)
    list(shared)
    with pytest.warns(UserWarning, match="epoch 2 is given again: call set_epoch"):
        list(stream)


def test_a_broken_sample_stops_a_dataset_or_another_stands_in(photos):
    (photos / "cat" / "2.png").write_bytes(b"junk")
    (photos / "cat" / "folder.png").mkdir()
    with pytest.warns(UserWarning, match="left out: cat/folder.png"):
        dataset = leaven.torch.Dataset(photos, RECIPE)
    assert list(dataset.set_aside) == ["cat/folder.png"] and len(dataset) == 12
    with pytest.raises(ValueError, match="cat/2.png"):
        dataset[2]
    (photos / "cat" / "folder.png").rmdir()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lenient = pickle.loads(pickle.dumps(leaven.torch.Dataset(photos, RECIPE, broken="next")))
    with pytest.warns(UserWarning, match="the next one stands in: cat/2.png"):
        stand_in = lenient[2]
    assert torch.equal(stand_in[0], lenient[3][0]) and stand_in[1] == 0 and torch.equal(lenient[-1][0], dataset[11][0])
    with pytest.raises(IndexError):
        lenient[12]
    with pytest.warns(UserWarning, match="left out: cat/2.png"):
        assert len(list(leaven.torch.IterableDataset(photos, RECIPE, broken="skip"))) == 11
    for kind, wrong in ((leaven.torch.Dataset, "skip"), (leaven.torch.IterableDataset, "next")):
        with pytest.raises(ValueError, match=f"broken must be .*got {wrong}"):
            kind(photos, RECIPE, broken=wrong)
    for file in photos.rglob("*.png"):
        if file.is_file():
            file.write_bytes(b"junk")
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="no sample of .* can be used"):
        lenient[0]


def test_a_dataset_takes_columns_and_a_limit(tmp_path):
    for number in range(6):
        Image.fromarray(smooth(20, 20, number)).save(tmp_path / f"{number}.png")
    rows = "".join(f"{number}.png,{number % 2},{number % 3},{'train' if number else 'val'}\n" for number in range(6))
    (tmp_path / "list.csv").write_text("where,first,second,part\n" + rows)
    columns = {"path_column": "where", "label_column": "second", "split_column": "part"}
    dataset = leaven.torch.Dataset(tmp_path, RECIPE, "train", **columns)
    assert dataset.classes == ["0", "1", "2"] and [label for _, label in dataset] == [1, 2, 0, 1, 2]
    assert len(leaven.torch.Dataset(tmp_path, RECIPE, limit=4, **columns)) == 4
    assert len(list(leaven.torch.IterableDataset(tmp_path, RECIPE, limit=3, **columns))) == 3
