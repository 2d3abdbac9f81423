"""What albumentations lays over pictures as steps: holes, weather, light."""

from __future__ import annotations

from typing import Any, Dict, List

from ._albumentations_table import on
from ._migrate import Arguments, NoEqual, StepOrLabel, fill, law
from ._steps import Law


def holes_shown(a: Arguments) -> Dict[str, Any]:
    """What a hole shows."""
    value = a("fill", a("fill_value", 0))
    if value == "random":
        return {"fill_with": "noise"}
    if isinstance(value, str):
        raise NoEqual(f"fill={value}")
    colour = fill(value)
    return {"fill": colour} if colour != 0 else {}


@on("CoarseDropout", "coarse_dropout", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    sizes = {name: a(f"hole_{name}_range", (0.1, 0.2)) for name in ("width", "height")}
    if any(isinstance(end, int) or end > 1 for size in sizes.values() for end in size):
        raise NoEqual("holes measured in pixels, as shares of the picture are wanted")
    return [("coarse_dropout", {"holes": a.whole_law("num_holes_range", (1, 2)), **{name: list(size) for name, size in sizes.items()}, **holes_shown(a)})]


@on("Erasing", "erasing", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("erasing", {"area": law(a("scale", (0.02, 0.33))), "ratio": list(a("ratio", (0.3, 3.3))), **holes_shown(a)})]


@on("GridDropout", "grid_dropout", "close", "the grid is shifted as a whole")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("unit_size_range"):
        raise NoEqual("unit_size_range")
    columns, rows = a("holes_number_xy") or (10, 10)
    offset = {} if a("random_offset", True) else {"offset_x": 0, "offset_y": 0}
    return [("grid_dropout", {"columns": columns, "rows": rows, "ratio": a("ratio", 0.5), **offset, **holes_shown(a)})]


@on("PixelDropout", "pixel_dropout", "exact")
def _(a: Arguments) -> List[StepOrLabel]:
    if a("drop_value", 0) is None:
        raise NoEqual("drop_value=None")
    return [("pixel_dropout", {"amount": a("dropout_prob", 0.01), "per_channel": a("per_channel", False), "fill": fill(a("drop_value", 0))})]


@on("ChromaticAberration", "chromatic_aberration", "similar", "red and blue are pictured larger or smaller")
def _(a: Arguments) -> List[StepOrLabel]:
    reach = max(abs(end) for end in a("primary_distortion_limit", (-0.02, 0.02)))
    return [("chromatic_aberration", {name: law((-reach, reach)) for name in ("red", "blue")})]


@on("PlasmaBrightnessContrast", "plasma_brightness plasma_contrast", "similar", "two clouds, one for each")
def _(a: Arguments) -> List[StepOrLabel]:
    amounts = [max(abs(end) for end in a(name, (-0.3, 0.3))) for name in ("brightness_range", "contrast_range")]
    return [("plasma_brightness", {"amount": amounts[0]}), ("plasma_contrast", {"amount": amounts[1]})]


@on("PlasmaShadow", "plasma_shadow", "similar", "shadows have edges")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("plasma_shadow", {"amount": law(a("shadow_intensity_range", (0.3, 0.7)))})]


@on("Illumination", "illumination", "similar", "directions as said, strength at its strongest place")
def _(a: Arguments) -> List[StepOrLabel]:
    low, high = a("intensity_range", (0.01, 0.2))
    kind = a("effect_type", "both")
    ends = {"brighten": (low, high), "darken": (-high, -low), "both": (-high, high)}[kind]
    return [("illumination", {"shape": a("mode", "linear"), "amount": law(ends)})]


@on("RandomFog", "fog", "similar", "one layer of fog with patches")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("fog", {"amount": law(a("fog_coef_range", (0.3, 1)))})]


@on("RandomRain", "rain", "similar", "drops by their amount, not their kind")
def _(a: Arguments) -> List[StepOrLabel]:
    amounts = {"drizzle": 0.15, "default": 0.35, "heavy": 0.6, "torrential": 0.9}
    low, high = a("slant_range", (-10, 10))
    length = a("drop_length")
    return [("rain", {"amount": amounts[a("rain_type", "default")], "angle": law((90 - high, 90 - low)), **({"length": length} if length else {})})]


@on("RandomSnow", "snow", "similar", "flakes fall besides")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("snow", {"amount": law(a("snow_point_range", (0.1, 0.3)))})]


@on("RandomSunFlare", "sun_flare", "similar", "the reflections lie on the line through the middle")
def _(a: Arguments) -> List[StepOrLabel]:
    left, top, right, bottom = a("flare_roi", (0, 0, 1, 0.5))
    return [("sun_flare", {"x": law((left, right)), "y": law((top, bottom)), "ghosts": a.whole_law("num_flare_circles_range", (6, 10))})]


@on("RandomShadow", "shadow", "similar", "anywhere in the picture")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("shadow", {"shadows": a.whole_law("num_shadows_limit", (1, 2)), "amount": law(a("shadow_intensity_range", (0.5, 0.5)))})]


@on("RandomGravel", "gravel", "similar", "grains lie all over the picture")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("gravel", {"amount": Law("uniform", [0.005, 0.08])})]


@on("Spatter", "spatter", "similar", "drops by their amount")
def _(a: Arguments) -> List[StepOrLabel]:
    return [("spatter", {"what": "mud" if a("mode", "rain") == "mud" else "water"})]


@on("FromFloat", "", "close", "pictures keep their type")
def _(a: Arguments) -> List[StepOrLabel]:
    return []
