"""`python -m leaven augment`: Parquet and Arrow files on the command line. The program `leaven` starts this for them; everything
else it does itself."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from typing import Any, Dict, List, Optional

from . import Recipe, augment
from ._job import usual_preset
from ._tables import changed


def _parsed(arguments: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="leaven", description="Parquet and Arrow files, made larger.")
    command = parser.add_subparsers(dest="command", required=True).add_parser("augment")
    command.add_argument("source", metavar="IN")
    command.add_argument("-o", "--out", required=True, metavar="OUT")
    command.add_argument("--times", type=int, metavar="N", help="copies of each row besides the original")
    which = command.add_mutually_exclusive_group()
    which.add_argument("--recipe", metavar="FILE")
    which.add_argument("--preset", metavar="NAME")
    command.add_argument("--seed", type=int, metavar="S")
    command.add_argument("--threads", type=int, default=0, metavar="T", help="0: all cores")
    command.add_argument("--per-class", type=int, metavar="N", help="so many samples of each class")
    command.add_argument("--total", type=int, metavar="N", help="so many samples in all")
    command.add_argument("--target", metavar="COLUMN", help="of a table, the column to predict")
    command.add_argument("--balance", nargs="?", const="auto", metavar="METHOD", help="of a table: new rows until all classes have as many")
    command.add_argument("--image", metavar="COLUMN", help="that holds pictures")
    command.add_argument("--key", metavar="COLUMN", help="that names rows of pictures")
    command.add_argument("--label", metavar="COLUMN", help="that holds the classes of pictures")
    command.add_argument("--resume", action="store_true")
    command.add_argument("--overwrite", action="store_true")
    command.add_argument("--quiet", action="store_true")
    command.add_argument("--progress", choices=("auto", "plain", "json", "none"), default="auto")
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


def _recipe(asked: argparse.Namespace) -> Optional[Recipe]:
    stages = _amounts(asked)
    if stages and not asked.recipe and not asked.preset:  # new rows alone, as the program makes them
        seed = {} if asked.seed is None else {"seed": asked.seed}
        return Recipe.from_text(json.dumps({"leaven": 1, "balance": "auto", **seed, **stages, "steps": []}))
    recipe = Recipe.load(asked.recipe, asked.seed) if asked.recipe else None
    if recipe is None and (asked.preset or asked.seed is not None):
        recipe = Recipe.preset(asked.preset or usual_preset(asked.source), asked.seed)
    if not stages:
        return recipe
    with tempfile.TemporaryDirectory(prefix="leaven") as folder:
        return Recipe.from_text(changed(recipe, stages, folder).yaml())


def main(arguments: Optional[List[str]] = None) -> int:
    """Exit codes are those of the program `leaven`."""
    asked = _parsed(arguments)
    try:
        recipe = _recipe(asked)
        # A recipe may say how many rows it makes; no word of it anywhere means the usual number.
        times = asked.times if asked.times is not None or asked.recipe or _amounts(asked) else 4
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
    except KeyboardInterrupt:
        print("leaven: interrupted; finished files are kept, and --resume goes on", file=sys.stderr)
        return 130
    except (ValueError, TypeError, FileNotFoundError) as error:
        print(f"leaven: {error}", file=sys.stderr)
        return 2
    except (ImportError, OSError) as error:
        print(f"leaven: {error}", file=sys.stderr)
        return 3
    if not asked.quiet:
        print(f"made       {made.outputs:,} rows of {made.sources:,}")
        for kind, count in made.set_aside.items():
            print(f"set aside  {count:,} {kind}; why, one by one: {asked.out}/leaven.set_aside.jsonl")
        print(f"dataset    {asked.out}" + (f"\nreport     {made.report}" if made.report else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
