"""Generator with the real program, which `make test-engines` builds and names in LEAVEN_PROGRAM."""

from __future__ import annotations

import csv
import datetime
import json
import random

import pytest

import leaven as lv


@pytest.fixture
def points(tmp_path, monkeypatch):
    """Two clouds whose classes x tells apart; the right one is rarer."""
    monkeypatch.chdir(tmp_path)
    drawn = random.Random(1)
    rows = ["x,z,y"]
    for number in range(400):
        right = number % 4 == 0
        rows.append(f"{drawn.gauss(1.5 if right else -1.5, 1):.3f},{drawn.gauss(0, 1):.3f},{'right' if right else 'left'}")
    (tmp_path / "points.csv").write_text("\n".join(rows) + "\n")
    return "points.csv"


def test_a_table_is_learnt_checked_and_drawn(points):
    generator = lv.Generator.fit(points, out="gen", target="y", progress=False)
    assert generator.kind == "copula"
    gate = generator.check(threads=2, progress=False)
    assert gate.verdict in ("accepted", "refused") and gate.scores["copies"] == 0 and gate.page.is_file()
    samples = generator.sample("more", per_class=30, seed=3, force=True, progress=False)
    rows = list(csv.DictReader(samples.table.read_text().splitlines()))
    assert samples.count == len(rows) == 60
    mean = {name: sum(float(row["x"]) for row in rows if row["y"] == name) / 30 for name in ("left", "right")}
    assert mean["left"] < -0.5 < 0.5 < mean["right"]
    assert all(json.loads(line)["synthetic"] for line in samples.lineage.read_text().splitlines())
    again = generator.sample("again", per_class=30, seed=3, force=True, progress=False)
    assert again.table.read_bytes() == samples.table.read_bytes()


def test_its_errors_come_through(points):
    generator = lv.Generator.fit(points, out="gen", target="y", progress=False)
    with pytest.raises(ValueError, match="there is no class middle"):
        generator.sample("more", classes=["middle"], progress=False)


def test_a_data_frame_is_learnt_from(points):
    import pandas as pd
    import polars

    frame = pd.read_csv(points)
    frame["y"] = frame["y"].astype("category")
    frame["n"] = range(400)
    frame["n"] = frame["n"].mod(7).astype("int32").astype("Int32").where(frame["n"] % 5 > 0)
    frame["when"] = pd.to_datetime("2024-01-01") + pd.to_timedelta(range(400), unit="h")
    generator = lv.Generator.fit(frame, out="gen", target="y", progress=False)
    assert generator.sample("more", rows=10, progress=False).count == 10
    made = generator.sample(rows=2000, progress=False)
    assert made.shape == (2000, 5) and list(made.columns) == list(frame.columns)
    assert made.y.dtype == "category" and set(made.y) == {"left", "right"}
    assert made.n.isna().mean() == pytest.approx(0.2, abs=0.05) and made.n.dropna().between(0, 6).all()
    assert made["when"].dtype == frame["when"].dtype and made["when"].between(frame["when"].min(), frame["when"].max()).all()
    table = lv.Generator.fit(polars.from_pandas(frame), out="polars", target="y", progress=False).sample(rows=50, progress=False)
    assert isinstance(table, polars.DataFrame) and table.height == 50 and table.schema["when"].is_temporal()
    with pytest.raises(TypeError, match="a path or a table .*, got dict"):
        lv.Generator.fit({"x": [1]}, out="other")


def test_new_rows_come_as_what_was_learnt_from(points):
    import pyarrow as pa

    first = datetime.date(2024, 1, 1)
    learnt = pa.table(
        {
            "x": pa.array([number / 8 for number in range(400)], pa.float32()),
            "n": pa.array([None if number % 4 == 0 else number % 50 for number in range(400)], pa.int16()),
            "w": pa.array(["ab"[number % 2] for number in range(400)]).dictionary_encode(),
            "day": pa.array([first + datetime.timedelta(days=number) for number in range(400)]),
        }
    )
    generator = lv.Generator.fit(learnt, out="gen", progress=False)
    made = generator.sample(rows=200, progress=False)
    assert made.schema.equals(learnt.schema) and made.num_rows == 200
    assert set(made["w"].to_pylist()) == {"a", "b"} and 0 < made["n"].null_count < 200
    assert first <= min(made["day"].to_pylist()) and max(made["day"].to_pylist()) <= first + datetime.timedelta(days=399)
    opened = lv.Generator("gen").sample(rows=2, progress=False)
    assert isinstance(opened, pa.Table) and opened.num_rows == 2
    pictures = lv.Generator("gen")
    del pictures.card["columns"]
    with pytest.raises(ValueError, match=r"sample\(out\)"):
        pictures.sample(rows=2, progress=False)


def test_a_recipe_may_generate(points, tmp_path):
    """The stage of a recipe: of files and of data frames, whose rarer class is filled up by the model."""
    import pandas

    recipe = lv.Recipe.from_text("leaven: 1\nschema: {target: y}\ngenerate: {kind: copula, force: true}\naugment: {times: 0}\nsteps: []\n")
    told = lv.augment(points, tmp_path / "out", recipe, times=None)
    assert told.sources == 400 and told.outputs == 600
    rows = list(csv.DictReader((tmp_path / "out" / points).read_text().splitlines()))
    assert [sum(row["y"] == name for row in rows) for name in ("left", "right")] == [300, 300]
    frame = lv.augment(pandas.read_csv(points), recipe=recipe, times=None)
    assert frame.y.value_counts().to_dict() == {"left": 300, "right": 300}
    with pytest.raises(ValueError, match="holds a finished run"):
        lv.augment(points, tmp_path / "out", recipe, times=None)
    missing = lv.Recipe.from_text("leaven: 1\nschema: {target: y}\ngenerate: {kind: copula, held_out: 0.01}\nsteps: []\n")
    with pytest.raises((ValueError, RuntimeError), match="held out"):
        lv.augment(points, tmp_path / "few", missing, times=None)
