"""torchvision's transforms, v1 and v2, as recipes. Reads their attributes, so the library itself is not needed."""

from __future__ import annotations

from typing import Any, Dict, List

import numpy as np

from ._arguments import shown
from ._migrate import Arguments, Migration, NoEqual, StepOrLabel, Table, fill, law, symmetric
from ._recipe import Recipe
from ._steps import Law, Step

TABLE = Table("torchvision")
on = TABLE.add

_BORDERS = {"constant": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric"}
_FILTERS = {"nearest": "nearest", "nearest-exact": "nearest", "bilinear": "bilinear", "bicubic": "bicubic", "lanczos": "lanczos", "box": "area"}
_PILLOWS = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic", 4: "area"}


def from_torchvision(transform: Any, seed: int = 0, *, missing: str = "raise") -> Recipe:
    """A recipe that does what torchvision's transforms do.

    transform: a Compose, one transform of torchvision.transforms or torchvision.transforms.v2, or a list of them
    seed: of the recipe
    missing: "raise" throws ValueError with the transforms that have no equal, "skip" leaves them out with a warning

    A MigrationWarning tells of each transform whose step is not quite the same; docs/migration.md lists them all. ToTensor
    becomes normalize, so give the recipe tensors, or use leaven.torch.Transform, where planes are wanted.
    """
    migration = Migration(TABLE)
    members = transform if isinstance(transform, (list, tuple)) else [transform]
    return migration.recipe(_merged([step for one in members for step in _steps(one, migration)]), seed, missing)


def _steps(transform: Any, migration: Migration) -> List[Step]:
    if isinstance(transform, Recipe):
        raise TypeError("this is a recipe already")
    name, library = type(transform).__name__, type(transform).__module__.partition(".")[0]
    if not callable(transform):
        raise TypeError(f"a transform of torchvision is needed, or a list of them, got {shown(transform)}")
    if library == "albumentations":
        migration.lose(name, "is of albumentations: leaven.from_albumentations reads those")
        return []
    if library != "torchvision":
        migration.lose(name, "runs code of your own: write it as a leaven.custom_op")
        return []
    if name in ("Compose", "Sequential"):
        return [step for one in transform.transforms for step in _steps(one, migration)]
    if name in ("RandomApply", "RandomChoice", "RandomOrder"):
        return _container(name, transform, migration)
    values = {key: value for key, value in vars(transform).items() if not key.startswith("_")}
    return migration.convert(name, values, _probability(name, transform))


def _probability(name: str, transform: Any) -> float:
    p = getattr(transform, "p", 1.0)
    return 1.0 if name in _P_IS_NO_PROBABILITY else float(p)


_P_IS_NO_PROBABILITY = ("RandomPhotometricDistort",)


def _container(name: str, transform: Any, migration: Migration) -> List[Step]:
    children = [_steps(one, migration) for one in transform.transforms]
    inside = [steps for steps in children if steps]
    if not inside:
        return []
    if name == "RandomApply":
        return [migration.container("with_probability", [step for steps in inside for step in steps], p=float(transform.p))]
    if name == "RandomOrder":
        return [migration.container("random_order", [migration.one(steps) for steps in inside])]
    weights = getattr(transform, "p", None)
    weights = None if weights is None else [float(one) for one in (getattr(transform, "probabilities", None) or weights)]
    return [migration.container("one_of", [migration.one(steps) for steps in inside], weights=weights)]


def _merged(steps: List[Step]) -> List[Step]:
    """ToTensor and Normalize are one step here."""
    made: List[Step] = []
    for step in steps:
        before = made[-1] if made else None
        if step.name == "normalize" and before and before.name == "normalize" and before.fields == _TO_UNIT:
            made.pop()
        made.append(step)
    return made


_TO_UNIT = {"mean": [0], "std": [1]}


def _filter(a: Arguments) -> str:
    value = a("interpolation", "bilinear")
    value = getattr(value, "value", value)
    known = _PILLOWS.get(value) if isinstance(value, int) else _FILTERS.get(value)
    if known is None:
        raise NoEqual(f"the filter {value}")
    return known


def _resampling(a: Arguments) -> Dict[str, Any]:
    made: Dict[str, Any] = {"filter": _filter(a)}
    if a("antialias", True) is False:
        made["antialias"] = False
    elif a("antialias", True) in (None, "warn"):
        a.note("with antialias, as for Pillow's images; tensors had none")
    return made


def _fill(a: Arguments) -> Dict[str, Any]:
    value = a("fill", 0)
    if isinstance(value, dict):
        raise NoEqual("a fill for each type")
    colour = fill(value or 0)
    return {"fill": colour} if colour != 0 else {}


def _border(a: Arguments) -> Dict[str, Any]:
    kind = _BORDERS[a("padding_mode", "constant")]
    return _fill(a) if kind == "constant" else {"border": kind}


def _sides(a: Arguments) -> Dict[str, int]:
    size = a("size")
    height, width = (size, size) if isinstance(size, int) else (size[0], size[-1])
    return {"width": int(width), "height": int(height)}


def _unmoved_centre(a: Arguments) -> None:
    if a("center") is not None:
        raise NoEqual("a centre of your own")


@on("RandomHorizontalFlip", "horizontal_flip", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("horizontal_flip", {})]


@on("RandomVerticalFlip", "vertical_flip", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("vertical_flip", {})]


@on("Resize", "resize smallest_max_size", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    size, longest = a("size"), a("max_size")
    if isinstance(size, int) or len(size) == 1:
        short = size if isinstance(size, int) else size[0]
        a.note("the longer side is rounded, where torchvision cuts its fraction off: it may be one pixel longer")
        return [("smallest_max_size", {"size": short, **({"longest": longest} if longest else {}), **_resampling(a)})]
    return [("resize", {**_sides(a), **_resampling(a)})]


@on("RandomShortestSize", "smallest_max_size", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    sizes = a("min_size")
    longest = {"longest": a("max_size")} if a("max_size") else {}
    return [("smallest_max_size", {"size": Law("choice", list(sizes)) if not isinstance(sizes, int) else sizes, **longest, **_resampling(a)})]


@on("RandomResize", "smallest_max_size", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("smallest_max_size", {"size": Law("int", [int(a("min_size")), int(a("max_size")) - 1]), **_resampling(a)})]


@on("ScaleJitter", "scale_jitter", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    height, width = a("target_size")
    return [("scale_jitter", {"width": width, "height": height, "factor": law(a("scale_range", (0.1, 2.0))), **_resampling(a)})]


@on("CenterCrop", "center_crop", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("center_crop", {**_sides(a), "compat": "torchvision"})]


@on("RandomCrop", "pad random_crop", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    padding = a("padding")
    before = [] if padding is None else [("pad", {**_paddings(padding), **_border(a)})]
    if a("pad_if_needed", False):
        a.note("smaller pictures are padded evenly")
    return [*before, ("random_crop", {**_sides(a), "when_smaller": "pad" if a("pad_if_needed", False) else "refuse", **_border(a)})]


@on("RandomResizedCrop", "random_resized_crop", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("random_resized_crop", {**_sides(a), "scale": list(a("scale")), "ratio": list(a("ratio")), **_resampling(a)})]


def _paddings(padding: Any) -> Dict[str, int]:
    sides = [padding] if isinstance(padding, int) else list(padding)
    left, top, right, bottom = sides * 4 if len(sides) == 1 else sides * 2 if len(sides) == 2 else sides
    return {"left": left, "top": top, "right": right, "bottom": bottom}


@on("Pad", "pad", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("pad", {**_paddings(a("padding")), **_border(a)})]


@on("RandomZoomOut", "zoom_out", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("zoom_out", {"ratio": law(a("side_range", (1.0, 4.0))), **_fill(a)})]


@on("RandomRotation", "rotate", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    _unmoved_centre(a)
    canvas = {"canvas": "fit"} if a("expand", False) else {}
    if canvas:
        a.note("on the larger canvas the picture may lie half a pixel apart")
    return [("rotate", {"degrees": law(a("degrees")), "filter": _filter(a), **canvas, **_fill(a)})]


@on("RandomAffine", "affine", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    _unmoved_centre(a)
    shear = a("shear")
    shift = a("translate") or (0.0, 0.0)
    if shift != (0.0, 0.0):
        a.note("shifts are not rounded to whole pixels")
    fields = {
        "degrees": law(a("degrees"), -1),
        "scale": law(a("scale") or 1.0),
        "shear_x": law(shear[:2], -1) if shear is not None else 0,
        "shear_y": law(shear[2:4], -1) if shear is not None and len(shear) == 4 else 0,
        "translate_x": law(symmetric(float(shift[0]))),
        "translate_y": law(symmetric(float(shift[1]))),
    }
    return [("affine", {**fields, "filter": _filter(a), **_fill(a)})]


@on("RandomPerspective", "perspective", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("perspective", {"distortion": float(a("distortion_scale", 0.5)), "filter": _filter(a), **_fill(a)})]


@on("ElasticTransform", "elastic", "similar", "alpha is the largest shift in px, not the weight of a blurred noise")
def _(a: Arguments) -> List[StepOrLabel]:
    sigma = max(float(a("sigma")[0]), 2.0)
    shift = min(float(a("alpha")[0]) * 3 / (3**0.5 * 2 * 3.1416**0.5 * sigma), 200.0)
    return [("elastic", {"alpha": round(shift, 4), "sigma": min(sigma, 500.0), "filter": _filter(a)})]


@on("ColorJitter", "color_jitter", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    fields = {name: law(a(name)) if a(name) is not None else 1 for name in ("brightness", "contrast", "saturation")}
    return [("color_jitter", {**fields, "hue": law(a("hue")) if a("hue") is not None else 0, "around": "mean"})]


@on("RandomPhotometricDistort", "color_jitter channel_shuffle", "similar", "each change runs with p, contrast between the others")
def _(a: Arguments) -> List[StepOrLabel]:
    p = float(a("p", 0.5))
    steps: List[StepOrLabel] = [("brightness", {"by": law(a("brightness")), "p": p}), ("contrast", {"by": law(a("contrast")), "around": "mean", "p": p})]
    steps += [("saturation", {"by": law(a("saturation")), "p": p}), ("hue", {"by": law(a("hue")), "p": p})]
    return [*steps, ("channel_shuffle", {"p": p})]


@on("Grayscale RandomGrayscale", "grayscale", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("num_output_channels", 3) == 1:
        a.note("keeps three channels")
    return [("grayscale", {})]


@on("RandomChannelPermutation", "channel_shuffle", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("channel_shuffle", {})]


@on("GaussianBlur", "gaussian_blur", "close", "the kernel is as large as sigma needs")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("gaussian_blur", {"sigma": law(a("sigma"))})]


@on("GaussianNoise", "gaussian_noise", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("mean", 0.0) != 0:
        raise NoEqual("a mean other than 0")
    return [("gaussian_noise", {"sigma": float(a("sigma", 0.1))})]


@on("RandomInvert", "invert", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("invert", {})]


@on("RandomPosterize", "posterize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("posterize", {"bits": int(a("bits"))})]


@on("RandomSolarize", "solarize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    threshold = float(a("threshold"))
    return [("solarize", {"threshold": threshold if threshold <= 1 else threshold / 255})]


@on("RandomAdjustSharpness", "sharpen", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("sharpen", {"by": float(a("sharpness_factor"))})]


@on("RandomAutocontrast", "autocontrast", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("autocontrast", {})]


@on("RandomEqualize", "equalize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("equalize", {})]


@on("JPEG", "jpeg_compression", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("jpeg_compression", {"quality": a.whole_law("quality")})]


@on("RandomErasing", "erasing", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    value = a("value", 0)
    if value == "random":
        a.note("noise is even, where the library's is normal")
        colour: Dict[str, Any] = {"fill_with": "noise"}
    else:
        colour = {"fill": list(map(float, value)) if isinstance(value, (list, tuple)) else float(value)}
        if colour == {"fill": 0.0}:
            colour = {}
    return [("erasing", {"area": law(a("scale")), "ratio": list(a("ratio")), **colour})]


@on("ToTensor ConvertImageDtype ToDtype", "normalize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    kind = str(a("dtype", "torch.float32"))
    if "float32" not in kind or a("scale", True) is False:
        raise NoEqual("types other than float32 in [0, 1]")
    return [("normalize", dict(_TO_UNIT))]


@on("PILToTensor ToImage ToPILImage ToPureTensor Identity SanitizeBoundingBoxes ClampBoundingBoxes ConvertBoundingBoxFormat", "", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return []


@on("Normalize", "normalize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("normalize", {name: np.atleast_1d(a(name)).astype(float).tolist() for name in ("mean", "std")})]


@on("RandAugment", "rand_augment", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("rand_augment", {"n": int(a("num_ops", 2)), "magnitude": int(a("magnitude", 9)), "bins": int(a("num_magnitude_bins", 31))})]


@on("TrivialAugmentWide", "trivial_augment", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("num_magnitude_bins", 31) != 31:
        raise NoEqual("num_magnitude_bins other than 31")
    return [("trivial_augment", {})]


@on("AutoAugment", "auto_augment", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    policy = getattr(a("policy"), "value", a("policy"))
    return [("auto_augment", {"policy": str(policy)})]


@on("RandomIoUCrop", "iou_crop", "close", "40 tries for an overlap")
def _(a: Arguments) -> List[StepOrLabel]:
    scale = [float(a(f"{end}_scale", usual)) for end, usual in (("min", 0.3), ("max", 1.0))]
    ratio = [float(a(f"{end}_aspect_ratio", usual)) for end, usual in (("min", 0.5), ("max", 2.0))]
    overlaps = [float(one) for one in a("options") or (0, 0.1, 0.3, 0.5, 0.7, 0.9, 1)]
    a("trials")
    return [("iou_crop", {"scale": scale, "ratio": ratio, "overlaps": overlaps})]


TABLE.missing("gives several pictures: five_crop draws one of them", "FiveCrop TenCrop")
TABLE.missing("runs code of your own: write it as a leaven.custom_op", "Lambda")
TABLE.missing("has no step of its own", "LinearTransformation")
TABLE.missing("mixes chains of one sample", "AugMix")
TABLE.missing("takes a second picture (the steps cutmix, mixup and copy_paste mix in loaders and batches)", "CutMix MixUp SimpleCopyPaste")
TABLE.missing("is of videos", "UniformTemporalSubsample")
