"""`python -m leaven augment`, `verify`, `explain` and `replay`: Parquet and Arrow files on the command line. The program `leaven`
starts this for them; everything else it does itself."""

from __future__ import annotations

import argparse
import json
import pathlib
import sys
import tempfile
import warnings
from typing import Any, Dict, List, NoReturn, Optional

from . import Recipe, augment
from ._job import usual_preset
from ._tables import changed, unmet

_REFUSED = {
    "--shard": "files are made one by one: give each machine some of them",
    "--layout": "they become such files again",
    "--together": "rows with one name have one draw: --key names their column",
    "--input-format": "they are known by their first bytes",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _share(text: str) -> float:
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


class _Refused(argparse.Action):
    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Optional[str] = None) -> None:
        raise ValueError(f"{self.dest} is not for Parquet and Arrow files: {_REFUSED[self.dest]}")


def _parsed(arguments: Optional[List[str]]) -> argparse.Namespace:
    parser = _Parser(prog="leaven", description="Parquet and Arrow files, made larger.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)
    command = commands.add_parser("augment", allow_abbrev=False)
    command.add_argument("source", metavar="IN")
    command.add_argument("-o", "--output", required=True, metavar="OUT", dest="out")
    command.add_argument("--times", type=int, metavar="N", help="copies of each row besides the original")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--recipe", metavar="FILE")
    which.add_argument("--preset", metavar="NAME")
    command.add_argument("--seed", type=int, metavar="S")
    command.add_argument("--limit", type=int, metavar="N", help="only N rows, the first of each class, evenly")
    command.add_argument("--originals", choices=("copy", "link", "none"))
    command.add_argument("--threads", type=int, default=0, metavar="T", help="0: all cores")
    command.add_argument("--per-class", type=int, metavar="N", help="of a table: so many rows of each class")
    command.add_argument("--total", type=int, metavar="N", help="of a table: so many rows in all")
    command.add_argument("--target", metavar="COLUMN", help="of a table, the column to predict")
    command.add_argument("--balance", nargs="?", const="auto", metavar="METHOD", help="of a table: new rows until all classes have as many")
    command.add_argument("--image", metavar="COLUMN", help="that holds pictures")
    command.add_argument("--key", metavar="COLUMN", help="that names rows of pictures")
    command.add_argument("--label", metavar="COLUMN", help="that holds the classes of pictures")
    command.add_argument("--image-format", choices=("same", "jpeg", "png", "webp", "tiff"))
    command.add_argument("--quality", type=int, metavar="N")
    command.add_argument("--metadata", choices=("drop", "keep"))
    command.add_argument("--on-error", choices=("skip", "stop"))
    command.add_argument("--max-bad", type=_share, metavar="SHARE", help="0.1 or 10%%")
    command.add_argument("--dry-run", action="store_true")
    command.add_argument("--resume", action="store_true")
    command.add_argument("--overwrite", action="store_true")
    command.add_argument("--quiet", action="store_true")
    command.add_argument("--progress", choices=("auto", "plain", "json", "none"), default="auto")
    for flag in _REFUSED:
        command.add_argument(flag, action=_Refused, dest=flag, help=argparse.SUPPRESS)
    command = commands.add_parser("verify", allow_abbrev=False)
    command.add_argument("out", metavar="OUT")
    command.add_argument("--threads", type=int)
    for name in ("explain", "replay"):
        command = commands.add_parser(name, allow_abbrev=False)
        command.add_argument("file", metavar="OUT/ID", nargs="?" if name == "replay" else None, default="")
        command.add_argument("--source", metavar="IN", default="")
        command.add_argument("--files", metavar="FOLDER")
        command.add_argument("-o", "--output", metavar="FILE")
        command.add_argument("--no-page" if name == "explain" else "--check", action="store_true")
    command.add_argument("--line", metavar="JSON", default="")
    return parser.parse_args(arguments)


def _amounts(asked: argparse.Namespace) -> Dict[str, Any]:
    """The stages of a recipe that say how many rows are made, and by which method."""
    stages: Dict[str, Any] = {}
    if asked.balance:
        stages["balance"] = asked.balance
    for name in ("per_class", "total"):
        if getattr(asked, name) is not None:
            stages.setdefault("augment", {})[name] = getattr(asked, name)
    return stages


def _changes(asked: argparse.Namespace) -> Dict[str, Any]:
    """What else flags say in place of a recipe."""
    stages: Dict[str, Any] = {
        "source": {"limit": asked.limit},
        "augment": {"originals": asked.originals},
        "sink": {"image_format": asked.image_format, "quality": asked.quality, "metadata": asked.metadata},
    }
    stages = {stage: {name: value for name, value in told.items() if value is not None} for stage, told in stages.items()}
    whole = {"on_error": asked.on_error, "max_bad": asked.max_bad}
    return {name: value for name, value in {**stages, **whole}.items() if value not in (None, {})}


def _recipe(asked: argparse.Namespace) -> Optional[Recipe]:
    amounts, stages = _amounts(asked), _changes(asked)
    stages = {**amounts, **stages, **({"augment": {**amounts["augment"], **stages.get("augment", {})}} if "augment" in amounts else {})}
    if amounts and not asked.recipe and not asked.preset:  # new rows alone, as the program makes them
        seed = {} if asked.seed is None else {"seed": asked.seed}
        return Recipe.from_text(json.dumps({"leaven": 1, "balance": "auto", **seed, **stages, "steps": []}))
    recipe = Recipe.load(asked.recipe, asked.seed) if asked.recipe else None
    if recipe is None and (asked.preset or asked.seed is not None or stages):
        recipe = Recipe.preset(asked.preset or usual_preset(asked.source, asked.image), asked.seed)
    if not stages:
        return recipe
    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        return Recipe.from_text(changed(recipe, stages, folder).yaml())


def _augment(asked: argparse.Namespace) -> int:
    recipe = _recipe(asked)
    # A recipe may say how many rows it makes; no word of it anywhere means the usual number.
    times = asked.times if asked.times is not None or asked.recipe or _amounts(asked) else 4
    if asked.dry_run:
        return _dry_run(asked, recipe or Recipe.preset(usual_preset(asked.source, asked.image)), times)
    made = augment(
        asked.source,
        asked.out,
        recipe,
        times=times,
        target=asked.target,
        image=asked.image,
        key=asked.key,
        label=asked.label,
        threads=asked.threads,
        resume=asked.resume,
        overwrite=asked.overwrite,
        progress=not asked.quiet and asked.progress != "none",
    )
    if not asked.quiet:
        print(f"made       {made.outputs:,} rows of {made.sources:,}")
        for kind, count in made.set_aside.items():
            print(f"set aside  {count:,} {kind}; why, one by one: {asked.out}/leaven.set_aside.jsonl")
        print(f"dataset    {asked.out}" + (f"\nreport     {made.report}" if made.report else ""))
    missing = unmet(str(pathlib.Path(asked.out) / "leaven.set_aside.jsonl")) if made.set_aside.get("violates") else []
    if missing:
        print(f"leaven: {len(missing):,} rows that were asked for could not be made: {missing[0]}", file=sys.stderr)
        return 1
    if not made.too_many_broken:
        return 0
    broken = made.set_aside["broken"]
    print(f"leaven: {broken:,} of {made.sources:,} rows could not be used, more than are allowed (allow more with --max-bad)", file=sys.stderr)
    return 1


def _dry_run(asked: argparse.Namespace, recipe: Recipe, times: Optional[int]) -> int:
    from . import _columnar

    choice = _columnar.Choice(asked.image, asked.key, asked.label)
    sources, outputs = _columnar.planned(_columnar.files_in(asked.source), asked.source, recipe, times, choice)
    print(f"would make {outputs:,} rows of {sources:,}, less what turns out to be broken or is cleaned; nothing was written")
    return 0


def _verify(asked: argparse.Namespace) -> int:
    from . import _columnar_results

    found = _columnar_results.verify(pathlib.Path(asked.out))
    told = found.problems[:20]
    more = len(found.problems) - len(told)
    print(*told, *([f"and {more:,} more"] if more else []), sep="\n", end="\n" if told else "")
    print(f"{found.checked:,} outputs checked: {found.missing:,} missing, {found.changed:,} changed, {found.unlisted:,} that no line names")
    return 1 if found.missing or found.changed else 0


def _look_back(asked: argparse.Namespace) -> int:
    from . import _columnar_results

    if bool(asked.file) == bool(getattr(asked, "line", "")):
        raise ValueError("replay takes OUT/ID, or --line with --source")
    flags = ["--files", asked.files] if asked.files else []
    page = ""
    if asked.command == "explain":
        page = "" if asked.no_page else asked.output or f"{pathlib.Path(asked.file).stem}.explain.html"
        flags += ["-o", page] if page else ["--no-page"]
    else:
        flags += (["-o", asked.output] if asked.output else []) + (["--check"] if asked.check else [])
    return _columnar_results.look_back(asked.command, asked.file, getattr(asked, "line", ""), asked.source, flags, page)


def main(arguments: Optional[List[str]] = None) -> int:
    """Exit codes are those of the program `leaven`."""
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *rest: print(f"leaven: {message}", file=sys.stderr)
            asked = _parsed(arguments)
            return {"augment": _augment, "verify": _verify}.get(asked.command, _look_back)(asked)
    except KeyboardInterrupt:
        print("leaven: interrupted; finished files are kept, and --resume goes on", file=sys.stderr)
        return 130
    except FileNotFoundError as error:
        print(f"leaven: {error}", file=sys.stderr)
        return 2
    except (ValueError, TypeError) as error:
        from ._columnar import BrokenRow

        print(f"leaven: {error}", file=sys.stderr)
        return 1 if isinstance(error, BrokenRow) else 2
    except RuntimeError as error:
        print(f"leaven: {error}", file=sys.stderr)
        return 1
    except (ImportError, OSError) as error:
        print(f"leaven: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
