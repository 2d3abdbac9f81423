"""albumentations' pipelines as recipes. Reads what they serialise to, so the library itself is not needed."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from . import _albumentations_cover, _albumentations_marks, _albumentations_pixels  # noqa: F401  (they fill the table)
from ._albumentations_table import TABLE
from ._migrate import Migration
from ._recipe import Recipe
from ._steps import Step

def from_albumentations(pipeline: Any, seed: int = 0, *, missing: str = "raise") -> Recipe:
    """A recipe that does what an albumentations pipeline does.

    pipeline: an A.Compose, a single transform, or the dict that to_dict() gives
    seed: of the recipe
    missing: "raise" throws ValueError with the transforms that have no equal, "skip" leaves them out with a warning

    A MigrationWarning tells of each transform whose step is not quite the same; docs/migration.md lists them all. The
    limits of BboxParams become the recipe's `labels:` stage; its format is `box_format` of the call.
    """
    data = pipeline if isinstance(pipeline, Mapping) else _serialised(pipeline)
    root = data.get("transform", data)
    if not isinstance(root, Mapping) or "__class_fullname__" not in root:
        raise TypeError("albumentations' pipelines have __class_fullname__ in them: give a pipeline, or its to_dict()")
    migration = Migration(TABLE)
    return migration.recipe(_steps(root, migration, outermost=True), seed, missing, _labels(root, migration))


def _serialised(pipeline: Any) -> Dict[str, Any]:
    to_dict = getattr(pipeline, "to_dict", None)
    if to_dict is None:
        raise TypeError(f"an albumentations pipeline is needed, or its to_dict(), got {type(pipeline).__name__}")
    return to_dict()


def _steps(node: Mapping[str, Any], migration: Migration, outermost: bool = False) -> List[Step]:
    name = node["__class_fullname__"].rsplit(".", 1)[-1]
    p = node.get("p", 1.0)
    if "transforms" not in node:
        return migration.convert(name, {key: value for key, value in node.items() if key != "p"}, p)
    # OneOf chooses in proportion to its children's p, which are no probabilities then.
    chosen = {"p": 1.0} if name == "OneOf" else {}
    children = [(child, _steps({**child, **chosen}, migration)) for child in node["transforms"]]
    kept = [(child, steps) for child, steps in children if steps or _does_nothing(child)]
    if not kept:
        return []
    if name in ("Compose", "Sequential", "ReplayCompose"):
        inside = [step for _, steps in kept for step in steps]
        if not inside:
            return []
        return inside if p == 1 and outermost else [migration.container("sequence", inside, p=p)]
    if name in ("OneOf", "OneOrOther"):
        return [_one_of(name, kept, p, migration)]
    if name in ("SomeOf", "RandomOrder"):
        return _some_of(name, node, kept, p, migration)
    migration.lose(name, "a container that recipes do not have")
    return []


def _does_nothing(child: Mapping[str, Any]) -> bool:
    return child["__class_fullname__"].rsplit(".", 1)[-1] == "NoOp"


def _alone(steps: List[Step], migration: Migration) -> Step:
    """One step; for none one that does nothing."""
    return migration.one(steps) if steps else migration.step("rotate", {"degrees": 0})


def _one_of(name: str, children: List[Any], p: float, migration: Migration) -> Step:
    inside = [_alone(steps, migration) for _, steps in children]
    if name == "OneOrOther":
        return migration.container("one_of", inside, weights=[p, 1 - p][: len(inside)])
    weights = [child.get("p", 1.0) for child, _ in children]
    even = len(set(weights)) == 1
    return migration.container("one_of", inside, weights=None if even else weights, p=p)


def _some_of(name: str, node: Mapping[str, Any], children: List[Any], p: float, migration: Migration) -> List[Step]:
    inside = [_alone(steps, migration) for _, steps in children]
    n = min(node.get("n", 1), len(inside))
    if node.get("replace", False) and n > 1:
        migration.differences.append(f"{name}: similar: what was chosen once is not chosen again")
    if name == "SomeOf":
        return [migration.container("some_of", inside, n=n, p=p)]
    if n < len(inside):
        migration.differences.append(f"{name}: similar: the {n} chosen run in the order in which they are written")
        return [migration.container("some_of", inside, n=n, p=p)]
    return [migration.container("random_order", inside, p=p)]


def _labels(root: Mapping[str, Any], migration: Migration) -> Dict[str, Any]:
    """The limits of bbox_params."""
    if root.get("additional_targets"):
        migration.differences.append("Compose: close: additional_targets are pictures of their own here: give all of a sample one key")
    if root.get("seed") is not None:
        migration.differences.append("Compose: similar: seed= of from_albumentations is the recipe's, and its draws are others")
    boxes = root.get("bbox_params") or {}
    labels: Dict[str, Any] = {}
    if boxes:
        labels["min_visibility"] = boxes.get("min_visibility", 0.0)
        labels["min_area"] = boxes.get("min_area", 0.0)
        sides = (boxes.get("min_width", 0.0), boxes.get("min_height", 0.0))
        labels["min_side"] = max(sides)
        if sides[0] != sides[1]:
            migration.differences.append(f"BboxParams: close: one limit of {max(sides)} px for both sides")
        if max(sides) <= 1 and max(sides) > 0:
            migration.differences.append("BboxParams: close: min_width and min_height are pixels here, not parts of the picture")
            labels["min_side"] = 0
    return labels
