"""Against the real pyarrow: Parquet and Arrow files through leaven.augment()."""

from __future__ import annotations

import io
import json
import os

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth
from leaven.__main__ import main

RECIPE = lv.Recipe([lv.rotate(degrees=lv.uniform(-30, 30)), lv.brightness(by=lv.uniform(0.8, 1.2))], seed=4)


def png(number):
    file = io.BytesIO()
    Image.fromarray(smooth(20, 24, seed=number)).save(file, "PNG")
    return file.getvalue()


def written(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    {".parquet": pa.parquet.write_table, ".arrow": write_stream, ".feather": pa.feather.write_feather}[path.suffix](table, path)
    return path


def write_stream(table, path):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, 100)


def read(path):
    if path.suffix == ".parquet":
        return pa.parquet.read_table(path)
    return pa.feather.read_table(path) if path.suffix == ".feather" else pa.ipc.open_stream(pa.memory_map(str(path))).read_all()


@pytest.fixture
def pictures():
    return pa.table({
        "image": pa.array([{"bytes": png(n), "path": f"cats/{n}.png"} for n in range(300)]),
        "label": pa.array([n % 3 for n in range(300)]),
    })


@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".feather"])
def test_rows_of_pictures_are_followed_by_their_copies(pictures, tmp_path, ending):
    source = written(pictures, tmp_path / f"in{ending}")
    told = lv.augment(source, tmp_path / "out", RECIPE, times=2)
    assert (told.sources, told.outputs, told.set_aside) == (300, 900, {})
    made = read(tmp_path / "out" / f"in{ending}")
    assert made.schema == pictures.schema
    rows = made.column("image").to_pylist()
    assert rows[::3] == pictures.column("image").to_pylist()
    assert [row["path"] for row in rows[3:6]] == ["cats/1.png", "cats/1_aug1.png", "cats/1_aug2.png"]
    assert made.column("label").to_pylist()[:6] == [0, 0, 0, 1, 1, 1]
    for number, copy in ((1, 1), (1, 2), (299, 2)):
        expected = RECIPE(smooth(20, 24, seed=number), key=f"cats/{number}.png", copy=copy)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(rows[3 * number + copy]["bytes"]))), expected)
    lines = (tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row["path"] for row in rows]
    assert np.array_equal(RECIPE.replay(lines[5], smooth(20, 24, seed=1)), np.asarray(Image.open(io.BytesIO(rows[5]["bytes"]))))
    # The same files from a folder of pictures have the same lines, down to the digests.
    for number in range(2):
        (tmp_path / "folder" / "cats").mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / "cats" / f"{number}.png").write_bytes(png(number))
    lv.augment(tmp_path / "folder", tmp_path / "files", lv.Recipe.from_text(RECIPE.yaml), times=2)
    of_files = [json.loads(line) for line in (tmp_path / "files" / "leaven.lineage.jsonl").read_text().splitlines()]
    for ours, theirs in zip(map(json.loads, lines), of_files):
        assert {**theirs, "label": ours.get("label")} == {**ours, "label": ours.get("label")}
    assert not [file for file in (tmp_path / "out").iterdir() if file.name.startswith(".")]


def test_a_folder_of_hugging_face_is_one_dataset(photos, tmp_path):
    files = sorted(str(file) for file in photos.rglob("*.png"))
    ds = datasets.Dataset.from_dict({"image": files, "label": [0] * 6 + [1] * 6}).cast_column("image", datasets.Image())
    (tmp_path / "hub" / "data").mkdir(parents=True)
    for part in range(2):
        ds.shard(2, part).to_parquet(tmp_path / "hub" / "data" / f"train-{part:05}.parquet")
    told = lv.augment(tmp_path / "hub", tmp_path / "out", RECIPE, times=1)
    assert told.outputs == 24
    made = datasets.load_dataset("parquet", data_dir=str(tmp_path / "out" / "data"), split="train", cache_dir=str(tmp_path / "cache"))
    assert len(made) == 24 and made[1]["image"].size == made[0]["image"].size and made.features == ds.features


