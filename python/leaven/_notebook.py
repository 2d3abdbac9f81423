"""A recipe as a table, for notebooks."""

from __future__ import annotations

import html
from typing import List, Tuple


def recipe_table(yaml: str, seed: int) -> str:
    """HTML, one row a step of the recipe's YAML."""
    rows = "".join(_rows(_steps_of(yaml)))
    return (
        f"<table><caption>Recipe, seed {seed}</caption>"
        f"<tr><th style='text-align:left'>step</th><th style='text-align:left'>values</th></tr>{rows}</table>"
    )


def _steps_of(yaml: str) -> List[Tuple[int, str]]:
    """Indentation and text of the lines below `steps:`."""
    lines = yaml.splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("steps:")), len(lines))
    return [(len(line) - len(line.lstrip()), line.strip()) for line in lines[start + 1 :]]


def _rows(lines: List[Tuple[int, str]]) -> List[str]:
    """One row a step of the YAML text, its fields beside it, steps inside containers further to the right."""
    rows: List[List[str]] = []
    depths: List[int] = []
    for indent, text in lines:
        if text.startswith("- "):
            rows.append([text[2:].rstrip(":"), ""])
            depths.append(indent // 2)
        elif rows and text != "steps:":
            rows[-1][1] += (", " if rows[-1][1] else "") + text
    least = min(depths, default=0)
    return [
        f"<tr><td style='text-align:left;padding-left:{(depth - least) * 0.6 + 0.5}em'>{html.escape(name)}</td>"
        f"<td style='text-align:left'>{html.escape(values)}</td></tr>"
        for depth, (name, values) in zip(depths, rows)
    ]
