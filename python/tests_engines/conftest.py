"""A folder of pictures for the libraries that people train with."""

from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

# A machine need neither know its own name (Spark asks) nor say how many of its cores are real ones (joblib does, and warns).
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
os.environ.setdefault("SPARK_LOCAL_HOSTNAME", "localhost")
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")


def smooth(height: int, width: int, seed: int = 0) -> np.ndarray:
    """Waves in three channels, different for each seed."""
    y, x = np.mgrid[:height, :width]
    planes = [127.5 + 100 * np.sin((x * (c + 1) + y * (seed + 1)) / 17 + c) for c in range(3)]
    return np.stack(planes, axis=-1).round().astype(np.uint8)


@pytest.fixture
def photos(tmp_path):
    """6 cats and 6 dogs as PNG."""
    folder = tmp_path / "photos"
    for first, name in ((0, "cat"), (10, "dog")):
        (folder / name).mkdir(parents=True)
        for number in range(6):
            Image.fromarray(smooth(40 + number, 50, first + number)).save(folder / name / f"{number}.png")
    return folder
