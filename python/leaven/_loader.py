"""Batches of a dataset on disk, epoch after epoch."""

from __future__ import annotations

import hashlib
import os
import queue
import threading
import warnings
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple, Type, Union

import numpy as np

from . import _core
from ._arguments import check
from ._recipe import Recipe, missing_file, planes_of, required


class Loader:
    """Reads, decodes, augments and collates with threads of this process, ahead of whoever trains.

        for images, labels in lv.Loader("photos/", recipe, batch_size=64, epochs=10): ...

    images: one array a batch, (N, H, W, C) or (N, C, H, W); of time series float32 of (N, channels, time), with layout="NHWC"
        (N, time, channels), or a list of arrays where they are not all of one length
    labels: class numbers (int64; `classes` names them, -1 is none of them); (N, classes) of float32 where samples have several classes, or
        where the recipe mixes samples of different ones; floats for regression targets; for marked pictures a list of
        dicts, one a sample: boxes (left, top, right, bottom), labels, iscrowd, polygons, keypoints, masks, as there are

    recipe: None for the pictures as they are; partners of mixing steps are other samples of the split
    threads: 0 for all cores
    shuffle: another order each epoch, the same on every machine (from the recipe's seed and the epoch)
    drop_last: leave out a last batch that is not full
    split: train, val or test, where the dataset has splits
    rank, world: this process loads every world-th sample; each gets equally many (some twice, or with drop_last some
        are left out)
    rgb: pictures have three channels before the recipe sees them: grey three times over, alpha left out; False leaves
        them as they are, and so are those of more than four channels left
    broken: "skip" leaves samples out that cannot be decoded, with a warning, and `set_aside` names them; "raise" stops there
    ahead: batches that are made before they are asked for
    instance_masks: marked things come with masks (N, H, W), made of their outlines where they have no other
    cache, cache_gb: a folder of its own for decoded pictures, from which later epochs and runs take them, and how many GiB it
        may hold; what came first stays. For disks that are quicker than decoding; the pixels are the same
    """

    def __init__(
        self,
        source: Union[str, os.PathLike],
        recipe: Optional[Recipe] = None,
        *,
        batch_size: int = 32,
        threads: int = 0,
        epochs: Optional[int] = 1,
        shuffle: bool = True,
        drop_last: bool = False,
        split: Optional[str] = None,
        rank: int = 0,
        world: int = 1,
        layout: str = "NCHW",
        rgb: bool = True,
        broken: str = "skip",
        ahead: int = 2,
        instance_masks: bool = False,
        limit: int = 0,
        path_column: str = "",
        label_column: str = "",
        split_column: str = "",
        cache: Union[str, os.PathLike, None] = None,
        cache_gb: float = 20.0,
    ):
        if cache is not None:
            cache = os.path.abspath(os.fspath(cache))
        self._asked = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        check(batch_size=batch_size, threads=threads, epochs=epochs, shuffle=shuffle, drop_last=drop_last, split=split, rank=rank)
        check(world=world, rgb=rgb, ahead=ahead, instance_masks=instance_masks, limit=limit)
        check(path_column=path_column, label_column=label_column, split_column=split_column)
        if batch_size < 1 or ahead < 1 or world < 1 or not 0 <= rank < world:
            raise ValueError("batch_size, ahead and world must be at least 1, and rank in [0, world)")
        if not isinstance(cache_gb, (int, float)) or not 0 < cache_gb < 2**33:
            raise ValueError(f"cache_gb must be a number above 0, got {cache_gb!r}")
        if broken not in ("skip", "raise"):
            raise ValueError(f"broken must be skip or raise, got {broken}")
        self._recipe = Recipe([]) if recipe is None else required(recipe)
        self.batch_size, self.threads, self.epochs = batch_size, threads, epochs
        self.shuffle, self.drop_last, self.rank, self.world = shuffle, drop_last, rank, world
        self.rgb, self._planes, self._skip, self._ahead = rgb, planes_of(layout), broken == "skip", ahead
        self._masks = instance_masks
        try:
            # Where the program stands may change; what it said when the loader was made does not.
            self._source = os.path.abspath(os.fspath(source))
            self._data = _core.Dataset(self._source, "", path_column, label_column, split_column, limit)
        except ValueError as error:
            if os.path.exists(source) and _core.usual_preset(os.fspath(source)) == "table":
                raise ValueError(f"{error} (rows of a table go through a recipe together: recipe(frame, epoch=epoch) in each epoch)") from None
            raise missing_file(error, source) from None
        self._chosen: np.ndarray = self._data.select(split)
        if not len(self._chosen):
            raise ValueError(f"{os.fspath(source)} has no samples of split {split}")
        self.set_aside: Dict[str, str] = no_samples(self._data, self._skip)
        self._feed = feed_of(self._data, self._recipe, self._chosen, cache, cache_gb)
        self._epoch = self._batch = 0
        self._end = epochs or 0  # the epoch before which a loop ends
        self._ordered: Optional[Tuple[int, np.ndarray]] = None
        self._loop = object()  # the loop that began last

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    @property
    def classes(self) -> List[str]:
        """The class of each number, or of each column; of marked pictures the classes of things. In the order that the
        dataset gives them, else by value where all are whole numbers, else by their bytes."""
        return self._feed.classes()

    @property
    def epoch(self) -> int:
        """The epoch of the next batch, from 0."""
        return self._epoch

    def __len__(self) -> int:
        """Batches of an epoch."""
        return self._divided(self._share(), self.batch_size)

    def __reduce__(self) -> Tuple[Any, ...]:
        """A loader travels as what it was asked for and where it stands: another process opens the dataset anew."""
        asked = {**self._asked, "source": self._source, "recipe": self._recipe}
        return _loader_again, (type(self), asked), self.state_dict()

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.load_state_dict(state)

    def __repr__(self) -> str:
        return f"leaven.Loader({self._data.description()}, {len(self._chosen)} samples, {len(self)} batches an epoch)"

    def state_dict(self) -> Dict[str, Any]:
        """Where the loader stands: between the batch that was handed out last and the next. It names no end: behind the last
        epoch a loop goes on with further ones, so a training that resumes asks `loader.epoch < epochs` whether it is over."""
        return {"epoch": self._epoch, "batch": self._batch, **self._identity()}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Goes on where state_dict() was taken. Throws ValueError when it is another loader's."""
        if not isinstance(state, dict):
            raise TypeError(f"a state is the dict that state_dict() gives, got {type(state).__name__}")
        for name, value in self._identity().items():
            if state.get(name) != value:
                raise ValueError(f"this state is of a loader with {name} {state.get(name)}, here it is {value}")
        epoch, batch = state.get("epoch"), state.get("batch")
        if not isinstance(epoch, int) or not isinstance(batch, int) or epoch < 0 or not 0 <= batch < max(1, len(self)):
            raise ValueError(f"this state stands at batch {batch} of epoch {epoch}, and an epoch has {len(self)} batches")
        self._epoch, self._batch = epoch, batch
        # A state of the end of a loop stays there: the next loop goes on behind it.
        if self.epochs:
            self._end = max(self.epochs, -(-(self._epoch + (self._batch > 0)) // self.epochs) * self.epochs)

    def __iter__(self) -> Iterator[Tuple[np.ndarray, Any]]:
        """The rest of the epochs, from where the loader stands; once they are over, as many more: a loop around a loop over a
        loader never sees an epoch twice. One loop at a time: when another begins, the one before ends with a RuntimeError."""
        if self.epochs is not None and self._epoch >= self._end:
            self._end = self._epoch + self.epochs
        self._loop = own = object()
        nothing = self._batch == 0  # of this epoch so far, seen whole
        with _Ahead(self._make, self._places(self._epoch, self._batch), self._ahead) as batches:
            for place, made in batches:
                for sample, reason in made.broken:
                    if sample not in self.set_aside:
                        self.set_aside[sample] = reason
                        warnings.warn(f"left out: {reason}", stacklevel=2)
                if self._loop is not own:
                    raise RuntimeError("another loop over this loader began: each loop needs a Loader of its own")
                self._epoch, self._batch = self._after(place)
                if made.images is not None:
                    nothing = False
                    yield made.images, made.labels
                if self._batch == 0:
                    if nothing:
                        raise ValueError(f"no sample of epoch {place[0]} could be used: {next(iter(self.set_aside.values()), 'all were left out')}")
                    nothing = True

    def _identity(self) -> Dict[str, Any]:
        return {
            "batch_size": self.batch_size,
            "shuffle": self.shuffle,
            "drop_last": self.drop_last,
            "seed": self.recipe.seed,
            "recipe": hashlib.blake2b(self.recipe.yaml.encode(), digest_size=8).hexdigest(),
            "rank": self.rank,
            "world": self.world,
            "samples": len(self._chosen),
        }

    def _divided(self, count: int, by: int) -> int:
        """Full parts, or all parts."""
        return count // by if self.drop_last else -(-count // by)

    def _share(self) -> int:
        """Samples of an epoch that this rank loads."""
        return self._divided(len(self._chosen), self.world) if self.world > 1 else len(self._chosen)

    def _order(self, epoch: int) -> np.ndarray:
        """This rank's samples of an epoch, in their order."""
        if self._ordered is None or self._ordered[0] != epoch:
            order = self._chosen
            if self.shuffle:
                order = order[_core.shuffled(len(order), self.recipe.seed, epoch)]
            self._ordered = (epoch, np.resize(order, self._share() * self.world)[self.rank :: self.world])
        return self._ordered[1]

    def _places(self, epoch: int, batch: int) -> Iterator[Tuple[int, int]]:
        batches = len(self)
        while batches and (self.epochs is None or epoch < self._end):
            for number in range(batch, batches):
                yield epoch, number
            epoch, batch = epoch + 1, 0

    def _after(self, place: Tuple[int, int]) -> Tuple[int, int]:
        epoch, batch = place
        return (epoch, batch + 1) if batch + 1 < len(self) else (epoch + 1, 0)

    def _make(self, place: Tuple[int, int], progress: _core.Progress) -> _Made:
        epoch, batch = place
        indices = self._order(epoch)[batch * self.batch_size : (batch + 1) * self.batch_size].tolist()
        try:
            if isinstance(self._feed, _core.SeriesFeed):
                series, labels, broken = self._feed.load_batch(indices, epoch, 1, self.threads, self._skip, progress)
                images = side_by_side(series, self._planes)
            else:
                images, labels, broken = self._feed.load_batch(
                    indices, epoch, 1, self.threads, self._planes, self.rgb, self._skip, self._masks, progress
                )
        except ValueError as error:
            raise self._recipe._placed(error) from None
        reasons = [(self._data.id(int(indices[item])), reason) for item, reason in broken]
        return _Made(images, labels, reasons)


def side_by_side(series: List[np.ndarray], channels_first: bool) -> Any:
    """One array, where all are of one shape; None where there is none."""
    arrays = series if channels_first else [one.T for one in series]
    if not arrays:
        return None
    return np.stack(arrays) if len({one.shape for one in arrays}) == 1 else arrays


def feed_of(data: _core.Dataset, recipe: Recipe, chosen: np.ndarray, cache: Any = None, cache_gb: float = 0) -> Union[_core.Feed, _core.SeriesFeed]:
    """Samples of a dataset through a recipe; what it complains of names the step's line in Python."""
    try:
        if _core.SeriesFeed.takes(data):
            return _core.SeriesFeed(data, recipe._core, chosen.tolist())
        return _core.Feed(data, recipe._core, chosen.tolist(), cache or "", int(cache_gb * 2**30))
    except ValueError as error:
        raise recipe._placed(error) from None


def no_samples(data: _core.Dataset, skip: bool) -> Dict[str, str]:
    """What the dataset has that looks like a sample and is none, each with a warning; ValueError unless it may be skipped."""
    found = dict(data.no_samples())
    for name, reason in found.items():
        if not skip:
            raise ValueError(f"{name}: {reason}")
        warnings.warn(f"left out: {name}: {reason}", stacklevel=3)
    return found


def _loader_again(kind: Type[Loader], asked: Dict[str, Any]) -> Loader:
    return kind(**asked)


class _Made(NamedTuple):
    images: Optional[np.ndarray]
    labels: Any
    broken: List[Tuple[str, str]]


class _Ahead:
    """make(place, progress) for each place in order, on a thread of its own, a few places ahead."""

    def __init__(self, make: Any, places: Iterator[Any], ahead: int):
        self._make, self._places = make, places
        self._made: queue.Queue = queue.Queue(ahead)
        self._progress = _core.Progress()
        self._thread = threading.Thread(target=self._work, name="leaven loader", daemon=True)

    def __enter__(self) -> _Ahead:
        self._thread.start()
        return self

    def __iter__(self) -> Iterator[Tuple[Any, _Made]]:
        while True:
            try:
                place, made = self._made.get(timeout=1)
            except queue.Empty:
                if not self._thread.is_alive():
                    raise RuntimeError("this loop over a loader began in another process: begin it anew after a fork") from None
                continue
            if isinstance(made, BaseException):
                raise made
            if made is None:
                return
            yield place, made

    def __exit__(self, *_: Any) -> None:
        self._progress.stop = True
        while self._thread.is_alive():
            try:
                self._made.get(timeout=0.05)
            except queue.Empty:
                pass

    def _put(self, place: Any, made: Any) -> None:
        while not self._progress.stop:
            try:
                return self._made.put((place, made), timeout=0.1)
            except queue.Full:
                pass

    def _work(self) -> None:
        try:
            for place in self._places:
                made = self._make(place, self._progress)
                if self._progress.stop:
                    return
                self._put(place, made)
            self._put(None, None)
        except BaseException as error:
            self._put(None, error)
