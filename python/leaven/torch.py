"""For PyTorch: a loader without worker processes, a dataset for torch's own DataLoader, a transform for others' datasets.

import leaven.torch
"""

from __future__ import annotations

import os
import warnings
from typing import Any, Iterator, Optional, Tuple, Union

import numpy as np
import torch
from torch.utils import data

from . import _core
from ._arguments import check
from ._batch_mix import cutmix, mixup
from ._kinds import take
from ._loader import Loader as _ArrayLoader
from ._loader import feed_of, no_samples
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
    `set_epoch` before each epoch, as with DistributedSampler; workers that persist hear of it too. Without it every epoch is
    the first again: samples are asked for by number, so a dataset cannot know that an epoch begins. `rgb`,
    `instance_masks`, `limit`, the columns and the labels are those of leaven.Loader. What looks like a sample and is none (a
    dangling link, a folder named x.jpg) is left out with a warning, and `set_aside` names it.

    broken: "raise" stops at a sample that cannot be decoded; "next" gives the next one that can in its place, with a warning:
        a number must have a sample, so none can be left out
    """

    def __init__(
        self,
        source: Union[str, os.PathLike],
        recipe: Recipe,
        split: Optional[str] = None,
        *,
        rgb: bool = True,
        instance_masks: bool = False,
        broken: str = "raise",
        limit: int = 0,
        path_column: str = "",
        label_column: str = "",
        split_column: str = "",
    ):
        check(split=split, rgb=rgb, instance_masks=instance_masks, limit=limit)
        check(path_column=path_column, label_column=label_column, split_column=split_column)
        if broken not in ("raise", "next"):
            raise ValueError(f"broken must be raise or next, got {broken}")
        self.source, self.recipe, self.split, self.rgb = os.path.abspath(os.fspath(source)), required(recipe), split, rgb
        self.instance_masks, self.broken = instance_masks, broken
        self._read_as = (path_column, label_column, split_column, limit)
        # Memory that this process shares with its workers, so that those that live on see each new epoch.
        self._epoch = torch.zeros(1, dtype=torch.int64).share_memory_()
        self._open()
        self.set_aside = no_samples(self._data, True)

    def _open(self) -> None:
        try:
            self._data = _core.Dataset(self.source, "", *self._read_as)
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
        first = range(len(self))[number]
        for further in range(len(self)):
            sample = self._sample((first + further) % len(self), "the next one stands in")
            if sample is not None:
                return sample
        raise ValueError(f"no sample of {self.source} can be used")

    def _sample(self, number: int, instead: str) -> Optional[Tuple[torch.Tensor, Any]]:
        """None for a broken one that need not raise, with a warning that says what comes instead."""
        index, skip = int(self._chosen[number]), self.broken != "raise"
        try:
            if isinstance(self._feed, _core.SeriesFeed):
                images, labels, broken = self._feed.load_batch([index], self.epoch, 1, 1, skip, _core.Progress())
            else:
                images, labels, broken = self._feed.load_batch(
                    [index], self.epoch, 1, 1, True, self.rgb, skip, self.instance_masks, _core.Progress()
                )
        except ValueError as error:
            raise self.recipe._placed(error) from None
        if broken:
            warnings.warn(f"{instead}: {broken[0][1]}", stacklevel=3)
            return None
        label = labels[0] if isinstance(labels, list) or labels.ndim > 1 else labels[0].item()
        return torch.from_numpy(images[0]), _tensors(label)

    def __getstate__(self) -> Any:
        return {name: value for name, value in vars(self).items() if name not in ("_data", "_chosen", "_feed")}

    def __setstate__(self, state: Any) -> None:
        vars(self).update(state)
        self._open()


class IterableDataset(data.IterableDataset):
    """The same samples as a stream: each worker of a DataLoader, and each rank of a group of processes, gives its share. A loop
    that begins again without a set_epoch() before it gives the same again, with a warning.

    Each worker's last batch is what is left of its own share: a DataLoader with several workers can give up to one batch a
    worker more than its len(), which counts as if there were one. `Dataset` and `Loader` give as many as they say.

    shuffle: another order each epoch, the same on every machine (from the recipe's seed and the epoch)
    rank, world: this process gives every world-th sample; all give equally many, some of them twice
    broken: "raise" stops at a sample that cannot be decoded; "skip" leaves it out, with a warning
    further: what else leaven.torch.Dataset takes: rgb, instance_masks, limit, path_column, label_column, split_column
    """

    def __init__(
        self,
        source: Union[str, os.PathLike],
        recipe: Recipe,
        split: Optional[str] = None,
        *,
        shuffle: bool = True,
        rank: int = 0,
        world: int = 1,
        broken: str = "raise",
        **further: Any,
    ):
        if world < 1 or not 0 <= rank < world:
            raise ValueError(f"world must be at least 1 and rank in [0, world), got {world} and {rank}")
        if broken not in ("raise", "skip"):
            raise ValueError(f"broken must be raise or skip, got {broken}")
        self._samples = Dataset(source, recipe, split, broken="next" if broken == "skip" else "raise", **further)
        # Whether a loop has begun since set_epoch(), shared as the epoch is.
        self._begun = torch.zeros(1, dtype=torch.bool).share_memory_()
        self.shuffle, self.rank, self.world = shuffle, rank, world
        self.classes = self._samples.classes

    def set_epoch(self, epoch: int) -> None:
        """From the next loop over a DataLoader on, in workers that persist, too."""
        self._samples.set_epoch(epoch)
        self._begun[0] = False

    def __len__(self) -> int:
        return -(-len(self._samples) // self.world)

    def __iter__(self) -> Iterator[Tuple[torch.Tensor, Any]]:
        order = np.arange(len(self._samples), dtype=np.uint32)
        if self.shuffle:
            order = _core.shuffled(len(order), self._samples.recipe.seed, self._samples.epoch)
        own = np.resize(order, len(self) * self.world)[self.rank :: self.world]
        info = data.get_worker_info()
        if info is None or info.id == 0:
            if self._begun[0]:
                warnings.warn(f"epoch {self._samples.epoch} is given again: call set_epoch() before each loop", stacklevel=2)
            self._begun[0] = True
        if info is not None:
            own = own[info.id :: info.num_workers]
        for number in own:
            sample = self._samples._sample(int(number), "left out")
            if sample is not None:
                yield sample


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
