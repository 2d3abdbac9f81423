"""What lies on a picture, shows it again, or tells its size, in samples and in tables: nobody moves it along."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Optional, Tuple

# Names are compared in small letters and digits alone: x_min, xMin and XMIN are one.
_MARKS = frozenset((
    "bbox", "bboxes", "box", "boxes", "boundingbox", "boundingboxes", "objects", "annotation", "annotations", "instances",
    "segmentation", "segmentations", "segmentationmask", "mask", "masks", "rle", "rles", "encodedpixels",
    "keypoint", "keypoints", "point", "points", "landmark", "landmarks", "joints", "skeleton",
    "polygon", "polygons", "contour", "contours", "outline", "outlines", "corners", "quad", "coords", "coordinates",
    "depth", "depthmap", "disparity", "opticalflow", "heatmap", "normals", "frames", "video",
))  # fmt: skip
# Texts of these names that hold digits are marks that were written down; those of other names may be words or paths.
_WRITTEN = frozenset(("bbox", "bboxes", "boundingbox", "boundingboxes", "segmentation", "rle", "rles", "encodedpixels", "keypoints", "landmarks", "polygon", "polygons"))
# Numbers in columns of these names, where all of a row are there, are a place in the picture.
_PLACES = (
    {"xmin"}, {"xmax"}, {"ymin"}, {"ymax"}, {"x0", "y0"}, {"x1", "y1"}, {"cx", "cy"}, {"xcenter", "ycenter"}, {"centerx", "centery"},
    {"left", "top"}, {"bboxx", "bboxy"}, {"boxx", "boxy"}, {"x", "y", "w", "h"}, {"x", "y", "width", "height"},
)  # fmt: skip
_SIZES = (("width", "height"), ("imagewidth", "imageheight"), ("imgwidth", "imgheight"))
# Pictures, videos and arrays, by how their files begin.
_FILE = re.compile(
    rb"\xff\xd8\xff|\x89PNG|GIF8|BM.{4}\0\0\0\0|RIFF.{4}(WEBP|AVI )|II[*+]\0|MM\0[*+]|.{4}(ftyp(?!M4A)|jP  |JXL )|\xff\x0a|\xffO\xffQ|\x93NUMPY|\x1aE\xdf\xa3",
    re.DOTALL,
)


def _plain(name: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


def places_in(names: Iterable[str]) -> List[str]:
    """Of the names of columns of numbers, those that are corners or centres of things."""
    by_plain = {_plain(name): name for name in names}
    return [by_plain[one] for place in _PLACES if place <= by_plain.keys() for one in sorted(place)]


def sizes_in(names: Iterable[str]) -> List[Tuple[str, str]]:
    """Pairs of columns that may tell the picture's width and height."""
    by_plain = {_plain(name): name for name in names}
    return [(by_plain[width], by_plain[height]) for width, height in _SIZES if width in by_plain and height in by_plain]


def sides_of(value: Any) -> Optional[Tuple[int, int]]:
    """Height and width of a picture in memory; None for what is none."""
    module = type(value).__module__
    if module.startswith("PIL."):
        return value.height, value.width
    shape = getattr(value, "shape", None)
    if shape is None or len(shape) < 2:
        return None
    return tuple(shape[-2:] if module.startswith("torch") and len(shape) == 3 else shape[:2])


def _first(values: Any) -> Any:
    return next((one for one in values if one is not None), None)


def is_further(value: Any, sides: Optional[Tuple[int, int]] = None) -> bool:
    """Whether a cell is or holds a picture or a video: a file of one, or an array as high and wide as `sides`."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _FILE.match(bytes(value[:16])) is not None
    if isinstance(value, dict):
        return "bytes" in value or any(is_further(one, sides) for one in value.values())
    if isinstance(value, (list, tuple)):
        return is_further(_first(value), sides)
    shape = tuple(getattr(value, "shape", None) or ())
    return type(value).__module__.startswith("PIL.") or (sides is not None and any(shape[n : n + 2] == sides for n in range(len(shape) - 1)))


def is_marked(name: Any, value: Any) -> bool:
    """Whether a cell of this name is, or holds by names of its own, what is marked on the picture."""
    several = isinstance(value, (bytes, dict, list, tuple)) or len(getattr(value, "shape", None) or ()) > 0
    if (several and _plain(name) in _MARKS) or (isinstance(value, str) and _plain(name) in _WRITTEN and re.search(r"\d", value)):
        return True
    if isinstance(value, (list, tuple)):
        value = _first(value)
    if not isinstance(value, dict):
        return False
    return bool(places_in(value)) or any(is_marked(inner, one) for inner, one in value.items())


def require_nothing_stays(cells: Dict[str, Any], sides: Optional[Tuple[int, int]], what: str, pictures: str, marks: str) -> None:
    """Throws ValueError for cells beside a picture that would stay where they are. `what`: they are called; `pictures`, `marks`: advice."""
    stays = "would stay where it is while the picture moves"
    for name, value in cells.items():
        if is_further(value, sides):
            raise ValueError(f"{what}{name} {stays} ({pictures})")
        if is_marked(name, value):
            raise ValueError(f"{what}{name} {stays} ({marks})")
    numbers = [name for name, value in cells.items() if value is not None and not isinstance(value, (str, bytes, bool, dict))]
    for name in places_in(numbers):
        raise ValueError(f"{what}{name} {stays} ({marks})")
