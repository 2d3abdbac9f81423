"""What pages for users say about Python is true."""

from __future__ import annotations

import numpy as np
import pytest

import leaven as lv
from conftest import smooth
from doc_blocks import CLUSTERS, ENGINES, ROOT, blocks, run
from leaven._from_albumentations import TABLE as ALBUMENTATIONS
from leaven._from_torchvision import TABLE as TORCHVISION
from recorded_program import write_program

PLAIN = [block for block in blocks() if not ENGINES.search(block.text) and not CLUSTERS.search(block.text)]


@pytest.fixture
def names(photos, tmp_path, monkeypatch):
    """What the pages take for granted: a folder of photos, a picture, its marks, a recipe."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEAVEN_PROGRAM", str(write_program(tmp_path / "bin")))
    recipe = lv.Recipe([lv.random_resized_crop(size=32), lv.horizontal_flip(p=0.5), lv.brightness(by=lv.uniform(0.8, 1.2))], seed=7)
    pictures = [smooth(90, 120, seed=number) for number in range(3)]
    return {
        "lv": lv, "leaven": lv, "np": np, "recipe": recipe, "picture": pictures[0], "pictures": pictures, "names": ["a", "b", "c"],
        "mask": pictures[0][..., 0] // 100, "boxes": [[20, 10, 100, 80]], "labels": ["cat"], "line": recipe.explain(pictures[0]).line,
    }


def test_there_are_blocks():
    assert len(PLAIN) >= 6 and {"docs/python.md", "docs/custom_ops.md"} <= {block.page for block in PLAIN}


@pytest.mark.parametrize("block", PLAIN, ids=lambda block: block.name)
def test_blocks_of_python_run(block, names):
    run(block, names)


@pytest.mark.parametrize("table", [ALBUMENTATIONS, TORCHVISION], ids=lambda table: table.library)
def test_the_tables_of_transforms_are_those_of_the_converters(table):
    """`python -m leaven._migrate docs/migration.md` prints them anew."""
    assert table.page() in (ROOT / "docs/migration.md").read_text(encoding="utf-8")
