"""The blocks of Python in pages for users, so that they can be run."""

from __future__ import annotations

import pathlib
import re
from typing import Iterator, NamedTuple

ROOT = pathlib.Path(__file__).parents[2]
# Libraries beside NumPy and Pillow: blocks that speak of them run where these are installed.
ENGINES = re.compile(r"\b(torch|torchvision|ImageFolder|DataLoader|datasets|ds|imblearn|sklearn|pandas|jax|keras|tensorflow|pyarrow|polars|parquet|albumentations|from_torchvision|from_albumentations)\b")
# What needs a cluster.
CLUSTERS = re.compile(r"\b(ray|spark)\b")


class Block(NamedTuple):
    page: str
    line: int
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    """All blocks of README.md and docs/*.md, in order."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        for found in re.finditer(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            yield Block(str(page.relative_to(ROOT)), text.count("\n", 0, found.start()) + 2, found.group(1))


def run(block: Block, names: dict) -> None:
    """Runs a block among `names`; an error's lines are those of the page."""
    exec(compile("\n" * (block.line - 1) + block.text, str(ROOT / block.page), "exec"), names)
