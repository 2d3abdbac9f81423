"""The program leaven, which does what this package does not: training."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any, Container, Dict, List, Union

from ._recipe import Recipe
from ._tables import Kind, is_table

Said = Union[str, "os.PathLike[str]", Recipe]


def data_word(data: Any, folder: pathlib.Path) -> str:
    """A word for the command line; a table becomes folder/data.csv."""
    if isinstance(data, (str, os.PathLike)):
        return os.fspath(data)
    if not is_table(data):
        raise TypeError(f"data must be a path or a table (pandas, Polars, pyarrow), got {type(data).__name__}")
    table = Kind(data).arrow
    if not table.num_columns:
        raise ValueError("data is a table without columns")
    from pyarrow import csv, types

    for number, field in enumerate(table.schema):
        if types.is_dictionary(field.type):
            table = table.set_column(number, field.name, table.column(number).cast(field.type.value_type))
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "data.csv"
    csv.write_csv(table, file)
    return str(file)


def find_program(program: Union[str, "os.PathLike[str]", None] = None) -> str:
    """The program leaven: the one named, $LEAVEN_PROGRAM, one beside this package or beside Python, one on the PATH."""
    told = os.fspath(program) if program is not None else os.environ.get("LEAVEN_PROGRAM")
    if told:
        if not os.access(told, os.X_OK):
            raise RuntimeError(f"{told} is no program that can be run")
        return told
    for folder in (pathlib.Path(__file__).parent, pathlib.Path(sys.executable).parent):
        if os.access(folder / "leaven", os.X_OK) and (folder / "leaven").is_file():
            return str(folder / "leaven")
    found = shutil.which("leaven")
    if found:
        return found
    raise RuntimeError(
        "this starts the program leaven, and there is none: build it with make learn, then put it on the PATH, "
        "name it in $LEAVEN_PROGRAM, or give it as program="
    )


def said(recipe: Said, folder: pathlib.Path, name: str) -> str:
    """A word for the command line; a Recipe becomes a file."""
    if not isinstance(recipe, Recipe):
        return os.fspath(recipe)
    file = folder / f"{name}.yaml"
    file.write_text(recipe.yaml, encoding="utf-8")
    return str(file)


def flags_of(**flags: Any) -> List[str]:
    words: List[str] = []
    if "output" in flags:
        raise TypeError("output: say out=")
    for name, value in flags.items():
        flag = "--" + name.rstrip("_").replace("_", "-")  # from_, as `from` is a word of Python
        if value is True:
            words.append(flag)
        elif value is not None and value is not False:
            words += [flag, str(value)]
    return words


_SWITCHES = {"force", "overwrite", "resume", "no-converged", "no-robustness"}
_NAMING = {"kind", "learner", "metric"}  # their values are words; after others a word is the sentence's
_NAMES = {"from": "from_", "class": "classes"}
# A command of the program stays one; `named` is a flag's name, `value` what may be its value.
_FLAG = re.compile(r"(?P<command>\bleaven [a-z]+ [^();]*)|(?<![\w/.-])(?:--(?P<named>[a-z]+(?:-[a-z]+)*)(?: (?P<value>[A-Z]{2,}\b|\d[\w.]*|[a-z]\w*))?|(?P<out>-o)\b)")


def in_python(text: str) -> str:
    """What the program says, with the arguments of Python in place of its flags: of flags_of(), the other way round."""

    def word(found: "re.Match[str]") -> str:
        if found["command"]:
            return found[0]
        if found["out"]:
            return "out="
        flag, value = found["named"], found["value"]
        if flag in _SWITCHES:
            return f"{flag.replace('-', '_')}=True" + (f" {value}" if value else "")
        name = _NAMES.get(flag, flag.replace("-", "_"))
        if value and (value.isupper() or value[0].isdigit()):
            return f"{name}={value}" if value.isupper() or value.isdigit() else f'{name}="{value}"'
        if value and flag in _NAMING:
            return f'{name}="{value}"'
        return f"{name}=" + (f" {value}" if value else "")

    return _FLAG.sub(word, text)


def start(program: str, words: List[str], progress: bool, verdicts: Container[int] = (), told: Any = subprocess.DEVNULL) -> int:
    """Waits for the program; Ctrl-C ends it, too, and what is finished stays. `verdicts`: exit codes besides 0 that are answers;
    `told`: a file for what it prints."""
    child = subprocess.Popen([program, *words], stdout=told, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
    last: List[str] = []
    try:
        with child:
            for line in child.stderr:  # type: ignore[union-attr]
                if not line.startswith("["):
                    last.append(line.rstrip("\n"))
                elif progress:
                    print(line, end="", file=sys.stderr, flush=True)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    if child.returncode == 0 or child.returncode in verdicts:
        return child.returncode
    text = "\n".join(last).strip() or f"{program} ended with {child.returncode}"
    text = in_python(text[len("leaven: ") :] if text.startswith("leaven: ") else text)
    if child.returncode == 130:
        raise KeyboardInterrupt(text)
    raise (ValueError if child.returncode == 2 else RuntimeError)(text)


def augmented(yaml: str, source: str, out: str, **flags: Any) -> Dict[str, Any]:
    """`leaven augment`, and what it says in the end."""
    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        recipe = pathlib.Path(folder) / "recipe.yaml"
        recipe.write_text(yaml, encoding="utf-8")
        with open(pathlib.Path(folder) / "told.jsonl", "w+", encoding="utf-8") as told:
            words = ["augment", source, "-o", out, "--recipe", str(recipe), "--progress", "json", *flags_of(**flags)]
            failure = None
            try:
                start(find_program(), words, False, told=told)
            except RuntimeError as error:
                failure = error
            told.seek(0)
            done = [event for event in map(json.loads, told) if event["event"] == "done"]
            if failure and not done:  # with more broken samples than max_bad it fails after it is done
                raise failure
            return done[0]
