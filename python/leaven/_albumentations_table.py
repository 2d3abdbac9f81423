"""albumentations' geometry as steps. Its angles are counter-clockwise as seen, sizes are (height, width), colours 0…255."""

from __future__ import annotations

from typing import Any, Dict, List

from ._migrate import Arguments, NoEqual, StepOrLabel, Table, fill, law, symmetric
from ._steps import Law

TABLE = Table("albumentations")
on = TABLE.add

# OpenCV's numbers.
_BORDERS = {0: "constant", 1: "edge", 2: "symmetric", 3: "wrap", 4: "reflect"}
_FILTERS = {0: "nearest", 1: "bilinear", 2: "bicubic", 3: "area", 4: "lanczos", 5: "bilinear", 6: "nearest"}
_BLENDS = "at its edges OpenCV blends the picture with the border, here it ends"
_UNLIKE = {
    0: "OpenCV takes the pixel at the corner, here the one at the centre",
    6: "where two pixels are as near, the other may be taken",
    2: "OpenCV's bicubic is sharper (a = -0.75, here -0.5)",
    3: "OpenCV's area is the share of each pixel, here the mean of the pixels whose centres lie inside",
    4: "OpenCV's Lanczos has 4 lobes, here 3",
}


def filter_of(a: Arguments, name: str = "interpolation") -> str:
    number = a(name, 1)
    if number in _UNLIKE:
        a.note(_UNLIKE[number])
    return _FILTERS[number]


def border(a: Arguments, fill_name: str = "fill") -> Dict[str, Any]:
    kind = _BORDERS[a("border_mode", 0)]
    if kind == "constant":
        colour = fill(a(fill_name, a("value", 0)))
        return {"fill": colour} if colour != 0 else {}
    return {"border": kind}


def resampling(a: Arguments) -> Dict[str, Any]:
    """OpenCV resizes without looking at pixels in between, but for its area filter."""
    name = filter_of(a)
    return {"filter": name} if name == "area" else {"filter": name, "antialias": False}


def sides(a: Arguments) -> Dict[str, int]:
    size = a("size")
    height, width = size if size is not None else (a("height"), a("width"))
    return {"width": int(width), "height": int(height)}


def same_for_both(a: Arguments, name: str, value: Any, default: float) -> Any:
    """The range of x and y, which must be one."""
    if isinstance(value, dict):
        if tuple(_ends(value.get("x", default))) != tuple(_ends(value.get("y", default))):
            raise NoEqual(f"{name} of x and y must be alike")
        value = value.get("x", default)
    return default if value is None else value