def test_broken_rows_are_set_aside_and_a_run_goes_on(pictures, tmp_path):
    rows = pictures.column("image").to_pylist()
    rows[3]["bytes"] = b"no picture"
    source = written(pictures.set_column(0, "image", pa.array(rows, pictures.schema.field("image").type)), tmp_path / "in.parquet")
    told = lv.augment(source, tmp_path / "out", RECIPE, times=1)
    assert told.outputs == 598 and told.set_aside == {"broken": 1}
    (line,) = (tmp_path / "out" / "leaven.set_aside.jsonl").read_text().splitlines()
    assert json.loads(line)["id"] == "cats/3.png"
    with pytest.raises(ValueError, match="is not empty"):
        lv.augment(source, tmp_path / "out", RECIPE, times=1)
    before = (tmp_path / "out" / "in.parquet").read_bytes()
    assert lv.augment(source, tmp_path / "out", RECIPE, times=1, resume=True).outputs == 598
    lineage = (tmp_path / "out" / "leaven.lineage.jsonl").read_bytes()
    (tmp_path / "out" / "in.parquet").unlink()  # made again, as it was
    again = lv.augment(source, tmp_path / "out", RECIPE, times=1, resume=True)
    assert again.set_aside == {"broken": 1} and (tmp_path / "out" / "leaven.lineage.jsonl").read_bytes() == lineage
    assert lv.augment(source, tmp_path / "out", RECIPE, times=1, overwrite=True).outputs == 598
    assert (tmp_path / "out" / "leaven.lineage.jsonl").read_bytes() == lineage
    assert (tmp_path / "out" / "in.parquet").read_bytes() == before


def test_tables_of_numbers_become_such_files_again(tmp_path):
    table = pa.table({"x": np.linspace(0, 1, 50), "n": np.arange(50), "word": ["a", "b"] * 25})
    source = written(table, tmp_path / "numbers.parquet")
    told = lv.augment(source, tmp_path / "out", times=1)
    made = read(tmp_path / "out" / "numbers.parquet")
    assert told.outputs == made.num_rows == 100 and made.schema.types == table.schema.types
    assert made.column("x").to_pylist()[::2] == table.column("x").to_pylist() and made.column("x").to_pylist()[1::2] != table.column("x").to_pylist()


def test_tables_are_balanced_from_the_command_line(tmp_path, capsys):
    table = pa.table({"x": np.linspace(0, 1, 60), "y": np.cos(np.arange(60.0)), "word": ["a"] * 50 + ["b"] * 10})
    source = written(table, tmp_path / "in.parquet")
    for flags, classes in ((["--balance"], (50, 50)), (["--balance=random_over", "--per-class", "70"], (70, 70)), (["--per-class", "55", "--seed", "3"], (55, 55))):
        assert main(["augment", str(source), "-o", str(tmp_path / "out"), "--target", "word", "--progress", "none", "--overwrite", *flags]) == 0
        words = read(tmp_path / "out" / "in.parquet").column("word").to_pylist()
        assert (words.count("a"), words.count("b")) == classes
    (tmp_path / "recipe.yaml").write_text("leaven: 1\nsteps: [{table_noise: {}}]\n")
    assert main(["augment", str(source), "-o", str(tmp_path / "out"), "--target", "word", "--recipe", str(tmp_path / "recipe.yaml"), "--balance", "--overwrite", "--quiet"]) == 0
    assert read(tmp_path / "out" / "in.parquet").num_rows == 100
    assert main(["augment", str(source), "-o", str(tmp_path / "out"), "--target", "word", "--balance=smot", "--overwrite", "--quiet"]) == 2
    assert "did you mean smote?" in capsys.readouterr().err


