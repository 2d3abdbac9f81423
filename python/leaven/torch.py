"""For PyTorch: a loader without worker processes, a dataset for torch's own DataLoader, a transform for others' datasets.

import leaven.torch
"""

from __future__ import annotations

import os
from typing import Any, Iterator, Optional, Tuple, Union

import numpy as np
import torch
from torch.utils import data

from . import _core
from ._arguments import check
from ._batch_mix import cutmix, mixup
from ._kinds import take
from ._loader import Loader as _ArrayLoader
from ._loader import feed_of
from ._recipe import Recipe, missing_file, required


__all__ = ["Dataset", "IterableDataset", "Loader", "Transform", "cutmix", "mixup"]


def _tensors(labels: Any) -> Any:
    """Labels and targets as leaven.Loader gives them, with tensors for arrays."""
    if isinstance(labels, np.ndarray):
        return torch.from_numpy(labels)
    if isinstance(labels, dict):
        return {name: _tensors(value) for name, value in labels.items()}
    return [_tensors(one) for one in labels] if isinstance(labels, list) else labels


class Loader(_ArrayLoader):
    """leaven.Loader with tensors: images as (N, C, H, W), labels as leaven.Loader gives them (for marked pictures the
    dicts that torchvision's detection models take).

    Threads decode and augment beside the training loop, so nothing is copied between processes. `state_dict()`,
    `rank` and `world` are those of leaven.Loader.
    """

    def __iter__(self) -> Iterator[Tuple[torch.Tensor, Any]]:
        for images, labels in super().__iter__():
            yield _tensors(images), _tensors(labels)


class Dataset(data.Dataset):
    """A folder for torch's DataLoader: (tensor of planes, or of a series' channels, label) by number.

    Values are drawn from the sample's name and the epoch, so any number of workers makes the same pictures. Call
    `set_epoch` before each epoch, as with DistributedSampler; workers that persist hear of it too. `rgb`, `instance_masks`
    and the labels are those of leaven.Loader.
    """

    def __init__(
        self,
        source: Union[str, os.PathLike],
        recipe: Recipe,
        split: Optional[str] = None,
        *,
        rgb: bool = True,
        instance_masks: bool = False,
    ):
        check(split=split, rgb=rgb, instance_masks=instance_masks)
        self.source, self.recipe, self.split, self.rgb = os.path.abspath(os.fspath(source)), required(recipe), split, rgb
        self.instance_masks = instance_masks
        # Memory that this process shares with its workers, so that those that live on see each new epoch.
        self._epoch = torch.zeros(1, dtype=torch.int64).share_memory_()
        self._open()

    def _open(self) -> None:
        try:
            self._data = _core.Dataset(self.source, "", "", "", "", 0)
        except ValueError as error:
            raise missing_file(error, self.source) from None
        self._chosen = self._data.select(self.split)
        if not len(self._chosen):
            raise ValueError(f"{self.source} has no samples of split {self.split}")
        self._feed = feed_of(self._data, self.recipe, self._chosen)
        self.classes = self._feed.classes()

    @property
    def epoch(self) -> int:
        return int(self._epoch[0])

    def set_epoch(self, epoch: int) -> None:
        """From the next loop over a DataLoader on. Not inside a loop: workers make samples ahead."""
        check(epoch=epoch)
        self._epoch[0] = epoch

    def __len__(self) -> int:
        return len(self._chosen)

    def __getitem__(self, number: int) -> Tuple[torch.Tensor, Any]:
        return self._sample(int(self._chosen[number]))

    def _sample(self, index: int) -> Tuple[torch.Tensor, Any]:
        try:
            if isinstance(self._feed, _core.SeriesFeed):
                images, labels, _ = self._feed.load_batch([index], self.epoch, 1, 1, False, _core.Progress())
            else:
                images, labels, _ = self._feed.load_batch(
                    [index], self.epoch, 1, 1, True, self.rgb, False, self.instance_masks, _core.Progress()
                )
        except ValueError as error:
            raise self.recipe._placed(error) from None
        label = labels[0] if isinstance(labels, list) or labels.ndim > 1 else labels[0].item()
        return torch.from_numpy(images[0]), _tensors(label)

    def __getstate__(self) -> Any:
        return (self.source, self.recipe, self.split, self.rgb, self._epoch, self.instance_masks)

    def __setstate__(self, state: Any) -> None:
        self.source, self.recipe, self.split, self.rgb, self._epoch, self.instance_masks = state
        self._open()


class IterableDataset(data.IterableDataset):
    """The same samples as a stream: each worker of a DataLoader, and each rank of a group of processes, gives its share.

    Each worker's last batch is what is left of its own share: a DataLoader with several workers can give up to one batch a
    worker more than its len(), which counts as if there were one. `Dataset` and `Loader` give as many as they say.

    shuffle: another order each epoch, the same on every machine (from the recipe's seed and the epoch)
    rank, world: this process gives every world-th sample; all give equally many, some of them twice
    """

    def __init__(
        self,
        source: Union[str, os.PathLike],
        recipe: Recipe,
        split: Optional[str] = None,
        *,
        rgb: bool = True,
        instance_masks: bool = False,
        shuffle: bool = True,
        rank: int = 0,
        world: int = 1,
    ):
        if world < 1 or not 0 <= rank < world:
            raise ValueError(f"world must be at least 1 and rank in [0, world), got {world} and {rank}")
        self._samples = Dataset(source, recipe, split, rgb=rgb, instance_masks=instance_masks)
        self.shuffle, self.rank, self.world = shuffle, rank, world
        self.classes = self._samples.classes

    def set_epoch(self, epoch: int) -> None:
        """From the next loop over a DataLoader on, in workers that persist, too."""
        self._samples.set_epoch(epoch)

    def __len__(self) -> int:
        return -(-len(self._samples) // self.world)

    def __iter__(self) -> Iterator[Tuple[torch.Tensor, Any]]:
        order = np.arange(len(self._samples), dtype=np.uint32)
        if self.shuffle:
            order = _core.shuffled(len(order), self._samples.recipe.seed, self._samples.epoch)
        own = np.resize(order, len(self) * self.world)[self.rank :: self.world]
        info = data.get_worker_info()
        if info is not None:
            own = own[info.id :: info.num_workers]
        for number in own:
            yield self._samples[int(number)]


class Transform:
    """`transform=` of a torchvision dataset: any picture in, a tensor (C, H, W) out, without a key."""

    def __init__(self, recipe: Recipe):
        self.recipe = required(recipe)

    def __call__(self, image: Any) -> torch.Tensor:
        taken = take(image)
        array = taken.array if taken.array.ndim == 3 else taken.array[..., np.newaxis]
        made = self.recipe.batch([array], layout="NCHW", threads=1, alpha=taken.alpha)
        return torch.from_numpy(made[0])

    def __repr__(self) -> str:
        return f"leaven.torch.Transform({self.recipe!r})"
