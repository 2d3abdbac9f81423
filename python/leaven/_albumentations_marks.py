"""What albumentations does by boxes and masks, as steps."""

from __future__ import annotations

from typing import List

from ._albumentations_cover import holes_shown
from ._albumentations_table import TABLE, border, filter_of, on, resampling, sides
from ._migrate import Arguments, NoEqual, StepOrLabel, law, symmetric

_SAFE = "edges are whole pixels"


@on("SafeRotate", "rotate restore_size", "close", "the library's canvas is up to a pixel smaller, and half a pixel aside")
def _(a: Arguments) -> List[StepOrLabel]:
    turned = {"degrees": law(symmetric(a("limit", 90))), "canvas": "fit", "filter": filter_of(a), **border(a)}
    return [("rotate", turned), ("restore_size", resampling(a))]


@on("BBoxSafeRandomCrop", "box_safe_crop", "close", _SAFE)
def _(a: Arguments) -> List[StepOrLabel]:
    return [("box_safe_crop", {"erosion": a("erosion_rate", 0.0)})]


@on("RandomSizedBBoxSafeCrop", "box_safe_crop", "close", _SAFE)
def _(a: Arguments) -> List[StepOrLabel]:
    return [("box_safe_crop", {**sides(a), "erosion": a("erosion_rate", 0.0), **resampling(a)})]


@on("AtLeastOneBBoxRandomCrop", "crop_around_object", "similar", "a point of one thing is shown, not a share of its box")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("crop_around_object", sides(a))]


@on("CropNonEmptyMaskIfExists", "crop_around_object", "close", "boxes and polygons count too, where there are some")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("ignore_values") or a("ignore_channels"):
        raise NoEqual("ignore_values and ignore_channels (crop_around_object has mask_values)")
    return [("crop_around_object", sides(a))]


@on("ConstrainedCoarseDropout", "object_dropout", "similar", "all things get holes, as wide a range of width and height")
def _(a: Arguments) -> List[StepOrLabel]:
    ends = [end for name in ("width", "height") for end in a(f"hole_{name}_range", (0.1, 0.1))]
    a("mask_indices"), a("bbox_labels")
    fields = {"chance": 1, "holes": a.whole_law("num_holes_range", (1, 1)), "size": [min(ends), max(ends)]}
    return [("object_dropout", {**fields, **holes_shown(a)})]


TABLE.missing("chooses by boxes or masks as no step does (object_dropout covers things, crop_around_object shows them)",
              "RandomCropNearBBox MaskDropout")
