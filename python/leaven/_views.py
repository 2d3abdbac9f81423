"""Test-time augmentation: several views of one picture, and what a model says of them brought back onto it."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

import numpy as np

from . import _core
from ._arguments import check
from ._kinds import is_torch, require_type, take
from ._marks import Marks, move

# How heatmaps of several views become one, of (views, height, width, channels) with NaN where a view does not see a pixel.
_JOINED: Dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mean": lambda all_: np.nanmean(all_, axis=0),
    "median": lambda all_: np.nanmedian(all_, axis=0),
    "max": lambda all_: np.nanmax(all_, axis=0),
    "min": lambda all_: np.nanmin(all_, axis=0),
    "gmean": lambda all_: np.exp(np.nanmean(np.log(np.maximum(all_, np.finfo(np.float32).tiny)), axis=0)),
}


class View:
    """One picture made new.

    image: of the kind that the picture was
    copy: which one; 0 is the picture at strength 0
    """

    __slots__ = ("image", "copy", "_core", "_shown")

    def __init__(self, image: Any, copy: int, core: _core.View):
        self.image, self.copy, self._core = image, copy, core
        self._shown: Optional[np.ndarray] = None

    def back(
        self,
        *,
        heatmap: Any = None,
        mask: Any = None,
        boxes: Any = None,
        keypoints: Any = None,
        polygons: Any = None,
        labels: Any = None,
        box_format: str = "xyxy",
        keypoint_names: Optional[Sequence[str]] = None,
        mask_fill: Any = 0,
    ) -> Any:
        """What a model says of this view, where it lies on the picture; a dict by the arguments' names, or the one that was given.

        heatmap: numbers of any range, (height, width) or (height, width, channels), a tensor (channels, height, width); of the
            view's size or of another that is stretched to it. float32 comes back, interpolated, NaN where the view does not
            show the picture
        mask: labels of any type and the view's size, taken by nearest pixels; `mask_fill` where the view does not show it
        boxes, keypoints, polygons, labels: as for a call of the recipe; boxes turned by an odd angle become those around
            them. None is dropped that lies on the picture; `kept` names them where boxes or polygons were given
        """
        check(keypoint_names=keypoint_names)
        said: Dict[str, Any] = {} if heatmap is None else {"heatmap": _of_kind(heatmap, self._heatmap(heatmap))}
        marks = Marks(mask, None, boxes, keypoints, polygons, labels, box_format, keypoint_names, mask_fill)
        if marks.any:
            height, width = self._core.size
            _, moved = move(lambda *arrays: self._core.back_marks(*arrays), marks, width, height)
            said.update(moved)
        if not said:
            raise TypeError("back() needs a prediction: heatmap=, mask=, boxes=, keypoints= or polygons=")
        return next(iter(said.values())) if len(said) == 1 else said

    def _heatmap(self, heatmap: Any) -> np.ndarray:
        """(height, width, channels) on the picture."""
        values = _channels_last(heatmap)
        # Groups of as many channels as a picture has.
        parts = [self._core.back_picture(np.ascontiguousarray(values[..., first : first + size])) for first, size in _groups(values.shape[2])]
        made = np.concatenate([part.reshape(part.shape[0], part.shape[1], -1) for part in parts], axis=2)
        # At the edge of what the view shows, nothing was interpolated in as 0: the shares of what is there add up to less than 1.
        share = self._core.back_picture(np.ones(values.shape[:2], np.float32))
        seen = self._seen() & (share > 0)
        made[seen] /= share[seen, np.newaxis]
        made[~seen] = np.nan
        return made

    def _seen(self) -> np.ndarray:
        """The picture's pixels that the view shows, found once."""
        if self._shown is None:
            everything = np.ones(self._core.size, np.uint8)
            self._shown = self._core.back_marks([everything], None, None, None, None, [])["masks"][0] > 0
        return self._shown


