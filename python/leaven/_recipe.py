"""A recipe, and what it does to pictures."""

from __future__ import annotations

import errno
import os
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from ._arguments import check, shown
from ._calls import call_number, key_text, no_argument, numbered, worker
from ._custom import declared_in
from ._explain import Explanation, explain
from ._kinds import gives_back, require_type, take, take_all
from ._marks import Marks, move
from ._notebook import recipe_table
from ._samples import SampleCalls
from ._series import SeriesCalls
from ._soft_labels import columns_of, soft_labels, texts_of
from ._steps import RecipeText, Step, StepLike, parse
from ._tables import Kind, augmented, is_table
from ._views import ViewCalls

def missing_file(error: ValueError, path: Any) -> Exception:
    """FileNotFoundError with the engine's text when there is no such path, else the error itself."""
    if os.path.exists(path):
        return error
    return FileNotFoundError(errno.ENOENT, str(error))


class Recipe(SampleCalls, SeriesCalls, ViewCalls):
    """What should happen to a picture. Made of steps, of a file, of a text, or by the name of a preset.

    Calling it draws every value from `key`, `epoch` and `copy` alone: the same three give the same picture, in any
    thread, process or machine. A call without a key is named by `calls`, a counter that everybody can see and set.
    """

    __slots__ = ("_core", "_text")

    def __init__(self, steps: Sequence[StepLike], seed: int = 0, **stages: Any):
        """stages: what else a recipe says, by the names of its YAML: labels={"min_visibility": 0.3}, decode="scaled", prepare=[...]"""
        if isinstance(steps, (str, Mapping)) or not isinstance(steps, Sequence):
            raise TypeError(f"a recipe is a list of steps, got {steps!r}" + (": put it into [ ]" if isinstance(steps, Step) else ""))
        check(seed=seed)
        self._text: Optional[RecipeText] = RecipeText(steps, {"leaven": 1, "seed": seed, **stages})
        try:
            self._core = parse(self._text)
        except ValueError as error:
            unknown = str(error).partition("recipe: unknown field ")[2]
            if unknown.split(" ")[0] in stages:
                raise TypeError(f"Recipe() has no argument {unknown}") from None
            raise

    @classmethod
    def _of(cls, core: _core.Recipe, seed: Optional[int] = None) -> Recipe:
        self = cls.__new__(cls)
        self._text = None
        self._core = core
        check(seed=seed)
        if seed is not None:
            core.seed = seed
        return self

    @classmethod
    def load(cls, path: Union[str, os.PathLike], seed: Optional[int] = None) -> Recipe:
        """Reads a YAML or JSON file; `seed` stands instead of the file's."""
        try:
            return cls._of(_core.Recipe.from_file(os.fspath(path)), seed)
        except ValueError as error:
            raise missing_file(error, path) from None

    @classmethod
    def from_text(cls, text: str, seed: Optional[int] = None) -> Recipe:
        """Reads YAML or JSON."""
        check(text=text)
        return cls._of(_core.Recipe.from_text(text), seed)

    @classmethod
    def preset(cls, name: str, seed: Optional[int] = None) -> Recipe:
        """light, medium, strong, or one of your own."""
        check(name=name)
        return cls._of(_core.Recipe.preset(name), seed)

    @property
    def yaml(self) -> str:
        """The whole recipe as YAML: from_text() of it is an equal recipe."""
        return self._core.yaml()

    @property
    def seed(self) -> int:
        return self._core.seed

    @property
    def calls(self) -> int:
        """How many pictures were made without a key; the next one is named by it."""
        return self._core.calls

    @calls.setter
    def calls(self, count: int) -> None:
        check(calls=count)
        self._core.calls = count

    def __call__(
        self,
        image: Any,
        *,
        key: Optional[str] = None,
        epoch: Optional[int] = None,
        copy: int = 1,
        label: str = "",
        alpha: Optional[bool] = None,
        bounded: bool = True,
        mask: Any = None,
        masks: Any = None,
        boxes: Any = None,
        keypoints: Any = None,
        polygons: Any = None,
        labels: Any = None,
        box_format: str = "xyxy",
        keypoint_names: Optional[Sequence[str]] = None,
        mask_fill: Any = 0,
        heatmap: Any = None,
        **unknown: Any,
    ) -> Any:
        """The picture made new, of the kind that came in; with marks a dict of it and of them, by the arguments' names.

        image: a NumPy array (height, width) or (height, width, channels) of uint8, uint16, float16 or float32; a Pillow image;
            a PyTorch tensor (channels, height, width); or a sample as a dict, whose picture and marks are replaced; or a
            table (pandas, Polars, pyarrow), for steps on rows: a new row for each comes back
        key, epoch, copy: what the values are drawn from, beside the recipe's seed; a key is a text, a path, a whole number (of
            any library) or bytes of UTF-8, and a number's is its text: 5 and "5" are one; the rows of a table have their numbers for
            keys, and without `epoch` it is the call's number
        label: the sample's class, for steps with `when`
        alpha: whether the last channel is alpha; by default that of 2 and of 4
        bounded: False for floats outside [0, 1]
        mask, masks: numbers of any type and the picture's size, moved by whole pixels; `mask_fill` stands where nothing was
        heatmap: numbers of any range and the picture's size, interpolated; 0 stands where nothing was
        boxes: (N, 4), what else stands in a row goes along; box_format: xyxy, xywh (COCO), cxcywh, yolo or xyxyn
        keypoints: (N, K, 2) for things or (K, 2) for the picture, with a third column for visibility, or with two
            more for angle (degrees, counter-clockwise) and size (px); those that left the picture are NaN, with visibility 0. With `keypoint_names`, left and right change places in a mirror
        polygons: for each thing one (M, 2) or a list of them
        labels: one for each thing; things that the recipe's `labels:` stage drops lose theirs, `kept` names the others
        """
        # The usual call first: it is made once for each picture of a training.
        if type(image) is np.ndarray and not unknown and mask is masks is boxes is keypoints is polygons is labels is heatmap is None:
            try:
                return self._core.apply(image, self._name(key), epoch or 0, copy, label, alpha, bounded, False)
            except ValueError as error:
                raise self._placed(error) from None
            except TypeError:
                check(epoch=epoch, copy=copy, label=label, alpha=alpha, bounded=bounded)
                if image.dtype != np.float16:
                    require_type(image)
                    raise
        if unknown:
            raise TypeError(no_argument(next(iter(unknown))))
        check(epoch=epoch, copy=copy, label=label, alpha=alpha, bounded=bounded, keypoint_names=keypoint_names)
        marks = Marks(mask, masks, boxes, keypoints, polygons, labels, box_format, keypoint_names, mask_fill, heatmap)
        if is_table(image):
            return self._table(image, marks, key, epoch, copy)
        epoch = epoch or 0
        if isinstance(image, Mapping):
            return self._sample(image, marks, key, epoch, copy, label, alpha, bounded)
        if marks.any:
            return self._marked(image, marks, key, epoch, copy, label, alpha, bounded)
        taken = take(image)
        require_type(taken.array)
        try:
            made = self._core.apply(
                taken.array,
                self._name(key),
                epoch,
                copy,
                label,
                taken.alpha if alpha is None else alpha,
                bounded,
                taken.planes,
            )
        except ValueError as error:
            raise self._placed(error) from None
        return made if taken.give is None else taken.give(made)

    def batch(
        self,
        images: Union[Sequence[Any], np.ndarray],
        keys: Optional[Sequence[str]] = None,
        *,
        epoch: int = 0,
        copy: int = 1,
        labels: Optional[Sequence[Any]] = None,
        classes: Union[int, Sequence[str], None] = None,
        threads: int = 0,
        layout: Optional[str] = None,
        alpha: Optional[bool] = None,
        bounded: bool = True,
    ) -> Any:
        """Many pictures at once, written straight into one array (float32 where the recipe ends in normalize); of tensors a tensor.

        keys: a name for each; without them, the next calls
        labels: their classes, for steps with `when` and for soft labels
        classes: how many there are, or their names: what comes back is (images, soft labels of (N, classes)). Steps that
            mix take other pictures of the batch as partners
        threads: 0 for all cores
        layout: NHWC, or NCHW for planes, as PyTorch's tensors have it unless it is said otherwise
        """
        check(images=images, keys=keys, labels=labels, epoch=epoch, copy=copy, threads=threads, alpha=alpha, bounded=bounded)
        if getattr(images, "ndim", 0) == 3 and images.shape[-1] <= 4:
            raise ValueError(f"images are several pictures, got one array of shape {tuple(images.shape)} (batch([image]) takes one)")
        taken = take_all(images)
        for number, one in enumerate(taken):
            require_type(one.array, f"images[{number}]: ")
        give = gives_back(taken)
        planes = planes_of(layout) if layout is not None else all(one.planes for one in taken)
        names = [self._name() for _ in taken] if keys is None else [key_text(key) for key in keys]
        texts = [] if labels is None else texts_of(labels)
        columns = None if classes is None else columns_of(classes, texts, len(taken))
        if columns is None and texts and self._core.mixes():
            raise ValueError("this recipe mixes pictures, and so their labels: say classes=, how many there are or their names")
        alphas = {one.alpha if alpha is None else alpha for one in taken}
        if len(alphas) > 1:
            raise ValueError("images of one batch must all have alpha or none")
        try:
            made, shares = self._core.batch(
                [one.array for one in taken], names, texts, epoch, copy, threads, alphas.pop(), bounded, planes
            )
        except ValueError as error:
            raise numbered(self._placed(error), names if keys is None else ()) from None
        return give(made) if columns is None else (give(made), give(soft_labels(columns, texts, shares)))

    def explain(
        self,
        image: Any,
        *,
        key: Optional[str] = None,
        epoch: int = 0,
        copy: int = 1,
        label: str = "",
        alpha: Optional[bool] = None,
        bounded: bool = True,
    ) -> Explanation:
        """The picture after every step, with every value; show() it, or leave it as the last line of a notebook's cell. Without a
        key it is named as a call is: what the next call would have made.
        """
        check(epoch=epoch, copy=copy, label=label, alpha=alpha, bounded=bounded)
        taken = take(image)
        require_type(taken.array)
        name = self._name(key)
        try:
            return explain(
                self._core, taken.array, name, epoch, copy, label, taken.alpha if alpha is None else alpha, bounded
            )
        except ValueError as error:
            raise self._placed(error) from None

    def replay(self, line: str, image: Any, *, alpha: Optional[bool] = None, bounded: bool = True) -> Any:
        """The same values again: `line` is one of leaven.lineage.jsonl, or an Explanation's `line`."""
        check(line=line, alpha=alpha, bounded=bounded)
        taken = take(image)
        require_type(taken.array)
        made = self._core.again(line, taken.array, taken.alpha if alpha is None else alpha, bounded)
        if taken.planes:
            made = np.ascontiguousarray(made.transpose(2, 0, 1))
        return made if taken.give is None else taken.give(made)

    def plan(
        self,
        shape: Tuple[int, ...] = (224, 224, 3),
        dtype: Any = "uint8",
        *,
        key: str = "",
        epoch: int = 0,
        copy: int = 1,
        label: str = "",
    ) -> str:
        """How an image of this shape would be worked on, after each pass of the planner, as text."""
        check(epoch=epoch, copy=copy, label=label)
        name = np.dtype(dtype).name
        if name not in ("uint8", "uint16", "float16", "float32"):
            raise TypeError(f"an image must be of uint8, uint16, float16 or float32, got {name}")
        if not isinstance(shape, (tuple, list)) or len(shape) not in (2, 3) or not all(isinstance(side, (int, np.integer)) for side in shape):
            advice = " (write image.shape)" if hasattr(shape, "shape") else ""
            raise TypeError(f"shape is (height, width) or (height, width, channels), got {shown(shape)}{advice}")
        height, width, channels = shape if len(shape) == 3 else (*shape, 1)
        try:
            return self._core.plan(height, width, channels, name, key_text(key), epoch, copy, label)
        except ValueError as error:
            raise self._placed(error) from None

    def at_strength(self, strength: float) -> Recipe:
        """This recipe between doing nothing (0) and what it says (1): fields that have a value which changes nothing lie that share
        of the way from it, and ops without one run that share as often. Crops, resizes and normalize stay as they are.
        """
        return Recipe._of(_core.at_strength(self._core, float(strength)))

    def dynamic(self, rule: str = "ent_augment", classes: Union[int, Sequence[str]] = 0, **options: float) -> Any:
        """This recipe as strong as a model can bear, by what feedback() is told: a DynamicRecipe.

        rule: ent_augment (each sample, by how sure the model is), cuda (each class, by how many are recognised) or ada (all
            alike, by over-fitting)
        classes: how many there are, or their names; not for ada
        target, full: of ada: the over-fitting above which strength rises (0.6), and the samples on the way from 0 to 1 (those of ten
            epochs)
        """
        from ._dynamic import DynamicRecipe

        return DynamicRecipe(self, rule, classes, **options)

    def _name(self, key: Any = None) -> str:
        """The key of a call as a text. A slash at the front keeps those of calls without a key apart from all paths of samples."""
        return f"/{worker()}/{self._core.next_call()}" if key is None else key_text(key)

    def _placed(self, error: ValueError) -> ValueError:
        """The error with the line of Python that its step was written on."""
        if self._text is None:
            return error
        return ValueError(self._text.translate(str(error), getattr(error, "place", "")))

    def _marked(self, image: Any, marks: Marks, key: Optional[str], *rest: Any) -> Dict[str, Any]:
        """The picture and what is marked on it."""
        epoch, copy, label, alpha, bounded = rest
        taken = take(image)
        require_type(taken.array)
        height, width = np.shape(taken.array)[:2]
        name = self._name(key)
        alpha = taken.alpha if alpha is None else alpha

        def call(*arrays: Any) -> Dict[str, Any]:
            return _core.apply_marked(self._core, taken.array, name, epoch, copy, label, alpha, bounded, taken.planes, *arrays)

        try:
            made, moved = move(call, marks, width, height)
        except ValueError as error:
            raise self._placed(error) from None
        return {"image": made if taken.give is None else taken.give(made), **moved}

    def _table(self, table: Any, marks: Marks, key: Optional[str], epoch: Optional[int], copy: int) -> Any:
        """New rows, one for each, as a table of the same kind."""
        if marks.any or key is not None or copy != 1:
            raise TypeError("a table has no marks, no key and no copy=: its rows are named by their numbers, and epoch= draws anew")
        kind = Kind(table)
        try:
            number = call_number(self._core) if epoch is None else epoch
            return kind.give(augmented(self, kind.arrow, times=1, epoch=number, originals=False))
        except ValueError as error:
            raise self._placed(error) from None

    def __reduce__(self) -> Any:
        return (_restore, (self.yaml, self.calls, declared_in(self.yaml)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self.yaml == other.yaml

    def __hash__(self) -> int:
        return hash(self.yaml)

    def __repr__(self) -> str:
        return f"leaven.Recipe.from_text('''\n{self.yaml}''')"

    def _repr_html_(self) -> str:
        return recipe_table(self.yaml, self.seed)


def required(recipe: Any) -> Recipe:
    if not isinstance(recipe, Recipe):
        raise TypeError(f"a leaven.Recipe is needed, got {type(recipe).__name__} (Recipe.preset(name), Recipe.load(path), Recipe([steps]))")
    return recipe


def planes_of(layout: str) -> bool:
    if layout not in ("NHWC", "NCHW"):
        raise ValueError(f"layout must be NHWC or NCHW, got {layout}")
    return layout == "NCHW"


def _restore(yaml: str, calls: int, ops: Sequence[Any]) -> Recipe:
    """`ops` are those of your own: to unpickle them is to declare them."""
    recipe = Recipe.from_text(yaml)
    recipe.calls = calls
    return recipe
