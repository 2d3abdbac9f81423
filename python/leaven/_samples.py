"""Samples as dicts, batches of them as columns, as Hugging Face datasets hand them over, and tables of them."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

from ._kinds import as_shown
from ._left_behind import require_nothing_stays, sides_of, sizes_in
from ._marks import Marks

# Columns of a sample that hold its picture, and those that hold its marks.
_IMAGE_COLUMNS = ("image", "img", "images")
_MARK_COLUMNS = ("mask", "masks", "boxes", "keypoints", "polygons", "heatmap")


def _require_all_known(sample: Mapping[str, Any], column: str) -> None:
    """Throws ValueError for marks in a form that is not known, and for further pictures: they would stay where they are."""
    picture, batch = sample[column], isinstance(sample[column], list)
    place = next((number for number, one in enumerate(picture) if one is not None), None) if batch else None
    if batch and place is None:
        return
    cells = {name: value for name, value in sample.items() if name != column and name not in _MARK_COLUMNS}
    if batch:
        cells = {name: value[place] if isinstance(value, (list, tuple)) and place < len(value) else value for name, value in cells.items()}
    require_nothing_stays(
        cells,
        sides_of(picture[place] if batch else picture),
        "",
        "pictures that belong to it go as mask or masks",
        "give boxes, polygons, keypoints or masks, and box_format; what is no such thing goes under another name",
    )


def _sized(sample: Mapping[str, Any], before: Any, after: Any) -> Dict[str, Any]:
    """The sample's columns of width and height for the picture after, where they told those of the picture before."""
    numbers = [name for name, value in sample.items() if isinstance(value, int)]
    old, new = sides_of(before), sides_of(after)
    told = [pair for pair in sizes_in(numbers) if old and new and (sample[pair[1]], sample[pair[0]]) == old]
    return {name: side for width, height in told for name, side in ((width, new[1]), (height, new[0]))}


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
            one = self._of_sample(pictures, column, given, key, *rest)
            return {**sample, **one, **_sized(sample, pictures, one[column])}
        if key is not None:
            raise ValueError("a key names one picture, and this is a batch of them")
        made = []
        for number, picture in enumerate(pictures):
            given = marks._replace(**{name: sample[name][number] for name in marked})
            made.append(self._of_sample(picture, column, given, None, *rest))
        names = [name for pair in sizes_in(sample) for name in pair]
        sizes = [{name: sample[name][number] for name in names} for number in range(len(pictures))]
        sizes = [{**size, **_sized(size, picture, one[column])} for size, picture, one in zip(sizes, pictures, made)]
        moved = {name: [one.get(name) for one in made] for name in (column, *marked)}
        return {**sample, **moved, **{name: [size[name] for size in sizes] for name in names}}

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

        image, key, label: columns with pictures, names of rows, classes; found by their usual names when left out; without a name, a row
            is drawn for by its picture
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