class Views(Sequence[View]):
    """Several views of one picture, in the order of their copies."""

    __slots__ = ("_views",)

    def __init__(self, views: List[View]):
        self._views = views

    def __len__(self) -> int:
        return len(self._views)

    def __getitem__(self, number: Any) -> Any:
        return Views(self._views[number]) if isinstance(number, slice) else self._views[number]

    def __iter__(self) -> Iterator[View]:
        return iter(self._views)

    @property
    def images(self) -> List[Any]:
        """The pictures, to show to a model."""
        return [view.image for view in self._views]

    def merge(
        self,
        *,
        heatmaps: Optional[Sequence[Any]] = None,
        masks: Optional[Sequence[Any]] = None,
        boxes: Optional[Sequence[Any]] = None,
        scores: Optional[Sequence[Any]] = None,
        labels: Optional[Sequence[Any]] = None,
        box_format: str = "xyxy",
        how: str = "mean",
    ) -> Any:
        """One prediction for the picture from one of each view, in the views' order.

        heatmaps: joined by `how` over the views that show a pixel: mean, median, max, min or gmean; NaN where none does
        masks: the label that most views see at a pixel, of equally many the earliest view's; 0 where none does
        boxes: all of them on the picture, in a dict {boxes, view, scores, labels}: one below another, with the number of the
            view that each comes from; overlapping ones are left to your non-maximum suppression
        scores: without boxes, of the whole picture (class probabilities): joined by `how`
        """
        given = [name for name, value in (("heatmaps", heatmaps), ("masks", masks), ("boxes", boxes)) if value is not None]
        if len(given) > 1 or not given and scores is None:
            raise TypeError("merge() takes one kind of prediction: heatmaps=, masks=, boxes= (with scores=, labels=) or scores=")
        if how not in _JOINED:
            raise ValueError(f"how is one of {', '.join(_JOINED)}, got {how!r}")
        for name, value in (("heatmaps", heatmaps), ("masks", masks), ("boxes", boxes), ("scores", scores), ("labels", labels)):
            if value is not None and len(value) != len(self):
                raise ValueError(f"{name} must have one entry for each of the {len(self)} views, got {len(value)}")
        if heatmaps is not None:
            return _of_kind(heatmaps[0], _joined(how, np.stack([view._heatmap(said) for view, said in zip(self, heatmaps)])))
        if masks is not None:
            return _majority([view.back(mask=said) for view, said in zip(self, masks)], [view._seen() for view in self])
        if boxes is not None:
            return self._all_boxes(boxes, scores, labels, box_format)
        return _joined(how, np.stack([np.asarray(one, np.float64) for one in scores or ()]))

    def _all_boxes(self, boxes: Sequence[Any], scores: Optional[Sequence[Any]], labels: Optional[Sequence[Any]], box_format: str) -> Dict[str, Any]:
        places, views, columns = [], [], {name: [] for name, value in (("scores", scores), ("labels", labels)) if value is not None}
        for number, view in enumerate(self):
            said = view.back(boxes=np.asarray(boxes[number], np.float64).reshape(-1, 4), labels=np.arange(len(boxes[number])), box_format=box_format)
            places.append(said["boxes"])
            views += [number] * len(said["kept"])
            for name, column in columns.items():
                given = scores if name == "scores" else labels
                if len(given[number]) != len(boxes[number]):
                    raise ValueError(f"{name}[{number}] must have one entry for each of its {len(boxes[number])} boxes, got {len(given[number])}")
                column += [given[number][i] for i in said["kept"]]
        return {"boxes": np.concatenate(places), "view": np.array(views, np.int64), **{name: np.array(column) for name, column in columns.items()}}

    def __repr__(self) -> str:
        return f"<{len(self)} views of a picture, copies {', '.join(str(view.copy) for view in self)}>"


class ViewCalls:
    """Recipe's calls for several views of one picture."""

    __slots__ = ()

    def views(
        self,
        image: Any,
        copies: int = 4,
        *,
        original: bool = True,
        key: Optional[str] = None,
        epoch: int = 0,
        label: str = "",
        alpha: Optional[bool] = None,
        bounded: bool = True,
    ) -> Views:
        """Test-time augmentation: `copies` of the picture made new, as a list of views. What a model says of them comes back onto the
        picture with view.back(...), one prediction from all with views.merge(...).

        original: the first view is the picture at strength 0: what gives views their size and type (crops, resize, normalize)
            runs, all else changes nothing
        """
        check(copies=copies, original=original, epoch=epoch, label=label, alpha=alpha, bounded=bounded)
        taken = take(image)
        require_type(taken.array)
        name = self._name(key)
        alpha = taken.alpha if alpha is None else alpha
        made = []
        try:
            for copy in range(0 if original else 1, copies + 1):
                core = self._core if copy else _core.at_strength(self._core, 0.0)
                array, view = _core.view(core, taken.array, name, epoch, copy, label, alpha, bounded, taken.planes)
                made.append(View(array if taken.give is None else taken.give(array), copy, view))
        except ValueError as error:
            raise self._placed(error) from None
        return Views(made)


def _channels_last(heatmap: Any) -> np.ndarray:
    """Floats (height, width, channels)."""
    values = heatmap.detach().cpu().numpy() if is_torch(heatmap) else np.asarray(heatmap)
    if values.ndim not in (2, 3) or values.size == 0:
        raise ValueError(f"a heatmap must be (height, width) or (height, width, channels), a tensor (channels, height, width), got {values.shape}")
    if values.ndim == 3 and is_torch(heatmap):
        values = values.transpose(1, 2, 0)
    return (values if values.ndim == 3 else values[..., np.newaxis]).astype(np.float32)


def _of_kind(heatmap: Any, made: np.ndarray) -> Any:
    """As the heatmap was: flat or not, array or tensor."""
    flat = np.ndim(heatmap) == 2 if not is_torch(heatmap) else heatmap.ndim == 2
    made = np.ascontiguousarray(made[..., 0] if flat else made, np.float32)
    if not is_torch(heatmap):
        return made
    import torch

    return torch.from_numpy(made if flat else np.ascontiguousarray(made.transpose(2, 0, 1)))


def _groups(channels: int) -> Iterator[Any]:
    """(first, size) of groups of 4, 3 and 1."""
    first = 0
    while first < channels:
        left = channels - first
        size = 4 if left >= 4 else 3 if left == 3 else 1
        yield first, size
        first += size


def _joined(how: str, all_: np.ndarray) -> np.ndarray:
    """Where no view sees a pixel NaN stays, and is no news."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN|Mean of empty", RuntimeWarning)
        return _JOINED[how](all_)


def _majority(masks: List[Any], seen: List[np.ndarray]) -> Any:
    labels = [np.asarray(mask) for mask in masks]
    if labels[0].ndim == 3:
        seen = [one[..., np.newaxis] for one in seen]
    votes = np.zeros(labels[0].shape, np.int64)
    best = np.zeros_like(labels[0])
    # In the views' order, so that of equally many votes the earlier label stands.
    for mask, shown in zip(labels, seen):
        own = sum(((other == mask) & there).astype(np.int64) for other, there in zip(labels, seen)) * shown
        better = own > votes
        best[better], votes[better] = mask[better], own[better]
    if is_torch(masks[0]):
        import torch

        return torch.from_numpy(best)
    return best
