"""Pipelines of other libraries as recipes: what both converters are made of."""

from __future__ import annotations

import warnings
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ._recipe import Recipe
from ._steps import Law, RecipeText, Step, parse, written_at


class MigrationWarning(UserWarning):
    """A transform whose Leaven step does not do quite the same, and how it differs."""


# How near a step comes to the transform that it stands for.
LEVELS = {
    "exact": "the same law, and the same pixels but for rounding",
    "close": "the same law; pixels differ as said",
    "similar": "the same kind of change by another law: look at the strength",
}

StepOrLabel = Tuple[str, Dict[str, Any]]


class Peer(NamedTuple):
    """One transform of another library."""

    name: str
    leaven: str  # the ops that it becomes, "" for none
    level: str  # a key of LEVELS, "" where it becomes nothing
    difference: str
    convert: Optional[Callable[[Arguments], List[StepOrLabel]]]


class Arguments:
    """The arguments of one transform, and what must be said of it."""

    def __init__(self, name: str, values: Mapping[str, Any]):
        self.name, self.values, self.notes = name, values, []

    def __call__(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def law(self, name: str, default: Any = None, scale: float = 1.0, shift: float = 0.0) -> Any:
        """A range as a law, one number as itself; each end · scale + shift."""
        return law(self(name, default), scale, shift)

    def whole_law(self, name: str, default: Any = None) -> Any:
        """A range of whole numbers, both ends included."""
        value = self(name, default)
        low, high = value if isinstance(value, (list, tuple)) else (value, value)
        return int(low) if low == high else Law("int", [int(low), int(high)])


def law(value: Any, scale: float = 1.0, shift: float = 0.0) -> Any:
    low, high = value if isinstance(value, (list, tuple)) else (value, value)
    low, high = sorted((_short(low * scale + shift), _short(high * scale + shift)))
    return low if low == high else Law("uniform", [low, high])


def _short(number: float) -> float:
    """Without the noise of the last binary digits: recipes are for people."""
    return float(f"{float(number):.12g}") + 0.0  # no minus zero


def symmetric(value: Any) -> Tuple[float, float]:
    """One number stands for both ends."""
    return (-value, value) if isinstance(value, (int, float)) else tuple(value)


class Table:
    """The transforms of one library that are known, and those that have no equal."""

    def __init__(self, library: str):
        self.library = library
        self.peers: Dict[str, Peer] = {}

    def add(self, names: str, leaven: str, level: str, difference: str = "") -> Callable[[Any], Any]:
        """Decorator of a function that converts the arguments of the transforms named."""

        def decorate(convert: Callable[[Arguments], List[StepOrLabel]]) -> Any:
            for name in names.split():
                self.peers[name] = Peer(name, leaven, level, difference, convert)
            return convert

        return decorate

    def missing(self, reason: str, names: str) -> None:
        for name in names.split():
            self.peers[name] = Peer(name, "", "", reason, None)

    def page(self) -> str:
        """As a table of Markdown, for docs/migration.md."""
        lines = [f"| {self.library} | Leaven | how near | difference |", "|---|---|---|---|"]
        for peer in sorted(self.peers.values(), key=lambda one: one.name):
            ops = ", ".join(f"`{op}`" for op in peer.leaven.split()) or "–"
            lines.append(f"| `{peer.name}` | {ops} | {peer.level or 'none'} | {peer.difference} |")
        return "\n".join(lines) + "\n"


class Migration:
    """Collects steps, what they differ in, and what has no equal."""

    def __init__(self, table: Table):
        self.table, self.place = table, written_at()
        self.differences: List[str] = []
        self.lost: List[str] = []

    def convert(self, name: str, values: Mapping[str, Any], p: float = 1.0) -> List[Step]:
        """The steps of one transform; none where there are none."""
        peer = self.table.peers.get(name)
        if peer is None or peer.convert is None:
            self.lose(name, peer.difference if peer else "is not known here")
            return []
        arguments = Arguments(name, values)
        try:
            made = peer.convert(arguments)
        except NoEqual as reason:
            self.lose(name, str(reason))
            return []
        if peer.level != "exact":
            self.differences.append(f"{name}: {peer.level}: {peer.difference}")
        self.differences += [f"{name}: {note}" for note in arguments.notes]
        steps = [self.step(op, fields) for op, fields in made]
        if len(steps) > 1 and p < 1:
            return [self.container("sequence", steps, p=p)]
        for step in steps:
            if p < 1:
                step.fields["p"] = _short(step.fields.get("p", 1) * p)
        return steps

    def step(self, name: str, fields: Mapping[str, Any]) -> Step:
        return Step(name, fields, None, self.place)

    def container(self, name: str, steps: Sequence[Step], **fields: Any) -> Step:
        return Step(name, {key: value for key, value in fields.items() if value is not None and (key, value) != ("p", 1)}, steps, self.place)

    def one(self, steps: List[Step]) -> Step:
        """One step for several."""
        return steps[0] if len(steps) == 1 else self.container("sequence", steps)

    def lose(self, name: str, reason: str) -> None:
        self.lost.append(f"{name}: {reason}")

    def recipe(self, steps: Sequence[Step], seed: int, missing: str, labels: Optional[Mapping[str, Any]] = None) -> Recipe:
        """The recipe; warns of each difference. Throws ValueError with all that has no equal, unless it may be left out."""
        if missing not in ("raise", "skip"):
            raise ValueError(f"missing must be raise or skip, got {missing}")
        if self.lost and missing == "raise":
            raise ValueError(
                f"{len(self.lost)} of these transforms {'has' if len(self.lost) == 1 else 'have'} no equal (missing='skip' "
                "leaves them out):\n  " + "\n  ".join(self.lost)
            )
        for text in [f"{one} (left out)" for one in self.lost] + self.differences:
            warnings.warn(text, MigrationWarning, stacklevel=3)
        top = {"leaven": 1, "seed": seed, **({"labels": dict(labels)} if labels else {})}
        return Recipe._of(parse(RecipeText(list(steps), top)))


class NoEqual(Exception):
    """Thrown by a converter for arguments that no step has an equal for."""


def fill(value: Any, full_scale: float = 255.0) -> Any:
    """A colour of 0…255 as one of 0…1."""
    if isinstance(value, (list, tuple)):
        return [_short(one / full_scale) for one in value]
    return _short((value or 0) / full_scale)




def _print_tables(page: str) -> None:
    """Puts the tables of both converters at the end of a page of Markdown."""
    from ._from_albumentations import TABLE as albumentations
    from ._from_torchvision import TABLE as torchvision

    with open(page, encoding="utf-8") as file:
        text = file.read().split(f"\n## {albumentations.library}\n")[0].rstrip()
    for table in (albumentations, torchvision):
        text += f"\n\n## {table.library}\n\n{table.page()}".rstrip()
    with open(page, "w", encoding="utf-8") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    import sys

    _print_tables(sys.argv[1])
