"""New samples from learned models: starts the program that learns, and gives what it made back as objects."""

from __future__ import annotations

import html
import json
import os
import pathlib
import tempfile
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Union

from ._program import Said, data_word, find_program, flags_of, in_python, said, start
from ._recipe import Recipe
from ._tables import Kind, arrow, is_table

_REFUSED = 12  # exit code: the gate says no
Path = Union[str, "os.PathLike[str]"]


class Gate:
    """What was found of a generator's samples. `data` is the whole of leaven.gate.json; empty where nobody looked."""

    def __init__(self, folder: Path):
        self._folder = pathlib.Path(folder)
        file = self._folder / "leaven.gate.json"
        self.data: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

    @property
    def verdict(self) -> str:
        """accepted, refused or unchecked."""
        return self.data.get("verdict", "unchecked")

    @property
    def accepted(self) -> bool:
        return self.verdict == "accepted"

    @property
    def reasons(self) -> List[str]:
        """Why it was refused."""
        return self.data.get("reasons", [])

    @property
    def scores(self) -> Dict[str, Any]:
        """Closeness, copies, agreement of a teacher, gain of the best mix, and so on, by name."""
        return self.data.get("scores", {})

    @property
    def page(self) -> Optional[pathlib.Path]:
        """The page for people."""
        file = self._folder / "leaven.gate.html"
        return file if file.exists() else None

    def __repr__(self) -> str:
        return f"<leaven.Gate: {'; '.join([self.verdict, *self.reasons])}>"


class Samples(NamedTuple):
    """What sample() wrote. Every line of `lineage` carries "synthetic": true."""

    folder: pathlib.Path  # class folders of PNG, or the table
    table: Optional[pathlib.Path]  # the CSV, of series the .ts file; None for pictures
    count: int
    lineage: pathlib.Path


