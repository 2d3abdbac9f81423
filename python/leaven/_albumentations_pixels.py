"""albumentations' changes of pixels as steps."""

from __future__ import annotations

from typing import Any, Dict, List

from ._albumentations_table import TABLE, filter_of, on
from ._migrate import Arguments, NoEqual, StepOrLabel, fill, law, symmetric
from ._steps import Law


def _factor(limit: Any) -> Any:
    """A range of factors, or one number b for [max(0, 1 - b), 1 + b]."""
    return law((max(0.0, 1 - limit), 1 + limit) if isinstance(limit, (int, float)) else tuple(limit))


@on("RandomBrightnessContrast", "brightness linear", "exact", "")
def _(a: Arguments) -> List[StepOrLabel]:
    if not a("brightness_by_max", True):
        raise NoEqual("brightness_by_max=False")
    if a("ensure_safe_range", False):
        a.note("ensure_safe_range is not there: values are clipped")
    gain, offset = law(symmetric(a("contrast_limit", 0.2)), 1, 1), law(symmetric(a("brightness_limit", 0.2)))
    return [("linear", {"gain": gain, "offset": offset})]


@on("ColorJitter", "color_jitter", "close", "OpenCV's hues have 180 steps")
def _(a: Arguments) -> List[StepOrLabel]:
    fields = {name: _factor(a(name, 0.2)) for name in ("brightness", "contrast", "saturation")}
    return [("color_jitter", {**fields, "hue": law(symmetric(a("hue", 0.2))), "around": "mean"})]


@on("HueSaturationValue", "hsv", "close", "OpenCV's hues have 180 steps")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("hsv", {
        "hue": law(symmetric(a("hue_shift_limit", 20)), 1 / 180),
        "saturation_shift": law(symmetric(a("sat_shift_limit", 30)), 1 / 255),
        "value_shift": law(symmetric(a("val_shift_limit", 20)), 1 / 255),
    })]


@on("RGBShift", "rgb_shift", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("rgb_shift", {name: law(symmetric(a(f"{name[0]}_shift_limit", 20)), 1 / 255) for name in ("red", "green", "blue")})]


@on("RandomGamma", "gamma", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("gamma", {"gamma": law(a("gamma_limit", (80, 120)), 1 / 100)})]


