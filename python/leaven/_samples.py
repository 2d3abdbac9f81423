"""Samples as dicts, batches of them as columns, as Hugging Face datasets hand them over, and tables of them."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

from ._kinds import as_shown
from ._marks import Marks

# Columns of a sample that hold its picture, those that hold its marks, and names of marks whose form is not known.
_IMAGE_COLUMNS = ("image", "img", "images")
_MARK_COLUMNS = ("mask", "masks", "boxes", "keypoints", "polygons")
_UNKNOWN_MARKS = (
    "bbox", "bboxes", "box", "objects", "annotations", "annotation", "segmentation", "segmentation_mask", "keypoint", "points", "landmarks",
)  # fmt: skip


def would_stay(name: str) -> bool:
    """Whether a column of that name holds what is marked on a picture: pictures of tables leave it where it is."""
    return name in _MARK_COLUMNS or name in _UNKNOWN_MARKS


def _sides(value: Any) -> Any:
    """Height and width of a picture; None for what is none."""
    module = type(value).__module__
    if module.startswith("PIL."):
        return value.height, value.width
    shape = getattr(value, "shape", None)
    if shape is None or len(shape) < 2:
        return None
    return tuple(shape[-2:] if module.startswith("torch") and len(shape) == 3 else shape[:2])


def _require_all_known(sample: Mapping[str, Any], column: str) -> None:
    """Throws ValueError for marks in a form that is not known, and for further pictures: they would stay where they are."""
    picture, batch = sample[column], isinstance(sample[column], list)
    place = next((number for number, one in enumerate(picture) if one is not None), None) if batch else None
    shown = None if batch and place is None else _sides(picture[place] if batch else picture)
    for name, value in sample.items():
        if name == column or name in _MARK_COLUMNS or (batch and place is None):
            continue
        one = value[place] if batch and isinstance(value, (list, tuple)) and place < len(value) else value
        further = type(one).__module__.startswith("PIL.") or (shown is not None and _sides(one) == shown)
        marks = name in _UNKNOWN_MARKS and (isinstance(one, (list, tuple, dict)) or _sides(one) is not None)
        if further or marks:
            advice = "pictures that belong to it go as mask or masks" if further else "give boxes, polygons, keypoints or masks, and box_format"
            raise ValueError(f"{name} would stay where it is while the picture moves ({advice})")


class SampleCalls:
    """The part of Recipe that takes samples."""

    __slots__ = ()

    _marked: Callable[..., Dict[str, Any]]

    def _sample(self, sample: Mapping[str, Any], marks: Marks, key: Optional[str], *rest: Any) -> Dict[str, Any]:
        """A sample, or a batch of samples as columns: what Hugging Face datasets hand over."""
        if marks.any:
            raise TypeError("a sample holds its marks itself: put them into the dict")
        column = next((name for name in _IMAGE_COLUMNS if name in sample), None)
        if column is None:
            raise ValueError(f"no picture in this sample: one of {', '.join(_IMAGE_COLUMNS)} is needed, got {', '.join(sample)}")
        pictures = sample[column]
        _require_all_known(sample, column)
        marked = [name for name in _MARK_COLUMNS if sample.get(name) is not None]
        if any(name in marked for name in ("boxes", "polygons", "keypoints")) and "labels" in sample:
            marked.append("labels")
        if not isinstance(pictures, list):
            given = marks._replace(**{name: sample[name] for name in marked})
            return {**sample, **self._of_sample(pictures, column, given, key, *rest)}
        if key is not None:
            raise ValueError("a key names one picture, and this is a batch of them")
        made = []
        for number, picture in enumerate(pictures):
            given = marks._replace(**{name: sample[name][number] for name in marked})
            made.append(self._of_sample(picture, column, given, None, *rest))
        return {**sample, **{name: [one.get(name) for one in made] for name in (column, *marked)}}

    def _of_sample(self, picture: Any, column: str, marks: Marks, key: Optional[str], *rest: Any) -> Dict[str, Any]:
        if picture is None:  # a row of a dataset without a picture stays one
            return {column: None, **marks.given()}
        picture = as_shown(picture)
        if marks.any:
            made = self._marked(picture, marks, key, *rest)
            return {column: made.pop("image"), **made}
        epoch, copy, label, alpha, bounded = rest
        return {column: self(picture, key=key, epoch=epoch, copy=copy, label=label, alpha=alpha, bounded=bounded)}

    def arrow(
        self,
        image: Any = None,
        key: Optional[str] = None,
        label: Optional[str] = None,
        *,
        epoch: int = 0,
        copy: int = 1,
        threads: int = 1,
        broken: str = "skip",
    ) -> Any:
        """This recipe for tables with a column of encoded pictures (binary, or the struct that Hugging Face writes). Given a table
        (pyarrow) in place of a column's name, it makes that one: `ds.map_batches(recipe.arrow, batch_format="pyarrow")`.

        image, key, label: columns with pictures, names of rows, classes; found by their usual names when left out
        threads: for each call; clusters give each worker its own

        `.stream(source)` takes what has __arrow_c_stream__ and gives a pyarrow RecordBatchReader; the result itself is for
        Ray's map_batches, its `.batches` for Spark's mapInArrow. Pictures are encoded as `leaven augment` does it, by their
        row's name alone: any partitioning and any machine makes the same bytes. Of the recipe's `clean:` sizes are asked for;
        duplicates cannot be found row by row (ValueError).
        """
        from ._arrow import ArrowRecipe

        if hasattr(image, "schema"):
            return ArrowRecipe(self, None, key, label, epoch, copy, threads, broken)(image)
        return ArrowRecipe(self, image, key, label, epoch, copy, threads, broken)

    def arrow_iter(self, batches: Any) -> Any:
        """arrow().batches(batches): for Spark's `df.mapInArrow(recipe.arrow_iter, df.schema)`."""
        return self.arrow().batches(batches)

    def transform_stream(self, source: Any, **columns: Any) -> Any:
        """arrow(**columns).stream(source): tables of any size through the recipe, a batch at a time."""
        return self.arrow(**columns).stream(source)
