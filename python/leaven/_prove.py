"""Is a recipe worth having? Starts the program that trains, and gives its proof back as an object."""

from __future__ import annotations

import html
import json
import math
import os
import pathlib
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._program import Said, data_word, find_program, flags_of, in_python, said, start as start_program
from ._recipe import Recipe

_JUDGED = {10, 11}  # harmful, inconclusive


class ArmResult(NamedTuple):
    """One way of training: means over seeds."""

    arm: str
    training: str  # "matched": equal steps; "converged": until it stopped improving
    metrics: Dict[str, float]  # in percent
    deviations: Dict[str, float]
    seeds: int
    failures: List[str]


class Proof:
    """What `leaven prove` found. `data` is the whole of leaven.proof.json."""

    def __init__(self, folder: Union[str, "os.PathLike[str]"]):
        self.folder = pathlib.Path(folder)
        self.data: Dict[str, Any] = json.loads((self.folder / "leaven.proof.json").read_text(encoding="utf-8"))

    @property
    def verdict(self) -> str:
        """helps, harmless, harmful or inconclusive."""
        return self.data["verdict"]

    @property
    def sentence(self) -> str:
        """The verdict as a person reads it."""
        return self.data["sentence"]

    @property
    def difference(self) -> float:
        """Points of the metric that the recipe gains over training equally long without it; NaN when no pair went through."""
        mean = self.data["primary"]["mean"]
        return math.nan if mean is None else mean

    @property
    def interval(self) -> Tuple[float, float]:
        """95 % interval of the difference; NaN for fewer than two pairs."""
        low, high = self.data["primary"]["interval"] or (math.nan, math.nan)
        return low, high

    @property
    def warnings(self) -> List[str]:
        """What keeps the verdict from being taken at its word."""
        return [in_python(warning) for warning in self.data["warnings"]]

    @property
    def metric(self) -> str:
        return self.data["facts"]["metric"]

    @property
    def notes(self) -> List[str]:
        return [in_python(note) for note in self.data["facts"]["notes"]]

    @property
    def arms(self) -> List[ArmResult]:
        """The recipe first, then what it was compared with."""
        made = []
        for arm in self.data["arms"]:
            known = {name: of for name, of in arm["metrics"].items() if of["seeds"]}
            means, deviations = ({name: math.nan if of[field] is None else of[field] for name, of in known.items()} for field in ("mean", "deviation"))
            seeds = max((of["seeds"] for of in known.values()), default=0)
            made.append(ArmResult(arm["arm"], arm["regime"], means, deviations, seeds, arm["failures"]))
        return made

    @property
    def page(self) -> pathlib.Path:
        """The page for people."""
        return self.folder / "leaven.proof.html"

    def __repr__(self) -> str:
        return f"<leaven.Proof: {self.sentence}>"

    def _repr_html_(self) -> str:
        names = list(dict.fromkeys(name for arm in self.arms for name in arm.metrics))
        head = "".join(f"<th>{html.escape(name)}</th>" for name in ("arm", "training", *names))
        rows = ""
        for arm in self.arms:
            cells = (f"{arm.metrics[name]:.2f} ± {arm.deviations[name]:.2f}" if name in arm.metrics else "–" for name in names)
            rows += "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in (arm.arm, arm.training, *cells)) + "</tr>"
        link = html.escape(self.page.resolve().as_uri())
        return f"<p><b>{html.escape(self.sentence)}</b></p><table><tr>{head}</tr>{rows}</table><p><a href='{link}'>{html.escape(str(self.page))}</a></p>"


def prove(
    recipe: Said,
    data: Any,
    *,
    against: Sequence[Said] = ("none", "dup"),
    out: Union[str, "os.PathLike[str]"] = "leaven.proof",
    target: Optional[str] = None,
    metric: Optional[str] = None,
    learner: str = "auto",
    seeds: int = 6,
    budget: str = "10m",
    program: Union[str, "os.PathLike[str]", None] = None,
    progress: bool = True,
    **flags: Any,
) -> Proof:
    """Trains with and without the recipe, pair by pair, and says what it is worth on this data.

    recipe: a Recipe, a file, a preset or a policy
    data: class folders or another dataset with one class a sample, a table, or time series; a data frame of pandas or Polars
        and a table of pyarrow are kept as data.csv beside the proof
    against: other ways to train: none, dup, presets, policies, recipes
    out: the folder for the proof; the same call goes on from what is there
    target: of a table, the column to predict
    metric: what decides; accuracy, or r2 where a number is predicted
    budget: time for all of it, such as "90s", "10m", "1h"; "none": no limit
    program: the program leaven; see find_program()
    progress: tell each training on stderr
    flags: every other flag of `leaven prove`: per_class=20, steps=400, no_converged=True, external="python train.py {data}"

    What is wrong with the call is a ValueError with the program's words, a missing program or library a RuntimeError.
    """
    folder = pathlib.Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    words = ["prove", said(recipe, folder, "recipe"), "--data", data_word(data, folder), "-o", str(folder)]
    # dup is always there; without the flag the program would add none, too.
    words += ["--against", ",".join(said(arm, folder, f"against_{number}") for number, arm in enumerate(against)) or "dup"]
    words += flags_of(target=target, metric=metric, learner=learner, seeds=seeds, budget=budget, **flags)
    start_program(find_program(program), words, progress, _JUDGED)
    return Proof(folder)


def tune(
    data: Any,
    *,
    start: Optional[Said] = None,
    out: Union[str, "os.PathLike[str]"] = "best.yaml",
    target: Optional[str] = None,
    metric: Optional[str] = None,
    learner: str = "auto",
    seeds: int = 6,
    budget: str = "20m",
    program: Union[str, "os.PathLike[str]", None] = None,
    progress: bool = True,
    **flags: Any,
) -> Tuple[Recipe, Proof]:
    """Tries presets and policies on held-out training data: the best of them as a recipe, and its proof on other data.

    start: a recipe to try as well
    out: the file for the recipe; the proof goes into a folder beside it
    flags: every other flag of `leaven tune`: level=0, per_class=20
    The rest is as in prove().
    """
    best = pathlib.Path(out)
    folder = best.with_suffix(".proof")
    folder.mkdir(parents=True, exist_ok=True)
    words = ["tune", "--data", data_word(data, folder), "-o", str(best), "--proof", str(folder)]
    words += ["--start", said(start, folder, "start")] if start is not None else []
    words += flags_of(target=target, metric=metric, learner=learner, seeds=seeds, budget=budget, **flags)
    start_program(find_program(program), words, progress, _JUDGED)
    return Recipe.load(best), Proof(folder)