def _ends(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else (value, value)


@on("HorizontalFlip", "horizontal_flip", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("horizontal_flip", {})]


@on("VerticalFlip", "vertical_flip", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("vertical_flip", {})]


@on("Transpose", "transpose", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("transpose", {})]


@on("NoOp Identity", "", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return []


@on("RandomRotate90", "rotate90", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    # 0 to 3 quarter turns, all alike.
    return [("rotate90", {"times": Law("int", [1, 3]), "p": 0.75})]


@on("D4 SquareSymmetry", "d4", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("d4", {})]


@on("Rotate", "rotate", "close", _BLENDS)
def _(a: Arguments) -> List[StepOrLabel]:
    if a("crop_border", False):
        raise NoEqual("crop_border, the largest rectangle inside")
    return [("rotate", {"degrees": law(symmetric(a("limit", 90))), "filter": filter_of(a), **border(a)})]


@on("Affine", "affine", "close", "x and y share one scale; " + _BLENDS)
def _(a: Arguments) -> List[StepOrLabel]:
    if a("fit_output", False):
        raise NoEqual("fit_output")
    pixels = a("translate_px") or 0
    if any(end != 0 for one in (pixels.values() if isinstance(pixels, dict) else [pixels]) for end in _ends(one)):
        raise NoEqual("translate_px, as shares of the picture are wanted")
    scale = same_for_both(a, "scale", a("scale"), 1.0)
    shift = a("translate_percent") or {}
    shift = shift if isinstance(shift, dict) else {"x": shift, "y": shift}
    shear = a("shear") or {}
    shear = shear if isinstance(shear, dict) else {"x": shear, "y": shear}
    if a("balanced_scale", False):
        a.note("scales below and above 1 are as likely as their ranges are wide")
    fields = {
        "degrees": law(a("rotate", 0.0)),
        "scale": law(scale),
        "shear_x": law(shear.get("x", 0.0), -1),
        "shear_y": law(shear.get("y", 0.0), -1),
        "translate_x": law(shift.get("x", 0.0)),
        "translate_y": law(shift.get("y", 0.0)),
    }
    sheared = sum(fields[name] != 0 for name in ("shear_x", "shear_y"))
    if sheared == 2 or (sheared and (fields["degrees"] != 0)):
        a.note("the shear comes before the turn, and x before y")
    return [("affine", {**fields, "filter": filter_of(a), **border(a)})]


@on("ShiftScaleRotate", "affine", "close", _BLENDS)
def _(a: Arguments) -> List[StepOrLabel]:
    fields = {
        "degrees": law(symmetric(a("rotate_limit", 45))),
        "scale": law(symmetric(a("scale_limit", 0.1)), 1, 1),
        "translate_x": law(symmetric(a("shift_limit_x", a("shift_limit", 0.0625)))),
        "translate_y": law(symmetric(a("shift_limit_y", a("shift_limit", 0.0625)))),
    }
    return [("affine", {**fields, "filter": filter_of(a), **border(a)})]


@on("Perspective", "perspective", "similar", "corners move evenly inwards, not by a normal law")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("fit_output", False) or not a("keep_size", True):
        raise NoEqual("fit_output, and keep_size=False")
    # The mean of |normal| is 0.8 σ of a side; here the mean is half the distortion of half a side.
    return [("perspective", {"distortion": law(symmetric(a("scale", (0.05, 0.1))), 3.2), "filter": filter_of(a), **border(a)})]


@on("Crop", "crop", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("pad_if_needed", False) and a("pad_position", "center") != "center":
        raise NoEqual("pad_position other than center")
    left, top = a("x_min", 0), a("y_min", 0)
    return [("crop", {"x": left, "y": top, "width": a("x_max", 1024) - left, "height": a("y_max", 1024) - top})]


@on("CenterCrop", "center_crop", "exact", "")
def _(a: Arguments) -> List[StepOrLabel]:
    if not a("pad_if_needed", False):
        a.note("smaller pictures are padded, not refused")
    return [("center_crop", {**sides(a), **border(a)})]


@on("RandomCrop", "random_crop", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    padded = a("pad_if_needed", False)
    return [("random_crop", {**sides(a), "when_smaller": "pad" if padded else "refuse", **(border(a) if padded else {})})]


@on("RandomResizedCrop", "random_resized_crop", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    fields = {"scale": list(a("scale", (0.08, 1.0))), "ratio": list(a("ratio", (0.75, 4 / 3)))}
    return [("random_resized_crop", {**sides(a), **fields, **resampling(a)})]


@on("RandomSizedCrop", "random_sized_crop", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    fields = {"heights": list(a("min_max_height")), "ratio": a("w2h_ratio", 1.0)}
    return [("random_sized_crop", {**sides(a), **fields, **resampling(a)})]


@on("RandomCropFromBorders", "random_crop_from_borders", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("random_crop_from_borders", {side: law((0, a(f"crop_{side}", 0.1))) for side in ("left", "right", "top", "bottom")})]


@on("Resize", "resize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("resize", {**sides(a), **resampling(a)})]


@on("LongestMaxSize", "longest_max_size", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("longest_max_size", {"size": _lengths(a), **resampling(a)})]


@on("SmallestMaxSize", "smallest_max_size", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("smallest_max_size", {"size": _lengths(a), **resampling(a)})]


def _lengths(a: Arguments) -> Any:
    if a("max_size_hw"):
        raise NoEqual("max_size_hw")
    size = a("max_size")
    return Law("choice", list(size)) if isinstance(size, (list, tuple)) else size


@on("RandomScale", "scale", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("scale", {"factor": law(symmetric(a("scale_limit", 0.1)), 1, 1), **resampling(a)})]


@on("Pad", "pad", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    padding = a("padding", 0)
    if isinstance(padding, int):
        padding = (padding,) * 4
    left, top, right, bottom = (*padding, *padding) if len(padding) == 2 else padding
    return [("pad", {"left": left, "top": top, "right": right, "bottom": bottom, **border(a)})]


@on("PadIfNeeded", "pad_to", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    places = {"center": (0.5, 0.5), "top_left": (0, 0), "top_right": (1, 0), "bottom_left": (0, 1), "bottom_right": (1, 1)}
    place = a("position", "center")
    uniform = Law("uniform", [0, 1])
    x, y = (uniform, uniform) if place == "random" else places[place]
    multiple = a("pad_height_divisor")
    if multiple != a("pad_width_divisor"):
        raise NoEqual("divisors that differ")
    fields = {"multiple": multiple} if multiple else {"width": a("min_width", 1024), "height": a("min_height", 1024)}
    return [("pad_to", {**fields, "at_x": x, "at_y": y, **border(a)})]


@on("CropAndPad", "crop_and_pad", "close", "the library draws whole pixels")
def _(a: Arguments) -> List[StepOrLabel]:
    percent = a("percent")
    if percent is None or (isinstance(percent, (list, tuple)) and len(percent) == 4) or not a("sample_independently", True):
        raise NoEqual("px, four sides by themselves, and one draw for all sides")
    fields = {side: law(symmetric(percent) if isinstance(percent, (list, tuple)) else percent) for side in ("left", "right", "top", "bottom")}
    return [("crop_and_pad", {**fields, "keep_size": a("keep_size", True), **resampling(a), **border(a)})]


@on("ElasticTransform", "elastic", "similar", "alpha is the largest shift in px, not the weight of a blurred noise")
def _(a: Arguments) -> List[StepOrLabel]:
    sigma = min(max(float(a("sigma", 50)), 2.0), 500.0)
    # Uniform noise of deviation 1/√3, blurred by σ, keeps 1 / (2 √π σ) of it; three deviations are about the largest.
    shift = min(float(a("alpha", 1)) * 3 / (3**0.5 * 2 * 3.1416**0.5 * sigma), 200.0)
    return [("elastic", {"alpha": round(shift, 4), "sigma": sigma, "filter": filter_of(a)})]


@on("GridDistortion", "grid_distortion", "similar", "lines move evenly to both sides, within a cell")
def _(a: Arguments) -> List[StepOrLabel]:
    steps = int(a("num_steps", 5))
    most = min(max(abs(end) for end in symmetric(a("distort_limit", 0.3))), 0.45)
    return [("grid_distortion", {"columns": steps, "rows": steps, "distortion": most, "filter": filter_of(a)})]


@on("OpticalDistortion", "optical_distortion", "similar", "k1 is of the half diagonal; the fisheye model is not there")
def _(a: Arguments) -> List[StepOrLabel]:
    low, high = symmetric(a("distort_limit", 0.05))
    return [("optical_distortion", {"k1": law((max(low, -0.15), high)), "filter": filter_of(a)})]


@on("ThinPlateSpline", "thin_plate_spline", "similar", "points move evenly, as a share of their distance")
def _(a: Arguments) -> List[StepOrLabel]:
    points = int(a("num_control_points", 4))
    low, high = a("scale_range", (0.2, 0.4))
    return [("thin_plate_spline", {"points": min(max(points, 2), 8), "scale": law((min(low, 0.25), min(high, 0.25))), "filter": filter_of(a)})]


@on("PiecewiseAffine", "piecewise_affine", "similar", "corners move evenly, as a share of a cell")
def _(a: Arguments) -> List[StepOrLabel]:
    columns, rows = a("nb_cols", (4, 4)), a("nb_rows", (4, 4))
    scale = symmetric(a("scale", (0.03, 0.05)))
    cells = max(_ends(columns)[0], 1)
    return [("piecewise_affine", {
        "columns": a.whole_law("nb_cols", (4, 4)), "rows": a.whole_law("nb_rows", rows),
        "scale": law((min(scale[0] * cells, 0.24), min(scale[1] * cells, 0.24))), "filter": filter_of(a),
    })]


@on("RandomGridShuffle", "grid_shuffle", "exact", "")
def _(a: Arguments) -> List[StepOrLabel]:
    rows, columns = a("grid", (3, 3))
    a.note("boxes, masks and keypoints cannot follow it here")
    return [("grid_shuffle", {"rows": rows, "columns": columns})]


_SECOND = "takes a second picture"
TABLE.missing(_SECOND + " (the steps mixup, mosaic and copy_paste mix in loaders, batches and augment)", "MixUp Mosaic CopyAndPaste")
TABLE.missing(_SECOND + " (fourier_adaptation, histogram_matching and overlay_image take one from a file)",
              "FDA HistogramMatching OverlayElements")
TABLE.missing(_SECOND, "PixelDistributionAdaptation TemplateTransform")
TABLE.missing("is of sound or volumes", "TimeReverse TimeMasking FrequencyMasking CenterCrop3D CoarseDropout3D CubicSymmetry Pad3D "
              "PadIfNeeded3D RandomCrop3D ToTensor3D")
TABLE.missing("runs code of your own: write it as a leaven.custom_op", "Lambda")
TABLE.missing("writes text with a font of yours (the step text has its own)", "TextImage")
TABLE.missing("has no step of its own", "GridElasticDeform XYMasking")