class Generator:
    """A learned model in a folder: Generator("gen") opens one that `leaven generate fit` or fit() wrote."""

    _kind: Optional[Kind] = None  # of the data frame that fit() was given

    def __init__(self, folder: Path, *, data: Optional[Path] = None, program: Optional[Path] = None):
        self.folder = pathlib.Path(folder)
        file = self.folder / "generator.json"
        if not file.exists():
            raise FileNotFoundError(f"{self.folder} holds no generator: there is no {file.name} in it")
        self.card: Dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        self._data = None if data is None else os.fspath(data)
        self._program = program

    @classmethod
    def fit(
        cls,
        data: Any,
        *,
        out: Path = "leaven.generator",
        kind: str = "auto",
        target: Optional[str] = None,
        recipe: Optional[Said] = None,
        seed: int = 0,
        overwrite: bool = False,
        resume: bool = False,
        program: Optional[Path] = None,
        progress: bool = True,
        **flags: Any,
    ) -> "Generator":
        """Learns from the training part of a dataset of pictures with one class each, or from a table.

        data: a folder or file; a data frame of pandas or Polars and a table of pyarrow are kept as data.csv in `out`, where
            check() needs them
        out: the folder for the generator
        kind: what learns; see `leaven help generate`
        target: of a table, the column that is to be predicted: each of its classes is learnt by itself
        recipe: of a table, whose schema tells the columns; of pictures, what changes them while they are learnt from
        seed: another seed holds out other samples for the gate
        overwrite: another generator that is in `out`, or what a stopped fit left there
        resume: go on where the same fit was stopped; begins where nothing is there, does nothing where the generator is whole
        program: the program leaven: this file, $LEAVEN_PROGRAM, one beside the package or beside Python, one on the PATH
        progress: tell how training goes on stderr
        flags: every other flag of `leaven generate` that fits: steps=400, held_out=0.1, per_class=50, size=32, threads=2;
            from_="others" begins with another generator (`from` is a word of Python), pretrain="unlabelled" with pictures without classes

        What is wrong with the call is a ValueError with the program's words, a missing program or library a RuntimeError.
        """
        folder = pathlib.Path(out)
        if not overwrite and not resume and (folder / "generator.json").exists():
            raise ValueError(f"{folder} holds a generator already (overwrite=True fits one in its place)")
        known = data_word(data, folder)
        words = ["generate", "fit", "--data", known, "-o", str(folder)]
        if isinstance(recipe, Recipe):
            folder.mkdir(parents=True, exist_ok=True)
        words += ["--recipe", said(recipe, folder, "recipe")] if recipe is not None else []
        words += flags_of(kind=kind, target=target, seed=seed, overwrite=overwrite, resume=resume, **flags)
        start(find_program(program), words, progress)
        made = cls(folder, data=known, program=program)
        made._kind = Kind(data).without_rows() if is_table(data) else None
        return made

    @property
    def kind(self) -> str:
        return self.card["kind"]

    @property
    def notes(self) -> List[str]:
        """What a person must know of the fit."""
        return [in_python(note) for note in self.card.get("notes", [])]

    @property
    def gate(self) -> Gate:
        """What the last check() found."""
        return Gate(self.folder)

    def check(self, data: Optional[Path] = None, *, progress: bool = True, **flags: Any) -> Gate:
        """Holds what it makes against the samples that it never saw, and says whether it may be used.

        data: what it learnt from; may be left out right after fit()
        flags: steps=400, seeds=6, threads=2
        """
        known = self._data if data is None else os.fspath(data)
        if known is None:
            raise ValueError("check() needs the dataset that the generator learnt from: check(data)")
        start(find_program(self._program), ["generate", "check", str(self.folder), "--data", known, *flags_of(**flags)], progress, {_REFUSED})
        return self.gate

    def sample(
        self,
        out: Optional[Path] = None,
        *,
        rows: Optional[int] = None,
        per_class: Optional[int] = None,
        classes: Optional[Sequence[str]] = None,
        where: Optional[Mapping[str, str]] = None,
        recipe: Optional[Said] = None,
        seed: int = 0,
        force: bool = False,
        overwrite: bool = False,
        progress: bool = True,
        **flags: Any,
    ) -> Any:
        """Draws samples into a folder: class folders of PNG, or a CSV. The answer says what was written (Samples).

        out: the folder; left out, the answer is the new rows of a table themselves, as what fit() was given (pandas, Polars, pyarrow), or of
            a generator of a file as a table of pyarrow; their lineage is not kept
        rows: how many in all, in the shares of the classes; per_class: how many of each; neither: as many as it learnt from
        classes: only of these
        where: of a table, words that columns must have: {"sex": "Male"}
        recipe: of a table, whose constraints hold for every row
        seed: other samples
        force: though the gate refused it; else that is a RuntimeError
        overwrite: write anew what is there

        The same seed gives the same samples.
        """
        if out is None:
            if "columns" not in self.card:
                raise ValueError("sample() of pictures and series needs a folder to write to: sample(out)")
            with tempfile.TemporaryDirectory(prefix="leaven") as scratch:
                made = self.sample(
                    scratch, rows=rows, per_class=per_class, classes=classes, where=where, recipe=recipe, seed=seed, force=force, progress=progress, **flags
                )
                return self._read(made.table)
        folder = pathlib.Path(out)
        words = ["generate", "sample", str(self.folder), "-o", str(folder)]
        for name in map(str, classes or ()):
            words += ["--class", name]
        for column, word in (where or {}).items():
            words += ["--where", f"{column}={word}"]
        with tempfile.TemporaryDirectory(prefix="leaven") as beside:
            if recipe is not None:
                words += ["--recipe", said(recipe, pathlib.Path(beside), "recipe")]
                words += ["--data", self._data] if self._data is not None else []
            words += flags_of(rows=rows, per_class=per_class, seed=seed, force=force, overwrite=overwrite, **flags)
            start(find_program(self._program), words, progress)
        made = json.loads((folder / "leaven.generated.json").read_text(encoding="utf-8"))
        table = folder / made["file"] if "file" in made else None
        count = next(made[what] for what in ("rows", "pictures", "series") if what in made)
        return Samples(folder, table, count, folder / "leaven.lineage.jsonl")

    def _read(self, file: pathlib.Path) -> Any:
        pa = arrow()
        from pyarrow import csv

        # Dictionaries are read as what they hold; else the columns have the types of those that were learnt from.
        wanted = {field.name: field.type for field in self._kind.arrow.schema} if self._kind else {}
        plain = {name: kind.value_type if pa.types.is_dictionary(kind) else kind for name, kind in wanted.items() if not pa.types.is_null(kind)}
        # What fit() wrote of a data frame has empty cells where values are missing, and no other word for that.
        nulls = {"null_values": [""]} if self._kind else {}
        table = csv.read_csv(file, convert_options=csv.ConvertOptions(column_types=plain, strings_can_be_null=True, **nulls))
        for number, name in enumerate(table.column_names):
            if name in plain and plain[name] != wanted[name]:
                table = table.set_column(number, name, table.column(number).cast(wanted[name]))
        return self._kind.give(table) if self._kind else table

    def __repr__(self) -> str:
        return f"<leaven.Generator: {self.kind} of {self.card['data']}, {self.gate.verdict}>"

    def _repr_html_(self) -> str:
        gate = self.gate
        said_of_it = html.escape("; ".join([gate.verdict, *gate.reasons]))
        page = f" <a href='{html.escape(gate.page.resolve().as_uri())}'>{html.escape(str(gate.page))}</a>" if gate.page else ""
        cells = "".join(f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>" for name, value in gate.scores.items())
        return f"<p><b>{html.escape(self.kind)} of {html.escape(self.card['data'])}</b>: {said_of_it}{page}</p>" + (f"<table>{cells}</table>" if cells else "")
