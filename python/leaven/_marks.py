"""What is marked on a picture goes where its pixels go: masks, boxes, keypoints, polygons, and the labels of things."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from . import _core
from ._kinds import is_jax, is_torch

# What the numbers of a box are, and the names that other libraries have for it.
BOX_FORMATS = ("xyxy", "xywh", "cxcywh", "yolo", "xyxyn")
_OTHER_NAMES = {"pascal_voc": "xyxy", "coco": "xywh", "albumentations": "xyxyn"}
_PARTS_OF_THE_IMAGE = ("yolo", "xyxyn")
# Parts of an image that are this large are pixels.
_TOO_LARGE_A_PART = 2.0


def format_named(name: str) -> str:
    """One of BOX_FORMATS. Throws ValueError."""
    known = _OTHER_NAMES.get(name, name)
    if known not in BOX_FORMATS:
        raise ValueError(f"box_format must be one of {', '.join((*BOX_FORMATS, *_OTHER_NAMES))}, got {name}")
    return known


def corners(boxes: np.ndarray, box_format: str, width: int, height: int) -> np.ndarray:
    """(N, 4) of any format as left, top, right, bottom in pixels."""
    made = np.array(boxes, np.float64)
    if box_format in _PARTS_OF_THE_IMAGE:
        if made.size and np.abs(made).max() > _TOO_LARGE_A_PART:
            raise ValueError(f"boxes of format {box_format} are parts of the image, got {np.abs(made).max():g} (is it xyxy or xywh?)")
        made *= (width, height, width, height)
    if box_format in ("cxcywh", "yolo"):
        made[:, :2] -= made[:, 2:] / 2
    if box_format in ("xywh", "cxcywh", "yolo"):
        made[:, 2:] += made[:, :2]
    turned = np.flatnonzero((made[:, 2:] < made[:, :2]).any(axis=1))
    if len(turned):
        raise ValueError(
            f"boxes[{turned[0]}] ends before it begins: {np.asarray(boxes)[turned[0]].tolist()} as {box_format} (is box_format right?)"
        )
    return made


def from_corners(boxes: np.ndarray, box_format: str, width: int, height: int) -> np.ndarray:
    """The way back."""
    made = boxes.copy()
    if box_format in ("xywh", "cxcywh", "yolo"):
        made[:, 2:] -= made[:, :2]
    if box_format in ("cxcywh", "yolo"):
        made[:, :2] += made[:, 2:] / 2
    if box_format in _PARTS_OF_THE_IMAGE:
        made /= (width, height, width, height)
    return made


def _as_array(values: Any) -> np.ndarray:
    return values.detach().numpy() if is_torch(values) else np.asarray(values)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + " …"


def _same_kind(values: Any, made: np.ndarray) -> Any:
    """Numbers as they came: lists, tensors, arrays; whole numbers come back as floats."""
    if is_torch(values):
        import torch

        return torch.from_numpy(made).to(values.dtype if values.dtype.is_floating_point else torch.float32)
    if isinstance(values, np.ndarray):
        return made.astype(values.dtype) if np.issubdtype(values.dtype, np.floating) else made
    if is_jax(values):
        import jax.numpy

        return jax.numpy.asarray(made.astype(values.dtype) if np.issubdtype(values.dtype, np.floating) else made.astype(np.float32))
    return made.tolist()


class _Boxes:
    """N boxes of four numbers; what else stands in their rows goes along."""

    def __init__(self, boxes: Any, box_format: str, width: int, height: int):
        self._boxes, self._format = boxes, format_named(box_format)
        try:
            if isinstance(boxes, (list, tuple)):
                numbers = np.array([list(row)[:4] for row in boxes], np.float64)
            else:
                numbers = _as_array(boxes)[..., :4].astype(np.float64)
        except (TypeError, ValueError, IndexError):
            raise ValueError(f"boxes must be rows of four numbers, got {_short(boxes)}") from None
        if numbers.size == 0:
            numbers = numbers.reshape(0, 4)
        if numbers.ndim != 2 or numbers.shape[1] != 4:
            raise ValueError(f"boxes must be rows of four numbers, got an array of shape {numbers.shape}")
        self.array = corners(numbers, self._format, width, height)

    def give(self, made: np.ndarray, kept: np.ndarray, width: int, height: int) -> Any:
        made = from_corners(made, self._format, width, height)
        if isinstance(self._boxes, (list, tuple)):
            return [row + list(self._boxes[number])[4:] for row, number in zip(made.tolist(), kept)]
        rest = _as_array(self._boxes)[kept, 4:] if len(kept) else np.zeros((0, max(0, _as_array(self._boxes).shape[-1] - 4)))
        return _same_kind(self._boxes, np.concatenate([made, rest], axis=1))


class _Keypoints:
    """(K, 2, 3 or 5) of the picture or (N, K, 2, 3 or 5) of things. The centre of the first pixel is (0, 0), as people count; in
    the engine it is (0.5, 0.5)."""

    def __init__(self, keypoints: Any):
        self._keypoints = keypoints
        rows = "keypoints must be rows of x, y, of x, y, visibility or of x, y, visibility, angle, size, all of one length"
        try:
            numbers = _as_array(keypoints).astype(np.float64)
        except (TypeError, ValueError):
            raise ValueError(f"{rows}, got {_short(keypoints)}") from None
        if numbers.size == 0 and numbers.ndim < 2:
            numbers = numbers.reshape(0, 2)
        if numbers.ndim not in (2, 3) or numbers.shape[-1] not in (2, 3, 5):
            raise ValueError(f"{rows}: (K, 2) for the picture or (N, K, 2) for its things, got an array of shape {numbers.shape}")
        self.of_things = numbers.ndim == 3
        self._columns = numbers.shape[-1]
        if self._columns == 2:
            seen = np.where(np.isnan(numbers).any(axis=-1), 0, 2)
            numbers = np.concatenate([np.nan_to_num(numbers), seen[..., np.newaxis]], axis=-1)
        if numbers.size and not np.isin(numbers[..., 2], (0, 1, 2)).all():
            other = numbers[..., 2][~np.isin(numbers[..., 2], (0, 1, 2))].flat[0]
            raise ValueError(
                f"the third number of a keypoint is its visibility, 0 (not there), 1 (hidden) or 2, got {other:g} (scores go beside, by `kept`)"
            )
        numbers[..., :2] += 0.5
        self.array = np.ascontiguousarray(numbers)

    def give(self, made: np.ndarray) -> Any:
        """Points that left the picture: all their numbers are 0 with visibility, NaN without."""
        lost = made[..., 2] == 0
        made = made.copy()
        made[..., :2] -= 0.5
        made[lost] = 0
        if self._columns == 2:
            made[lost] = np.nan
            made = made[..., :2]
        return _same_kind(self._keypoints, np.ascontiguousarray(made))


def _polygons_in(polygons: Sequence[Any]) -> List[List[np.ndarray]]:
    """For each thing its outlines: one (M, 2), or a list of them."""
    things = []
    for number, thing in enumerate(polygons):
        try:
            single = np.ndim(thing[0]) < 2 if len(thing) else False
            outlines = [np.ascontiguousarray(_as_array(one), np.float64) for one in ([thing] if single else thing)]
        except (TypeError, ValueError):
            raise ValueError(f"polygons[{number}] must be rows of x, y, or a list of such polygons, got {_short(thing)}") from None
        if any(outline.ndim != 2 or outline.shape[1] != 2 for outline in outlines):
            raise ValueError(f"polygons[{number}] must be rows of x, y, or a list of such polygons")
        things.append(outlines)
    return things


class _Mask:
    """One mask of any type, as planes of whole numbers that the engine moves; bits are never mixed."""

    def __init__(self, mask: Any, fill: Any, width: int, height: int):
        self._mask = mask
        self._tensor = is_torch(mask)
        self._palette = None
        if type(mask).__module__.startswith("PIL."):
            self._palette = mask.getpalette() if mask.mode == "P" else None
        array = _as_array(mask)
        if self._tensor and array.ndim == 3:
            array = array.transpose(1, 2, 0)
        if array.ndim not in (2, 3) or array.dtype.kind not in "buif":
            raise ValueError(f"a mask must be numbers of (height, width) or (height, width, channels), got {array.dtype} of shape {array.shape}")
        if array.shape[:2] != (height, width):
            raise ValueError(f"a mask must be of the image's size, {width}×{height} px, got {np.shape(mask)}")
        self._flat, self._dtype = array.ndim == 2, array.dtype
        self._bits = np.dtype(f"u{min(array.dtype.itemsize, 2)}")
        filled = np.array([fill]).astype(array.dtype)
        if array.dtype.kind != "b" and filled[0] != fill and fill == fill:
            raise ValueError(f"mask_fill must be a number that {array.dtype} holds, got {fill}")
        self._fill = filled.view(self._bits)
        array = np.ascontiguousarray(array if array.ndim == 3 else array[..., np.newaxis]).view(self._bits)
        # Outside is 0 for the engine: the value that should stand there becomes 0, and 0 that value.
        array = array ^ np.tile(self._fill, array.shape[2] // len(self._fill))
        self.planes = [np.ascontiguousarray(array[..., first : first + 4]) for first in range(0, array.shape[2], 4)]

    def give(self, planes: List[np.ndarray]) -> Any:
        array = np.concatenate(planes, axis=2) if len(planes) > 1 else planes[0]
        array = np.ascontiguousarray(array ^ np.tile(self._fill, array.shape[2] // len(self._fill))).view(self._dtype)
        if self._flat:
            array = array[..., 0]
        if self._tensor:
            import torch

            return torch.from_numpy(np.ascontiguousarray(array if self._flat else array.transpose(2, 0, 1)))
        if is_jax(self._mask):
            import jax.numpy

            return jax.numpy.asarray(array)
        if type(self._mask).__module__.startswith("PIL."):
            from PIL import Image

            made = Image.fromarray(array, mode="P") if self._palette is not None else Image.fromarray(array)
            if self._palette is not None:
                made.putpalette(self._palette)
            return made
        return np.ascontiguousarray(array)


class _Heatmap:
    """Numbers of any range that are interpolated, as planes of float32; 0 where nothing was."""

    def __init__(self, heatmap: Any, width: int, height: int):
        self._heatmap = heatmap
        array = _as_array(heatmap)
        if is_torch(heatmap) and array.ndim == 3:
            array = array.transpose(1, 2, 0)
        if array.ndim not in (2, 3) or array.dtype.kind not in "buif" or 0 in array.shape:
            raise ValueError(f"a heatmap must be numbers of (height, width) or (height, width, channels), got {array.dtype} of shape {array.shape}")
        if array.shape[:2] != (height, width):
            raise ValueError(f"a heatmap must be of the image's size, {width}×{height} px, got {np.shape(heatmap)}")
        self._flat = array.ndim == 2
        array = array.astype(np.float32).reshape(height, width, -1)
        self.planes = [np.ascontiguousarray(array[..., first : first + 4]) for first in range(0, array.shape[2], 4)]

    def give(self, planes: List[np.ndarray]) -> Any:
        made = np.concatenate([plane.reshape(*plane.shape[:2], -1) for plane in planes], axis=2)
        if self._flat:
            made = made[..., 0]
        elif is_torch(self._heatmap):
            made = made.transpose(2, 0, 1)
        made = np.ascontiguousarray(made)
        if isinstance(self._heatmap, np.ndarray) or is_torch(self._heatmap) or is_jax(self._heatmap):
            return _same_kind(self._heatmap, made)
        return made


def _picked(values: Any, kept: np.ndarray) -> Any:
    if isinstance(values, np.ndarray):
        return values[kept]
    if is_torch(values):
        import torch

        return values[torch.from_numpy(kept)]
    return [values[number] for number in kept]


class Marks(NamedTuple):
    """The marks of one call, as given."""

    mask: Any = None
    masks: Any = None
    boxes: Any = None
    keypoints: Any = None
    polygons: Any = None
    labels: Any = None
    box_format: str = "xyxy"
    keypoint_names: Optional[Sequence[str]] = None
    mask_fill: Any = 0
    heatmap: Any = None

    @property
    def any(self) -> bool:
        return self.heatmap is not None or any(value is not None for value in self[:6])

    def given(self) -> Dict[str, Any]:
        """Those that there are, by their names."""
        given = {name: value for name, value in zip(self._fields[:6], self) if value is not None}
        return given if self.heatmap is None else {**given, "heatmap": self.heatmap}


def move(
    call: Callable[..., Dict[str, Any]], marks: Marks, width: int, height: int
) -> Tuple[Optional[np.ndarray], Dict[str, Any]]:
    """The picture, where the call makes one, and its marks where they are now. `call` is the engine's, the picture's own arguments
    already given; width and height are those of the picture that the marks lie on."""
    given_masks = ([] if marks.mask is None else [marks.mask]) + ([] if marks.masks is None else list(marks.masks))
    masks = [_Mask(one, marks.mask_fill, width, height) for one in given_masks]
    heatmap = None if marks.heatmap is None else _Heatmap(marks.heatmap, width, height)
    boxes = None if marks.boxes is None else _Boxes(marks.boxes, marks.box_format, width, height)
    keypoints = None if marks.keypoints is None else _Keypoints(marks.keypoints)
    polygons = None if marks.polygons is None else _polygons_in(marks.polygons)
    of_things = keypoints is not None and keypoints.of_things
    things = {"boxes": None if boxes is None else len(boxes.array), "polygons": None if polygons is None else len(polygons)}
    things["keypoints"] = len(keypoints.array) if of_things else None
    counted = {name: count for name, count in things.items() if count is not None}
    if marks.labels is not None and not hasattr(marks.labels, "__len__"):
        raise TypeError(f"labels must be one for each thing, got {_short(marks.labels)} (the class of the whole picture is label=)")
    if counted and marks.labels is not None:
        counted["labels"] = len(marks.labels)
    if len(set(counted.values())) > 1:
        raise ValueError("there must be as many of each, got " + ", ".join(f"{count} {name}" for name, count in counted.items()))

    moved = call(
        [plane for mask in masks for plane in mask.planes] + ([] if heatmap is None else heatmap.planes),
        None if boxes is None else boxes.array,
        keypoints.array if of_things else None,
        keypoints.array if keypoints is not None and not of_things else None,
        polygons,
        _core.mirrored_keypoints(list(marks.keypoint_names or ())),
    )

    height, width = moved["size"]
    kept = np.array(moved["kept"], np.int64)
    made: Dict[str, Any] = {}
    ready = iter(moved["masks"])
    given = [mask.give([next(ready) for _ in mask.planes]) for mask in masks]
    if marks.mask is not None:
        made["mask"] = given.pop(0)
    if marks.masks is not None:
        made["masks"] = _stacked(marks.masks, given)
    if heatmap is not None:
        made["heatmap"] = heatmap.give(list(ready))
    if boxes is not None:
        made["boxes"] = boxes.give(moved["boxes"], kept, width, height)
    if keypoints is not None:
        made["keypoints"] = keypoints.give(moved["keypoints" if of_things else "points"])
    if polygons is not None:
        made["polygons"] = moved["polygons"]
    if marks.labels is not None:
        made["labels"] = _picked(marks.labels, kept) if counted else marks.labels
    if counted:
        made["kept"] = kept
    return moved.get("image"), made


def _stacked(masks: Any, made: List[Any]) -> Any:
    """Masks as they came: in one array or tensor, or in a list."""
    if isinstance(masks, np.ndarray) and made:
        return np.stack(made)
    if is_torch(masks) and made:
        import torch

        return torch.stack(made)
    return made if isinstance(masks, (list, tuple)) else masks
