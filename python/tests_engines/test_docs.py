"""What pages for users say about these libraries is true."""

from __future__ import annotations

import pathlib
import sys

import albumentations as A
import imblearn.pipeline
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import torch
import torchvision

import leaven as lv
import leaven.torch
from conftest import smooth

sys.path.append(str(pathlib.Path(__file__).parents[1] / "tests"))
from doc_blocks import CLUSTERS, ENGINES, blocks, run

BLOCKS = [block for block in blocks() if ENGINES.search(block.text) and not CLUSTERS.search(block.text)]
XLA = [block for block in BLOCKS if "jax" in block.text or "keras" in block.text]
TENSORFLOW = [block for block in BLOCKS if "tensorflow" in block.text]


@pytest.fixture
def names(photos, tmp_path, monkeypatch):
    """What the pages take for granted."""
    import datasets

    monkeypatch.chdir(tmp_path)
    recipe = lv.Recipe([lv.random_resized_crop(size=32), lv.horizontal_flip(p=0.5)], seed=7)
    files = sorted(photos.rglob("*.png"))
    pa.parquet.write_table(
        pa.table({"id": [str(file) for file in files], "image": pa.array([file.read_bytes() for file in files], pa.binary())}), "pictures.parquet"
    )
    table = datasets.Dataset.from_dict({"image": [str(file) for file in files]}, features=datasets.Features({"image": datasets.Image()}))
    dataset = leaven.torch.Dataset(photos, recipe)
    return {
        "lv": lv, "leaven": lv, "np": np, "torch": torch, "recipe": recipe, "picture": smooth(90, 120), "ds": table, "epoch": 1,
        "ImageFolder": torchvision.datasets.ImageFolder, "DataLoader": torch.utils.data.DataLoader, "dataset": dataset,
        "loader": [(torch.rand(4, 3, 8, 8), torch.arange(4))] * 2, "model": None,
        "Pipeline": imblearn.pipeline.Pipeline, "pipeline": A.Compose([A.HorizontalFlip()]), "transform": torchvision.transforms.RandomHorizontalFlip(),
    }


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("block", [block for block in BLOCKS if block not in XLA + TENSORFLOW], ids=lambda block: block.name)
def test_blocks_of_python_run(block, names):
    run(block, names)


def test_there_are_blocks():
    assert {"docs/python.md", "docs/migration.md", "docs/scale_out.md"} <= {block.page for block in BLOCKS} and len(XLA) == 2 and len(TENSORFLOW) == 1
