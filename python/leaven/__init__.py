"""Data augmentation in few passes over the pixels: the same bytes every time, with any number of threads.

    import leaven as lv

    recipe = lv.Recipe([lv.random_resized_crop(size=224), lv.horizontal_flip(p=0.5), lv.normalize()], seed=7)
    array = recipe(image=image, key="cats/001.jpg")
"""

from importlib import import_module

from . import _core
from ._custom import CustomOp, custom, custom_op, load_ops
from ._explain import Explanation
from ._job import Augmented, augment
from ._loader import Loader
from ._recipe import Recipe
from ._steps import (
    Law,
    Step,
    beta,
    choice,
    integer,
    log_uniform,
    normal,
    one_of,
    random_order,
    repeat,
    sequence,
    some_of,
    truncated_normal,
    uniform,
    with_probability,
)

__version__ = _core.version()
presets = _core.presets

_OWN_NAMES = [
    "Augmented",
    "CustomOp",
    "DynamicRecipe",
    "Explanation",
    "Gate",
    "Generator",
    "Law",
    "Loader",
    "MigrationWarning",
    "Proof",
    "Recipe",
    "Samples",
    "Step",
    "View",
    "Views",
    "augment",
    "beta",
    "choice",
    "custom",
    "custom_op",
    "from_albumentations",
    "from_torchvision",
    "integer",
    "load_ops",
    "log_uniform",
    "normal",
    "one_of",
    "presets",
    "prove",
    "random_order",
    "repeat",
    "sequence",
    "some_of",
    "truncated_normal",
    "tune",
    "uniform",
    "with_probability",
]


# Of modules that most programs never need.
_LATER = {
    "DynamicRecipe": "_dynamic",
    "Gate": "_generate",
    "Generator": "_generate",
    "MigrationWarning": "_migrate",
    "Proof": "_prove",
    "Samples": "_generate",
    "View": "_views",
    "Views": "_views",
    "from_albumentations": "_from_albumentations",
    "from_torchvision": "_from_torchvision",
    "prove": "_prove",
    "tune": "_prove",
}


def __getattr__(name):
    """Functions of ops and policies, all of them when the first is asked for: reading the table takes some time."""
    if name in _LATER:
        globals()[name] = getattr(import_module(f".{_LATER[name]}", __name__), name)
        return globals()[name]
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module 'leaven' has no attribute {name!r}")
    from ._ops import FUNCTIONS

    globals().update(FUNCTIONS, __all__=[*_OWN_NAMES, *FUNCTIONS])
    if name not in globals():
        import difflib

        near = difflib.get_close_matches(name, FUNCTIONS, 1)
        raise AttributeError(f"module 'leaven' has no attribute {name!r}" + (f" (did you mean {near[0]}?)" if near else ""))
    return globals()[name]


def __dir__():
    return __getattr__("__all__")