def test_tables_have_lineage_and_a_report_and_a_stopped_run_the_same_ones(tmp_path, monkeypatch):
    for part in range(2):
        written(pa.table({"x": np.linspace(0, part + 1, 30), "n": np.arange(30)}), tmp_path / "in" / f"part{part}.parquet")
    told = lv.augment(tmp_path / "in", tmp_path / "whole", times=1)
    lines = [json.loads(line) for line in (tmp_path / "whole" / "leaven.lineage.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [f"part{part}.parquet#{row}" for part in range(2) for row in range(60)]
    assert lines[1]["source"] == "part0.parquet#0" and told.report.endswith("leaven.report.part0.html")
    real, calls = os.replace, []

    def killed(half, whole):
        calls.append(whole)
        if str(whole).endswith("part1.parquet"):
            raise KeyboardInterrupt
        real(half, whole)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        lv.augment(tmp_path / "in", tmp_path / "out", times=1)
    monkeypatch.undo()
    lv.augment(tmp_path / "in", tmp_path / "out", times=1, resume=True)
    for name in ("leaven.lineage.jsonl", "leaven.set_aside.jsonl", "part0.parquet", "part1.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_only_what_a_run_wrote_is_taken_away(pictures, tmp_path, monkeypatch):
    source = written(pictures, tmp_path / "in" / "in.parquet")
    before = source.read_bytes()
    for out in (source.parent, source.parent / "inside", tmp_path):
        with pytest.raises(ValueError, match="outside"):
            lv.augment(source.parent if out != tmp_path else source, out, RECIPE, times=1, overwrite=True)
    assert source.read_bytes() == before
    mine = written(pictures, tmp_path / "out" / "mine.parquet")
    with pytest.raises(ValueError, match="did not make"):
        lv.augment(source, tmp_path / "out", RECIPE, times=1, overwrite=True)
    mine.unlink()
    lv.augment(source, tmp_path / "out", RECIPE, times=1)
    written(pictures, mine)
    assert lv.augment(source, tmp_path / "out", RECIPE, times=2, overwrite=True).outputs == 900
    assert mine.exists()
    monkeypatch.chdir(source.parent)  # the same source by another way of saying it
    assert lv.augment("in.parquet", tmp_path / "out", RECIPE, times=2, resume=True).outputs == 900
    with pytest.raises(ValueError, match="times was 2, is now 3"):
        lv.augment(source, tmp_path / "out", RECIPE, times=3, resume=True)
    with pytest.raises(ValueError, match="its recipe is another"):
        lv.augment(source, tmp_path / "out", lv.Recipe([lv.invert()]), times=2, resume=True)


def test_rows_without_names_go_by_their_pictures(tmp_path):
    column = [{"bytes": png(n), "path": None} for n in range(6)]
    source = written(pa.table({"image": pa.array(column, pa.struct([("bytes", pa.binary()), ("path", pa.string())]))}), tmp_path / "in.parquet")
    lv.augment(source, tmp_path / "out", RECIPE, times=1)
    records = [json.loads(line) for line in (tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()]
    assert len({record["id"] for record in records}) == 12 and "None" not in str(records)
    assert len({json.dumps(record["steps"]) for record in records if record["copy"]}) == 6


def test_what_is_marked_must_not_stay_behind(pictures, tmp_path):
    for column in ("objects", "further"):
        cells = [{"bbox": [1, 2]}] * 300 if column == "objects" else pictures.column("image").to_pylist()
        source = written(pictures.append_column(column, pa.array(cells)), tmp_path / f"{column}.parquet")
        with pytest.raises(ValueError, match=f"column {column} would stay where it is"):
            lv.augment(source, tmp_path / column, RECIPE, times=1)


def hub_table(labels, files):
    """As Hugging Face writes it: classes are numbers, and the schema's metadata has their names."""
    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=["cat", "dog"])})
    column = [{"bytes": file, "path": f"{number}.png"} for number, file in enumerate(files)]
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return pa.table({"image": pa.array(column, kind), "label": pa.array(labels)}, schema=features.arrow_schema)


def test_when_asks_for_the_names_behind_class_labels(tmp_path):
    source = written(hub_table([0, 1, None, -1, 1], [png(n) for n in range(5)]), tmp_path / "in.parquet")
    recipe = lv.Recipe([lv.invert(when={"class": "dog"})])
    lv.augment(source, tmp_path / "out", recipe, times=1)
    rows = read(tmp_path / "out" / "in.parquet").column("image").to_pylist()
    shown = [np.asarray(Image.open(io.BytesIO(row["bytes"]))) for row in rows]
    assert [not np.array_equal(a, b) for a, b in zip(shown[::2], shown[1::2])] == [False, True, False, False, True]
    lines = [json.loads(line) for line in (tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()]
    assert [line.get("label") for line in lines[:4]] == ["cat", "cat", "dog", "dog"]


def test_clean_sets_rows_aside(tmp_path):
    """The same rows as from a folder of the same files, in any number of tables."""
    small, large = io.BytesIO(), io.BytesIO()
    Image.fromarray(smooth(9, 24)).save(small, "PNG")
    Image.fromarray(smooth(60, 72, seed=3)).resize((144, 120)).save(large, "PNG")
    like = io.BytesIO()
    Image.fromarray(smooth(60, 72, seed=3)).save(like, "PNG")
    files = [png(0), png(1), png(0), small.getvalue(), b"no picture", png(1), large.getvalue(), like.getvalue()]
    labels = [0, 0, 1, 0, 0, 0, 1, 1]
    whole = hub_table(labels, files)
    for part in range(2):
        written(whole.slice(4 * part, 4), tmp_path / "in" / f"part{part}.parquet")
    for number, (file, label) in enumerate(zip(files, labels)):
        (tmp_path / "folder" / ("cat", "dog")[label]).mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / ("cat", "dog")[label] / f"{number}.png").write_bytes(file)
    recipe = lv.Recipe.from_text("leaven: 1\nclean: {min_height: 10, duplicates: true, perceptual: 2}\nmax_bad: 1\nsteps: [invert]\n")
    told = lv.augment(tmp_path / "in", tmp_path / "out", recipe, times=1, threads=2)
    assert told.set_aside == {"broken": 1, "duplicate": 2, "perceptual_duplicate": 1, "too_small": 1} and told.outputs == 6

    def reasons(folder):
        lines = [json.loads(line) for line in (folder / "leaven.set_aside.jsonl").read_text().splitlines()]
        return {line["id"].rpartition("/")[2]: (line["kind"], line["reason"].replace("cat/", "").replace("dog/", "")) for line in lines}

    ours = reasons(tmp_path / "out")
    assert ours["2.png"] == ("duplicate", "byte for byte the same as 0.png, which is labelled cat")
    assert ours["3.png"] == ("too_small", "24×9 px, the recipe asks for at least 1×10")
    lv.augment(tmp_path / "folder", tmp_path / "files", recipe, times=1, progress=False)
    theirs = reasons(tmp_path / "files")
    assert ours.keys() == theirs.keys()
    assert {name: reason for name, reason in ours.items() if name != "4.png"} == {name: reason for name, reason in theirs.items() if name != "4.png"}
    rows = [row["path"] for part in range(2) for row in read(tmp_path / "out" / f"part{part}.parquet").column("image").to_pylist()]
    assert rows == ["0.png", "0_aug1.png", "1.png", "1_aug1.png", "6.png", "6_aug1.png"]


def test_only_train_grows_where_there_are_splits(pictures, tmp_path):
    for layout, names in {
        "folders": ["train/a.parquet", "validation/a.parquet", "test/a.parquet"],
        "names": ["data/train-00000-of-00001.parquet", "data/validation-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"],
    }.items():
        for number, name in enumerate(names):
            written(pictures.slice(10 * number, 10), tmp_path / layout / name)
        told = lv.augment(tmp_path / layout, tmp_path / f"{layout} out", RECIPE, times=2)
        made = [read(tmp_path / f"{layout} out" / name) for name in names]
        assert told.outputs == 50 and [table.num_rows for table in made] == [30, 10, 10]
        assert made[1].equals(pictures.slice(10, 10)) and made[2].equals(pictures.slice(20, 10))
        assert len((tmp_path / f"{layout} out" / "leaven.lineage.jsonl").read_text().splitlines()) == 50
    rest = tmp_path / "folders" / "test"
    assert lv.augment(rest, tmp_path / "rest", RECIPE, times=1).outputs == 20  # asked for by itself


def test_tables_of_numbers_keep_their_splits_too(tmp_path):
    table = pa.table({"x": np.linspace(0, 1, 20), "n": np.arange(20)})
    for name in ("train", "test"):
        written(table, tmp_path / "in" / name / "rows.parquet")
    told = lv.augment(tmp_path / "in", tmp_path / "out", lv.Recipe([lv.table_noise()]), times=1)
    assert told.outputs == 60 and read(tmp_path / "out" / "test" / "rows.parquet").equals(table)
    lines = [json.loads(line) for line in (tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [*(f"test/rows.parquet#{n}" for n in range(20)), *(f"train/rows.parquet#{n}" for n in range(40))]


def test_parts_of_a_table_learn_from_train_alone(tmp_path):
    """Two files of train and one of test are one table: scaled by train's range, balanced by train's neighbours."""
    rng = np.random.default_rng(3)
    for part in range(2):
        written(pa.table({"x": rng.uniform(part, part + 1, 30), "y": ["a"] * 24 + ["b"] * 6}), tmp_path / "in" / "data" / f"train-{part:05}-of-00002.parquet")
    written(pa.table({"x": [40.0, 41.0], "y": ["a", "b"]}), tmp_path / "in" / "data" / "test-00000-of-00001.parquet")
    recipe = lv.Recipe.from_text("leaven: 1\nprepare: [table_scale: {method: min_max}]\nbalance: {method: smote}\nsteps: []\n")
    told = lv.augment(tmp_path / "in", tmp_path / "out", recipe, times=None, target="y")
    assert told.sources == 62 and told.outputs == 62 + 36
    made = [read(file) for file in sorted((tmp_path / "out" / "data").iterdir())]
    test, train = made[0], made[1:]
    assert test.num_rows == 2 and min(test.column("x").to_pylist()) > 15
    values = [value for table in train for value in table.column("x").to_pylist()]
    assert min(values) == 0 and max(values) == 1 and len(values) == 96
    lines = [json.loads(line) for line in (tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()]
    assert len(lines) == 98 and len({line["id"] for line in lines}) == 98
    rows = {line["id"]: line for line in lines}
    for name, table in zip(sorted(file.name for file in (tmp_path / "out" / "data").iterdir()), made):
        for number in range(table.num_rows):
            line = rows[f"data/{name}#{number}"]
            assert line["source"].startswith(f"data/{name}#") and all("train" in parent for parent in line.get("synthesis", {}).get("parents", []))
    before = {file.name: file.read_bytes() for file in (tmp_path / "out" / "data").iterdir()}
    (tmp_path / "out" / "data" / "test-00000-of-00001.parquet").unlink()
    assert lv.augment(tmp_path / "in", tmp_path / "out", recipe, times=None, target="y", resume=True).outputs == 98
    assert {file.name: file.read_bytes() for file in (tmp_path / "out" / "data").iterdir()} == before
    assert len((tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()) == 98


def test_columns_may_be_named(tmp_path):
    table = pa.table({"photo": [png(n) for n in range(4)], "id": list("abcd"), "number": [1, 2, 3, 4], "kind": [0, 1, 0, 1]})
    source = written(table, tmp_path / "in.parquet")
    recipe = lv.Recipe([lv.brightness(by=lv.uniform(0.5, 0.9), when={"class": "1"})])
    told = lv.augment(source, tmp_path / "out", recipe, times=1, image="photo", key="number", label="kind")
    assert told.outputs == 8
    rows = read(tmp_path / "out" / "in.parquet")
    shown = [np.asarray(Image.open(io.BytesIO(row))) for row in rows.column("photo").to_pylist()]
    assert np.array_equal(shown[0], shown[1]) and np.array_equal(shown[3], recipe(smooth(20, 24, seed=1), key="2", label="1"))
    told = lv.Recipe.from_text("leaven: 1\nsource: {path_column: number, label_column: kind}\n" + recipe.yaml.partition("\n")[2])
    lv.augment(source, tmp_path / "told", told, times=1, image="photo")
    assert read(tmp_path / "told" / "in.parquet").equals(rows)
    for wrong in ({"image": "picture"}, {"image": "photo", "key": "name"}, {"image": "photo", "label": "class"}):
        with pytest.raises(ValueError, match="column"):
            lv.augment(source, tmp_path / "wrong", recipe, times=1, **wrong)
    with pytest.raises(ValueError, match="columns of Parquet and Arrow files"):
        lv.augment(tmp_path, tmp_path.parent / "none", recipe, times=1, image="photo") if not source.unlink() else None


def test_what_recipes_ask_of_whole_datasets(pictures, tmp_path):
    source = written(pictures, tmp_path / "in.parquet")
    text = "leaven: 1\n{}\nsteps: [invert]\n"
    assert lv.augment(source, tmp_path / "twice", lv.Recipe.from_text(text.format("augment: {times: 2}")), times=None).outputs == 900
    with pytest.raises(ValueError, match="split:"):
        lv.augment(source, tmp_path / "split", lv.Recipe.from_text(text.format("split: {test: 0.5}")), times=1)
    with pytest.raises(ValueError, match="per_class"):
        lv.augment(source, tmp_path / "even", lv.Recipe.from_text(text.format("augment: {per_class: 9}")), times=None)


def test_numbers_of_tables_stay_to_the_last_digit(tmp_path):
    table = pa.table({
        "tiny": [1.234e-30, 2e-30, 3e-30],
        "long": [0.00012345678912345677, 1.23456789e-12, 5.0],
        "id": pa.array([2**63 + 1, 2**63 + 3, 2**63 + 5], pa.uint64()),
        "byte": pa.array([0, 128, 255], pa.uint8()),
        "few": pa.array([-128, 0, 127], pa.int8()),
    })
    made = lv.augment(table, recipe=lv.Recipe([lv.table_noise()], seed=7), times=20)
    originals = made.take(list(range(0, 63, 21)))
    for name in table.column_names:
        assert originals.column(name).to_pylist() == table.column(name).to_pylist(), name
    assert made.schema.types == table.schema.types
    assert len(set(made.column("long").to_pylist())) > 10


def test_what_cannot_be_is_refused(pictures, tmp_path):
    source = written(pictures, tmp_path / "in.parquet")
    with pytest.raises(ValueError, match="row by row"):
        lv.augment(source, tmp_path / "out", lv.Recipe([lv.mixup()]), times=1)
    (tmp_path / "broken.parquet").write_bytes(source.read_bytes()[:2000])
    with pytest.raises(ValueError, match="broken.parquet"):
        lv.augment(tmp_path / "broken.parquet", tmp_path / "out", RECIPE, times=1)
    with pytest.raises(FileNotFoundError):
        lv.augment(tmp_path / "none.parquet", tmp_path / "out")


def test_what_hugging_face_saved_is_loaded_again_larger(tmp_path, photos):
    files = sorted(photos.rglob("*.png"))
    rows = datasets.Dataset.from_dict({"image": [str(file) for file in files], "label": [0] * len(files)}).cast_column("image", datasets.Image())
    datasets.DatasetDict({"train": rows, "test": rows}).save_to_disk(tmp_path / "saved")
    with pytest.warns(UserWarning, match="18 rows are called as another one is"):  # it keeps their files' names without folders
        lv.augment(tmp_path / "saved", tmp_path / "larger", lv.Recipe([lv.rotate(degrees=10)]), times=2)
    before, after = datasets.load_from_disk(tmp_path / "saved"), datasets.load_from_disk(tmp_path / "larger")
    assert {name: split.num_rows for name, split in after.items()} == {"train": 3 * len(files), "test": len(files)}
    assert after["train"][1]["image"].size == before["train"][0]["image"].size
    assert after["train"]._fingerprint != before["train"]._fingerprint
