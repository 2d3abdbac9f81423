"""What lies in an output of Parquet files is verified, explained, made again, and found by Hugging Face."""

from __future__ import annotations

import io
import json

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth
from leaven.__main__ import main

RECIPE = lv.Recipe([lv.rotate(degrees=lv.uniform(-30, 30))], seed=4)


@pytest.fixture
def made(tmp_path):
    """Two files of train and one of test in `in`, with copies in `out`; rows are called by whole paths."""
    files = []
    for number in range(9):
        file = io.BytesIO()
        Image.fromarray(smooth(20, 24, seed=number)).save(file, "PNG")
        files.append({"bytes": file.getvalue(), "path": f"/data/cats/{number}.png"})
    (tmp_path / "in").mkdir()
    for part, name in enumerate(("train-0", "train-1", "test-0")):
        pa.parquet.write_table(pa.table({"image": pa.array(files[3 * part :][:3]), "label": [0, 1, 0]}), tmp_path / "in" / f"{name}.parquet")
    lv.augment(tmp_path / "in", tmp_path / "out", RECIPE, times=1)
    return tmp_path


def told(capsys, *arguments):
    code = main([str(one) for one in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_whole_result_is_verified(made, capsys):
    assert told(capsys, "verify", made / "out")[:2] == (0, "15 outputs checked: 0 missing, 0 changed, 0 that no line names\n")


def test_what_has_changed_is_found(made, capsys):
    file = made / "out" / "train-1.parquet"
    rows = pa.parquet.read_table(file)
    cells = rows.column("image").to_pylist()
    cells[1]["bytes"] = cells[1]["bytes"] + b" "
    pa.parquet.write_table(rows.set_column(0, "image", pa.array(cells, rows.schema.field(0).type)).slice(0, 5), file)
    code, out, _ = told(capsys, "verify", made / "out")
    assert code == 1 and "15 outputs checked: 1 missing, 1 changed, 0 that no line names" in out
    assert "/data/cats/3_aug1.png: no row holds these bytes" in out and "/data/cats/5_aug1.png: no row" in out
    file.unlink()
    code, out, _ = told(capsys, "verify", made / "out")
    assert code == 1 and "train-1.parquet: is missing" in out and "6 missing, 0 changed" in out
    (made / "out" / "leaven.lineage.jsonl").unlink()
    code, _, err = told(capsys, "verify", made / "out")
    assert code == 2 and "holds no lineage" in err


@pytest.mark.parametrize("given", [[], ["--source", "moved"]])
def test_a_row_is_made_again(made, capsys, given, monkeypatch):
    monkeypatch.chdir(made)
    if given:
        (made / "in").rename("moved")
    line = next(line for line in (made / "out" / "leaven.lineage.jsonl").read_text().splitlines() if '"/data/cats/4_aug1.png"' in line)
    held = pa.parquet.read_table("out/train-1.parquet").column("image").to_pylist()[3]["bytes"]
    code, out, _ = told(capsys, "replay", "out/data/cats/4_aug1.png", "-o", "again.png", *given)
    assert code == 0 and "again.png: the same bytes as the lineage line says" in out and (made / "again.png").read_bytes() == held
    code, out, _ = told(capsys, "replay", "--line", line, "--source", "moved" if given else "in")
    assert code == 0 and "data/cats/4_aug1.png: the same bytes" in out
    assert told(capsys, "replay", "out/data/cats/4.png", *given)[0] == 0, "an original"


def test_a_row_is_explained(made, capsys, monkeypatch):
    monkeypatch.chdir(made)
    code, out, _ = told(capsys, "explain", "out/data/cats/4_aug1.png")
    page = (made / "4_aug1.explain.html").read_text()
    assert code == 0 and "rotate" in out and "page    4_aug1.explain.html" in out and f"leaven replay {made}/out/data/cats/4_aug1.png" in out
    assert "rotate" in page and "/tmp/leaven" not in page + out
    (made / "4_aug1.explain.html").unlink()
    assert told(capsys, "explain", "out/data/cats/4_aug1.png", "--no-page")[0] == 0 and not (made / "4_aug1.explain.html").exists()


def test_what_cannot_be_found_is_said(made, capsys):
    out = made / "out/data/cats"
    assert "did you mean /data/cats/4_aug1.png?" in told(capsys, "replay", out / "4_aug1.jpg")[2]
    code, _, err = told(capsys, "replay", out / "4_aug1.png", "--source", made / "nowhere")
    assert code == 2 and "--source says where the sources lie today" in err
    (made / "in" / "train-1.parquet").rename(made / "train-1.parquet")
    assert "/data/cats/4.png: is not in" in told(capsys, "explain", out / "4_aug1.png")[2]
    rows = pa.parquet.read_table(made / "train-1.parquet")
    cells = rows.column("image").to_pylist()
    cells[1]["bytes"] = cells[0]["bytes"]
    pa.parquet.write_table(rows.set_column(0, "image", pa.array(cells, rows.schema.field(0).type)), made / "in" / "train-1.parquet")
    assert "has changed" in told(capsys, "replay", out / "4_aug1.png")[2]
    assert told(capsys, "replay")[0] == 2


def test_rows_of_tables_say_that_they_are_not_checked(tmp_path, capsys):
    pa.parquet.write_table(pa.table({"x": np.linspace(0, 1, 9)}), tmp_path / "in.parquet")
    lv.augment(tmp_path / "in.parquet", tmp_path / "out", times=1)
    assert "rows of tables, which are not checked" in told(capsys, "verify", tmp_path / "out")[2]
    name = json.loads((tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()[1])["id"]
    assert "is a row of a table" in told(capsys, "explain", f"{tmp_path / 'out'}/{name}")[2]


def test_hugging_face_knows_the_data_from_what_lies_beside(made):
    loaded = datasets.load_dataset(str(made / "out"), cache_dir=str(made / "cache"))
    assert {name: split.num_rows for name, split in loaded.items()} == {"train": 12, "test": 3}
    assert lv.augment(made / "in", made / "out", RECIPE, times=2, overwrite=True).outputs == 21
    pa.parquet.write_table(pa.table({"x": [1.0, 2.0, 3.0]}), made / "one.parquet")
    lv.augment(made / "one.parquet", made / "numbers", times=1)
    assert datasets.load_dataset(str(made / "numbers"), cache_dir=str(made / "cache"))["train"].num_rows == 6
