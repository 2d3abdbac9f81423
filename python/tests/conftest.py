"""Pictures and folders that every test may use."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from recorded_program import write_program


def smooth(height: int, width: int, channels: int = 3, seed: int = 0) -> np.ndarray:
    """Waves: something a codec and a filter can work with, different for each seed."""
    y, x = np.mgrid[:height, :width]
    planes = [127.5 + 100 * np.sin((x * (c + 1) + y * (seed + 1)) / 17 + c) for c in range(channels)]
    return np.stack(planes, axis=-1).round().astype(np.uint8)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """The stand-in for the program leaven, which calls find; the test runs in its folder's parent."""
    monkeypatch.chdir(tmp_path)
    made = write_program(tmp_path / "bin")
    monkeypatch.setenv("LEAVEN_PROGRAM", str(made))
    return made


@pytest.fixture
def image() -> np.ndarray:
    return smooth(60, 80)


@pytest.fixture
def photos(tmp_path):
    """Class folders: 7 cats and 5 dogs, as PNG and JPEG."""
    folder = tmp_path / "photos"
    for first, name, count in ((0, "cat", 7), (10, "dog", 5)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            ending = "png" if number % 2 else "jpg"
            Image.fromarray(smooth(40 + number, 50, seed=first + number)).save(folder / name / f"{number}.{ending}")
    return folder
