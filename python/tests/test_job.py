"""Folder in, larger folder out."""

from __future__ import annotations

import json
import sys
import types

import numpy as np
import pytest
from PIL import Image

import leaven as lv

RECIPE = lv.Recipe([lv.horizontal_flip(p=0.5), lv.brightness(by=lv.uniform(0.8, 1.2))], seed=5)


def test_a_folder_grows_and_its_lineage_replays(photos, tmp_path):
    out = tmp_path / "out"
    made = lv.augment(photos, out, RECIPE, times=2, threads=2, progress=False)
    assert (made.sources, made.outputs, made.set_aside, made.too_many_broken) == (12, 36, {}, False)
    assert (out / "leaven.report.html").is_file() and made.report.endswith("leaven.report.html")
    assert len(list(out.rglob("*.png")) + list(out.rglob("*.jpg"))) == 36
    line = next(
        line
        for line in (out / "leaven.lineage.jsonl").read_text().splitlines()
        if json.loads(line)["source"] == "cat/1.png" and json.loads(line)["copy"] == 2
    )
    source = Image.open(photos / "cat" / "1.png")
    written = np.asarray(Image.open(out / json.loads(line)["id"]))
    assert np.array_equal(np.asarray(RECIPE.replay(line, source)), written)
    assert np.array_equal(np.asarray(RECIPE(source, key="cat/1.png", copy=2)), written)


def test_the_recipe_may_be_left_out(photos, tmp_path):
    assert lv.augment(str(photos), str(tmp_path / "out"), times=1, progress=False).outputs == 24


def test_what_cannot_work_is_refused(photos, tmp_path):
    with pytest.raises(FileNotFoundError):
        lv.augment(tmp_path / "none", tmp_path / "out", RECIPE)
    lv.augment(photos, tmp_path / "out", RECIPE, times=1, progress=False)
    with pytest.raises(ValueError) as caught:
        lv.augment(photos, tmp_path / "out", RECIPE, times=1, progress=False)
    assert "resume=True" in str(caught.value) and "overwrite=True" in str(caught.value) and "--" not in str(caught.value)
    with pytest.raises(ValueError, match=r'sink=\{"layout": "npz"\} or webdataset can'):
        lv.augment(photos, tmp_path / "mixed", lv.Recipe([lv.mixup()]), times=1, progress=False)
    with pytest.raises(ValueError, match="times must be at least 0, got -1"):
        lv.augment(photos, tmp_path / "other", RECIPE, times=-1)
    with pytest.raises(TypeError, match="a leaven.Recipe is needed, got str"):
        lv.augment(photos, tmp_path / "other", "light")
    with pytest.raises(ValueError, match="lies inside .*name a folder beside it as out="):
        lv.augment(photos, photos / "inside", RECIPE, times=1)
    assert lv.augment(photos, tmp_path / "out", RECIPE, times=1, overwrite=True, progress=False).outputs == 24


def test_control_c_stops_it_and_resume_goes_on(photos, tmp_path, monkeypatch):
    whole = tmp_path / "whole"
    lv.augment(photos, whole, RECIPE, times=200, progress=False)
    from leaven import _job, _long_call

    def interrupt(self, done, total):
        if done:
            raise KeyboardInterrupt

    monkeypatch.setattr(_job._Bar, "show", interrupt)
    monkeypatch.setattr(_long_call, "_LOOK_EVERY", 0.002)  # seconds: a run of a fast machine is looked at while it lasts
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        lv.augment(photos, out, RECIPE, times=200)
    monkeypatch.undo()
    lv.augment(photos, out, RECIPE, times=200, resume=True, progress=False)
    assert (out / "leaven.lineage.jsonl").read_bytes() == (whole / "leaven.lineage.jsonl").read_bytes()


def test_progress_goes_through_tqdm_when_it_is_there(photos, tmp_path, monkeypatch):
    shown = []

    class Bar:
        def __init__(self, total, unit, desc):
            self.n, self.total = 0, total

        def update(self, more):
            self.n += more
            shown.append((self.n, self.total))

        def close(self):
            shown.append("closed")

    package, auto = types.ModuleType("tqdm"), types.ModuleType("tqdm.auto")
    package.__spec__ = types.SimpleNamespace()
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", package)
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    lv.augment(photos, tmp_path / "out", RECIPE, times=150)
    assert shown[-1] == "closed" and shown[-2][1] == 12 * 151


def test_each_kind_of_input_has_its_usual_recipe(tmp_path):
    (tmp_path / "numbers.csv").write_text("x,y\n" + "".join(f"{n}.5,{n}\n" for n in range(9)))
    assert lv.augment(tmp_path / "numbers.csv", tmp_path / "rows", times=1).outputs == 18
    waves = "\n".join(f"{n % 2}\t" + "\t".join(str(np.sin(n + t / 3)) for t in range(20)) for n in range(6))
    (tmp_path / "waves_TRAIN.tsv").write_text(waves + "\n")
    assert lv.augment(tmp_path / "waves_TRAIN.tsv", tmp_path / "waves", times=2).outputs == 18
    with pytest.raises(ValueError, match="numbers.csv.*recipe\\(frame, epoch=epoch\\)"):
        lv.Loader(tmp_path / "numbers.csv")
