"""Samples as dicts, and batches of them as columns: what Hugging Face datasets hand over."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

from ._kinds import as_shown
from ._marks import Marks

# Columns of a sample that hold its picture, those that hold its marks, and names of marks whose form is not known.
_IMAGE_COLUMNS = ("image", "img", "images")
_MARK_COLUMNS = ("mask", "masks", "boxes", "keypoints", "polygons")
UNKNOWN_MARKS = ("bbox", "bboxes", "objects", "annotations", "segmentation")


class SampleCalls:
    """The part of Recipe that takes samples."""

    __slots__ = ()

    _marked: Callable[..., Dict[str, Any]]

    def _sample(self, sample: Mapping[str, Any], marks: Marks, key: Optional[str], *rest: Any) -> Dict[str, Any]:
        """A sample, or a batch of samples as columns: what Hugging Face datasets hand over."""
        if marks.any:
            raise TypeError("a sample holds its marks itself: put them into the dict")
        unknown = [name for name in UNKNOWN_MARKS if name in sample]
        if unknown:
            raise ValueError(
                f"{unknown[0]} would stay where it is while the picture moves (give boxes, polygons, keypoints or masks, "
                "and box_format)"
            )
        column = next((name for name in _IMAGE_COLUMNS if name in sample), None)
        if column is None:
            raise ValueError(f"no picture in this sample: one of {', '.join(_IMAGE_COLUMNS)} is needed, got {', '.join(sample)}")
        pictures = sample[column]
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
