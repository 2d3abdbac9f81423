"""Data augmentation in few passes over the pixels: the same bytes every time, with any number of threads.

    import leaven as lv

    recipe = lv.Recipe([lv.random_resized_crop(size=224), lv.horizontal_flip(p=0.5), lv.normalize()], seed=7)
    array = recipe(image=image, key="cats/001.jpg")
"""

from . import _core
from ._explain import Explanation
from ._job import Augmented, augment
from ._loader import Loader
from ._recipe import Recipe
from ._steps import (
    FUNCTIONS,
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

# One function for each op and policy of the table.
globals().update(FUNCTIONS)

__all__ = [
    "Augmented",
    "Explanation",
    "Law",
    "Loader",
    "Recipe",
    "Step",
    "augment",
    "beta",
    "choice",
    "integer",
    "log_uniform",
    "normal",
    "one_of",
    "presets",
    "random_order",
    "repeat",
    "sequence",
    "some_of",
    "truncated_normal",
    "uniform",
    "with_probability",
    *FUNCTIONS,
]