@on("ToGray", "grayscale", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("method", "weighted_average") != "weighted_average" or a("num_output_channels", 3) != 3:
        raise NoEqual("methods other than weighted_average, and one channel")
    return [("grayscale", {})]


@on("ToRGB", "", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return []


@on("ToSepia", "sepia", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("sepia", {"amount": 1})]


@on("InvertImg", "invert", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("invert", {})]


@on("Solarize", "solarize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    threshold = a("threshold_range") or a("threshold", 0.5)
    scale = 1 / 255 if max(threshold if isinstance(threshold, (list, tuple)) else [threshold]) > 1 else 1
    return [("solarize", {"threshold": law(threshold, scale)})]


@on("Posterize", "posterize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    bits = a("num_bits", 4)
    if isinstance(bits, (list, tuple)) and any(isinstance(one, (list, tuple)) for one in bits):
        raise NoEqual("other bits for each channel")
    return [("posterize", {"bits": a.whole_law("num_bits", 4)})]


@on("Equalize", "equalize", "similar", "by Pillow's formula, which spreads levels otherwise than OpenCV's")
def _(a: Arguments) -> List[StepOrLabel]:
    if not a("by_channels", True) or a("mask") is not None:
        raise NoEqual("by_channels=False, and a mask")
    return [("equalize", {})]


@on("AutoContrast", "autocontrast", "similar", "as with method=\"pil\"; \"cdf\" bends the levels between")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("ignore") is not None:
        raise NoEqual("ignore")
    return [("autocontrast", {"cutoff": law(a("cutoff", 0), 1 / 100)})]


@on("CLAHE", "clahe", "similar", "every channel keeps its share of the luminance, where the library changes L of Lab")
def _(a: Arguments) -> List[StepOrLabel]:
    rows, columns = a("tile_grid_size", (8, 8))
    if rows != columns:
        raise NoEqual("a grid that is not square")
    limit = a("clip_limit", 4.0)
    return [("clahe", {"clip_limit": law((1, limit) if isinstance(limit, (int, float)) else limit), "tiles": rows})]


@on("ChannelShuffle", "channel_shuffle", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("channel_shuffle", {})]


@on("ChannelDropout", "channel_dropout", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("channel_dropout", {"channels": a.whole_law("channel_drop_range", (1, 1)), "fill": fill(a("fill", 0))})]


@on("FancyPCA", "fancy_pca", "close", "components of the picture itself, as in the paper")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("fancy_pca", {"sigma": a("alpha", 0.1)})]


@on("PlanckianJitter", "color_temperature", "similar", "lamps of a black body, relative to 6500 K")
def _(a: Arguments) -> List[StepOrLabel]:
    low, high = a("temperature_limit") or (3000, 15000)
    return [("color_temperature", {"kelvin": law((max(low, 2000), min(high, 25000)))})]


@on("HEStain", "stain_jitter", "similar", "one set of stain vectors")
def _(a: Arguments) -> List[StepOrLabel]:
    scale, shift = a("intensity_scale_range", (0.7, 1.3)), a("intensity_shift_range", (-0.2, 0.2))
    stains = ("hematoxylin", "eosin")
    return [("stain_jitter", {**{name: law(scale) for name in stains}, **{f"{name}_shift": law(shift) for name in stains}})]


@on("RandomToneCurve", "tone_curve", "similar", "handles move evenly, not by a normal law")
def _(a: Arguments) -> List[StepOrLabel]:
    reach = min(2 * a("scale", 0.1), 0.33)
    if a("per_channel", False):
        raise NoEqual("per_channel")
    return [("tone_curve", {"low": law((1 / 3 - reach, 1 / 3 + reach)), "high": law((2 / 3 - reach, 2 / 3 + reach))})]


@on("Normalize", "normalize normalize_per_image", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    kind = a("normalization", "standard")
    if kind != "standard":
        fields = {"by": "range" if kind.startswith("min_max") else "deviation", "per_channel": kind.endswith("per_channel")}
        return [("normalize_per_image", fields)]
    scale = 255.0 / (a("max_pixel_value", 255.0) or 255.0)
    mean, std = (value if isinstance(value, (list, tuple)) else [value] for value in (a("mean"), a("std")))
    return [("normalize", {"mean": [one / scale for one in mean], "std": [one / scale for one in std]})]


@on("ToFloat", "normalize", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("max_value") not in (None, 255, 255.0):
        raise NoEqual("max_value other than 255")
    return [("normalize", {"mean": [0], "std": [1]})]


@on("ToTensorV2", "", "close", "arrays stay arrays: give tensors, use leaven.torch.Transform, or recipe.batch(layout=\"NCHW\")")
def _(a: Arguments) -> List[StepOrLabel]:
    a.note("tensors come out where tensors go in, and of leaven.torch.Transform")
    return []


@on("GaussianBlur", "gaussian_blur", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    size = a("blur_limit", 0)
    if max(size if isinstance(size, (list, tuple)) else [size]) > 0:
        a.note("the kernel is as large as sigma needs, whatever blur_limit says")
    sigma = a("sigma_limit", (0.5, 3.0))
    return [("gaussian_blur", {"sigma": law((0.1, sigma) if isinstance(sigma, (int, float)) and sigma > 0 else sigma)})]


def _radii(a: Arguments, name: str = "blur_limit", default: Any = (3, 7)) -> Any:
    """A range of odd sizes as radii."""
    limit = a(name, default)
    low, high = (3, limit) if isinstance(limit, int) else limit
    radii = list(range(int(low) // 2, int(high) // 2 + 1))
    return radii[0] if len(radii) == 1 else Law("choice", radii)


@on("Blur", "box_blur", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("box_blur", {"radius": _radii(a)})]


@on("MedianBlur", "median_blur", "close", "borders are reflected, where OpenCV repeats the edge")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("median_blur", {"radius": _radii(a)})]


@on("MotionBlur", "motion_blur", "similar", "the streak is drawn smoothly, and as long as said")
def _(a: Arguments) -> List[StepOrLabel]:
    limit = a("blur_limit", (3, 7))
    return [("motion_blur", {
        "length": law((3, limit) if isinstance(limit, (int, float)) else limit),
        "angle": law(a("angle_range", (0, 360))), "direction": law(a("direction_range", (-1.0, 1.0))),
    })]


@on("Defocus", "defocus", "similar", "the disc's edge is soft by a fixed width")
def _(a: Arguments) -> List[StepOrLabel]:
    radius = a("radius", (3, 10))
    return [("defocus", {"radius": law((3, radius) if isinstance(radius, (int, float)) else radius)})]


@on("ZoomBlur", "zoom_blur", "similar", "zooms are averaged evenly")
def _(a: Arguments) -> List[StepOrLabel]:
    zoom = a("max_factor", (1, 1.31))
    low, high = (1, zoom) if isinstance(zoom, (int, float)) else zoom
    return [("zoom_blur", {"zoom": law((low, min(high, 2.0)))})]


@on("GlassBlur", "glass_blur", "similar", "pixels change places in another order")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("glass_blur", {"sigma": a("sigma", 0.7), "reach": a("max_delta", 4), "iterations": a("iterations", 2)})]


@on("AdvancedBlur", "anisotropic_blur", "similar", "the kernel is as large as its deviation needs")
def _(a: Arguments) -> List[StepOrLabel]:
    def positive(name: str, default: Any) -> Any:
        low, high = symmetric(a(name, default))
        return law((max(low, 0.1), high))

    return [("anisotropic_blur", {
        "sigma_x": positive("sigma_x_limit", (0.2, 1.0)), "sigma_y": positive("sigma_y_limit", (0.2, 1.0)),
        "angle": law(symmetric(a("rotate_limit", 90))), "beta": law(a("beta_limit", (0.5, 8.0))),
    })]


@on("RingingOvershoot", "ringing", "close", "radius 3 to 7 for blur_limit 7 to 15")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("ringing", {"radius": _radii(a, default=(7, 15)), "cutoff": law(a("cutoff", (0.785398, 1.570796)))})]


@on("Sharpen", "sharpen", "similar", "one strength, without lightness")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("sharpen", {"by": law(a("alpha", (0.2, 0.5)), 4, 1)})]


@on("UnsharpMask", "unsharp_mask", "close", "sigma is drawn evenly where the library takes it from blur_limit")
def _(a: Arguments) -> List[StepOrLabel]:
    sigma = a("sigma_limit", 0.0)
    low, high = (0, sigma) if isinstance(sigma, (int, float)) else sigma
    if high <= 0:
        # OpenCV's rule for kernels that come without a sigma.
        ends = [0.3 * ((size - 1) * 0.5 - 1) + 0.8 for size in symmetric(a("blur_limit", (3, 7)))]
        low, high = max(ends[0], 0.8), ends[1]
    return [("unsharp_mask", {"amount": law(a("alpha", (0.2, 0.5))), "sigma": law((max(low, 0.1), high)), "threshold": a("threshold", 10) / 255})]


@on("Emboss", "emboss", "close", "borders")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("emboss", {"amount": law(a("alpha", (0.2, 0.5))), "relief": law(a("strength", (0.2, 0.7)))})]


@on("Morphological", "morphology", "similar", "the element is 3 px wide or more, and odd")
def _(a: Arguments) -> List[StepOrLabel]:
    low, high = a("scale", (2, 3))
    names = {"dilation": "dilate", "erosion": "erode"}
    radius = (max(int(low) // 2, 1), max(int(high) // 2, 1))
    return [("morphology", {
        "operation": names[a("operation", "dilation")], "element": "ellipse",
        "radius": radius[0] if radius[0] == radius[1] else Law("int", list(radius)),
    })]


@on("Superpixels", "superpixels", "similar", "at full size")
def _(a: Arguments) -> List[StepOrLabel]:
    share = a("p_replace", (0, 0.1))
    return [("superpixels", {"segments": a.whole_law("n_segments", 100), "replaced": law((0, share) if isinstance(share, (int, float)) else share)})]


@on("Downscale", "downscale", "close", "OpenCV's filters take single pixels where all count here; INTER_AREA and INTER_LINEAR at whole factors are the same")
def _(a: Arguments) -> List[StepOrLabel]:
    pair = a("interpolation_pair") or {"upscale": 0, "downscale": 0}
    down, up = (filter_of(Arguments(a.name, pair), name) for name in ("downscale", "upscale"))
    return [("downscale", {"scale": law(a("scale_range", (0.25, 0.25))), "down": down, "up": up})]


@on("ImageCompression", "jpeg_compression webp_compression", "close", "the library gives the codec red and blue exchanged")
def _(a: Arguments) -> List[StepOrLabel]:
    kind = a("compression_type", "jpeg")
    return [(f"{kind}_compression", {"quality": a.whole_law("quality_range", (99, 100))})]


@on("GaussNoise", "gaussian_noise", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("noise_scale_factor", 1) != 1:
        raise NoEqual("noise_scale_factor")
    mean = a("mean_range", (0.0, 0.0))
    offset: List[StepOrLabel] = [] if set(mean) == {0} else [("linear", {"offset": law(mean)})]
    return [*offset, ("gaussian_noise", {"sigma": law(a("std_range", (0.2, 0.44))), "per_channel": a("per_channel", True)})]


@on("AdditiveNoise", "additive_noise gaussian_noise", "close", "one width for all channels")
def _(a: Arguments) -> List[StepOrLabel]:
    kind, mode = a("noise_type", "uniform"), a("spatial_mode", "constant")
    if mode == "constant" or kind == "beta":
        raise NoEqual("one value for the whole picture, and the beta law")
    params: Dict[str, Any] = a("noise_params") or {}
    per_channel = mode == "per_pixel"
    if kind == "uniform":
        low, high = (params.get("ranges") or [(-0.2, 0.2)])[0]
        return [("additive_noise", {"law": "uniform", "sigma": (high - low) / 12**0.5, "per_channel": per_channel})]
    if kind == "laplace":
        return [("additive_noise", {"law": "laplace", "sigma": law(params.get("scale_range", (0.1, 0.3)), 2**0.5), "per_channel": per_channel})]
    return [("gaussian_noise", {"sigma": law(params.get("std_range", (0.1, 0.1))), "per_channel": per_channel})]


@on("MultiplicativeNoise", "brightness rgb_gain speckle_noise", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    low, high = a("multiplier", (0.9, 1.1))
    if not a("elementwise", False):
        if a("per_channel", False):
            return [("rgb_gain", {name: law((low, high)) for name in ("red", "green", "blue")})]
        return [("brightness", {"by": law((low, high))})]
    middle = (low + high) / 2
    steps: List[StepOrLabel] = [] if middle == 1 else [("brightness", {"by": middle})]
    return [*steps, ("speckle_noise", {"law": "uniform", "sigma": (high - low) / 12**0.5 / middle, "per_channel": a("per_channel", False)})]


@on("SaltAndPepper", "salt_pepper", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("salt_pepper", {"amount": law(a("amount", (0.01, 0.06))), "salt": law(a("salt_vs_pepper", (0.4, 0.6)))})]


@on("ShotNoise", "shot_noise", "similar", "photons are counted in the stored values, not in linear light")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("shot_noise", {"gain": law(a("scale_range", (0.1, 0.3)), 0.1)})]


@on("ISONoise", "iso_noise", "similar", "grey noise grows with the light")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("iso_noise", {"luminance": law(a("intensity", (0.1, 0.5)), 0.1), "color": law(a("color_shift", (0.01, 0.05)))})]
