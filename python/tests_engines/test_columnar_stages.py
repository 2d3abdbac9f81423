"""What recipes and flags ask of Parquet files with pictures is obeyed, or refused by name; what is lost is said."""

from __future__ import annotations

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import ExifTags, Image, ImageCms

import leaven as lv
from conftest import smooth
from leaven.__main__ import main

RECIPE = lv.Recipe([lv.rotate(degrees=lv.uniform(-30, 30))], seed=4)
CAMERA = "SECRETCAM"


def picture(number=0, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(smooth(20, 24, seed=number)).save(file, kind, **options)
    return file.getvalue()


def photo():
    """Turned, with a place, a camera and a colour profile."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = CAMERA, 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return picture(3, "JPEG", exif=exif, icc_profile=profile, comment=CAMERA.encode())


PHOTO = photo()  # profiles tell the time


@pytest.fixture
def rows():
    return pa.table({"id": [f"{n}.png" for n in range(20)], "image": [picture(n) for n in range(20)], "label": ["a"] * 14 + ["b"] * 6})


def augmented(tmp_path, rows, recipe=RECIPE, out="out", **options):
    """What augment() says, the rows that it wrote, their lines, and those of what was set aside."""
    pa.parquet.write_table(rows, tmp_path / "in.parquet")
    told = lv.augment(tmp_path / "in.parquet", tmp_path / out, recipe, **{"times": 1, "overwrite": True, **options})
    lines = [[json.loads(line) for line in (tmp_path / out / f"leaven.{name}.jsonl").read_text().splitlines()] for name in ("lineage", "set_aside")]
    return told, pa.parquet.read_table(tmp_path / out / "in.parquet"), *lines


def text(stages, steps="[invert]"):
    return lv.Recipe.from_text(f"leaven: 1\n{stages}\nsteps: {steps}\n")


@pytest.mark.parametrize("times", [0, 1])
@pytest.mark.parametrize("nested", [False, True])
def test_no_row_tells_where_or_with_what_it_was_taken(tmp_path, nested, times):
    column = pa.array([{"bytes": PHOTO, "path": "x.jpg"}]) if nested else pa.array([PHOTO])
    table = pa.table({"id": ["x.jpg"], "image": column})

    def files(made):
        return [row["bytes"] if nested else row for row in made.column("image").to_pylist()]

    assert CAMERA.encode() in PHOTO
    _, made, lines, _ = augmented(tmp_path, table, times=times)
    assert made.num_rows == times + 1
    for file in files(made):
        shown = Image.open(io.BytesIO(file))
        assert CAMERA.encode() not in file and not shown.getexif().get_ifd(ExifTags.IFD.GPSInfo) and shown.info["icc_profile"]
    original = Image.open(io.BytesIO(files(made)[0]))
    assert original.getexif()[ExifTags.Base.Orientation] == 6 and lines[0]["encoding"] == "copied without metadata"
    assert np.array_equal(np.asarray(original), np.asarray(Image.open(io.BytesIO(PHOTO))))
    _, made, lines, _ = augmented(tmp_path, table, text("sink: {metadata: keep}"), times=times)
    assert files(made)[0] == PHOTO and lines[0]["encoding"] == "copied" and lines[0]["digest"] == lines[0]["source_digest"]


def test_a_file_beside_the_table_comes_into_it_bare(tmp_path):
    (tmp_path / "x.jpg").write_bytes(PHOTO)
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    cells = [{"bytes": None, "path": str(tmp_path / "x.jpg")}, {"bytes": None, "path": "gone.jpg"}, {"bytes": None, "path": None}, None]
    told, made, lines, aside = augmented(tmp_path, pa.table({"image": pa.array(cells, kind)}), text("max_bad: 1"))
    assert told.outputs == made.num_rows == len(lines) == 2
    assert all(CAMERA.encode() not in row["bytes"] for row in made.column("image").to_pylist())
    assert [line["kind"] for line in aside] == ["broken", "no_picture", "no_picture"] and "gone.jpg: is not there" in aside[0]["reason"]


def test_rows_without_a_picture_are_set_aside_and_all_others_have_their_line(tmp_path, rows):
    files = rows.column("image").to_pylist()
    files[3] = files[7] = None
    told, made, lines, aside = augmented(tmp_path, rows.set_column(1, "image", pa.array(files)))
    assert told.set_aside == {"no_picture": 2} and not told.too_many_broken
    assert [line["id"] for line in aside] == ["3.png", "7.png"]
    assert made.column("id").to_pylist() == [line["id"] for line in lines] and made.num_rows == told.outputs == 36


def test_amounts_and_originals_are_those_of_the_recipe(tmp_path, rows):
    told, made, lines, _ = augmented(tmp_path, rows, text("augment: {times: 2, originals: none}"), times=None)
    assert told.outputs == made.num_rows == len(lines) == 40
    assert made.column("id").to_pylist()[:3] == ["0_aug1.png", "0_aug2.png", "1_aug1.png"]
    for part, name in enumerate(("train", "test")):
        (tmp_path / "parts" / name).mkdir(parents=True)
        pa.parquet.write_table(rows.slice(10 * part, 10), tmp_path / "parts" / name / "0.parquet")
    told = lv.augment(tmp_path / "parts", tmp_path / "parted", text("augment: {originals: none}"), times=3)
    assert told.outputs == 40, "what does not grow stays"


def test_a_limit_takes_the_first_of_each_class_as_of_a_folder(tmp_path, rows):
    told, made, _, _ = augmented(tmp_path, rows, text("source: {limit: 5}\nclean: {duplicates: true}"))
    assert (told.sources, told.outputs) == (5, 10)
    ours = made.column("id").to_pylist()[::2]
    assert ours == ["0.png", "1.png", "2.png", "14.png", "15.png"]
    for name, file, label in zip(*(rows.column(name).to_pylist() for name in ("id", "image", "label"))):
        (tmp_path / "folder" / label).mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / label / f"{int(name[:-4]):02}.png").write_bytes(file)
    lv.augment(tmp_path / "folder", tmp_path / "files", text("source: {limit: 5}"), times=0)
    theirs = sorted(path.stem for path in (tmp_path / "files").rglob("*.png"))
    assert theirs == [f"{int(name[:-4]):02}" for name in ours]
    assert augmented(tmp_path, rows, text("source: {limit: 50}"))[0].sources == 20
    assert augmented(tmp_path, rows.drop_columns(["label"]), text("source: {limit: 3}"))[1].column("id").to_pylist()[::2] == ["0.png", "1.png", "2.png"]


def test_too_many_broken_rows_are_said_and_may_stop(tmp_path, rows, capsys):
    files = [b"junk" if n < 3 else file for n, file in enumerate(rows.column("image").to_pylist())]
    rows = rows.set_column(1, "image", pa.array(files))
    told, made, _, _ = augmented(tmp_path, rows)
    assert told.too_many_broken and told.set_aside == {"broken": 3} and made.num_rows == 34
    assert not augmented(tmp_path, rows, text("max_bad: 15%"))[0].too_many_broken
    assert lv.augment(tmp_path / "in.parquet", tmp_path / "out", text("max_bad: 10%"), times=1, overwrite=True).too_many_broken
    with pytest.raises(ValueError, match="0.png: "):
        augmented(tmp_path, rows, text("on_error: stop"))
    flags = ["augment", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out"), "--overwrite", "--quiet"]
    assert main([*flags]) == 1 and "3 of 20 rows could not be used" in capsys.readouterr().err
    assert main([*flags, "--on-error", "stop"]) == 1 and "leaven: 0.png: " in capsys.readouterr().err
    assert main([*flags, "--max-bad", "0.15"]) == main([*flags, "--max-bad", "15%"]) == 0
    assert main([*flags, "--max-bad", "0"]) == 1


def test_broken_rows_that_have_no_copies_are_found_too(tmp_path, rows):
    files = rows.column("image").to_pylist()
    files[2] = files[2][:-60]
    told, _, _, aside = augmented(tmp_path, rows.set_column(1, "image", pa.array(files)), times=0)
    assert told.outputs == 19 and [line["id"] for line in aside] == ["2.png"]


@pytest.mark.parametrize(
    "stages, words",
    [
        ("balance: random_over", "balance: is for whole datasets"),
        ("generate: {kind: mixture}", "generate: is for whole datasets"),
        ("augment: {total: 9}", "augment: total is for whole datasets"),
        ("augment: {together: '(.*)_'}", "augment: together is for whole datasets"),
        ("augment: {originals: link}", "augment: originals may be copy or none here"),
        ("source: {split_column: part}", "source: split_column is for whole datasets"),
        ("source: {format: folders}", "source: format is not for Parquet"),
        ("sink: {layout: npz}", "sink: layout is not for Parquet"),
        ("sink: {image_format: png, quality: 50}", "image_format png has no quality"),
        ("prepare: [table_scale]", "prepare: is for tables"),
        ("schema: {target: label}", "schema: is for tables"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_before_anything_is_written(tmp_path, rows, stages, words):
    with pytest.raises(ValueError, match=words):
        augmented(tmp_path, rows, text(stages), times=None)
    assert not (tmp_path / "out").exists()


def test_flags_of_the_program(tmp_path, rows, capsys):
    pa.parquet.write_table(rows.rename_columns(["number", "photo", "kind"]), tmp_path / "in.parquet")
    start = ["augment", str(tmp_path / "in.parquet"), "-o", str(tmp_path / "out"), "--image", "photo", "--times", "2"]
    assert main([*start, "--key", "number", "--label", "kind", "--limit", "6", "--originals", "none", "--dry-run"]) == 0
    assert "would make 12 rows of 6" in capsys.readouterr().out and not (tmp_path / "out").exists()
    assert main([*start, "--key", "number", "--label", "kind", "--limit", "6", "--originals", "none", "--image-format", "jpeg", "--quality", "50"]) == 0
    made = pa.parquet.read_table(tmp_path / "out" / "in.parquet")
    assert made.num_rows == 12 and made.column("kind").to_pylist().count("b") == 6
    assert all(file.startswith(b"\xff\xd8") for file in made.column("photo").to_pylist())
    for flag, value in (("--shard", "1/2"), ("--layout", "npz"), ("--together", "(.*)"), ("--input-format", "npz")):
        assert main([*start, "--overwrite", flag, value]) == 2
        assert f"leaven: {flag} is not for Parquet and Arrow files: " in capsys.readouterr().err
    for wrong in (["--nothing"], ["--times", "x"], ["--originals", "some"]):
        assert main([*start, *wrong]) == 2
        told = capsys.readouterr().err
        assert told.startswith("leaven: ") and "usage" not in told
    assert main([*start, "--overwrite", "--originals", "link"]) == 2


def test_rows_without_a_column_of_names_go_by_their_pictures(tmp_path, rows):
    _, made, lines, _ = augmented(tmp_path, rows.drop_columns(["id"]))
    assert made.num_rows == 40 and len({line["id"] for line in lines}) == 40
    again = RECIPE.arrow()(rows.drop_columns(["id"]).slice(4, 3)).column("image").to_pylist()
    assert again == made.column("image").to_pylist()[9:15:2], "wherever a row stands"


def test_names_that_come_twice_are_said(tmp_path, rows):
    twice = rows.set_column(0, "id", pa.array(["x", "x", *rows.column("id").to_pylist()[2:]]))
    with pytest.warns(UserWarning, match=r"1 row is called as another one is \(x\): .*the key"):
        augmented(tmp_path, twice)


def test_numbers_as_names_stay_what_they_are(tmp_path, rows):
    _, made, lines, _ = augmented(tmp_path, rows.set_column(0, "id", pa.array(range(20))))
    assert made.column("id").to_pylist()[:4] == [0, 0, 1, 1] and [line["id"] for line in lines[:4]] == ["0", "0_aug1", "1", "1_aug1"]


def test_columns_of_width_and_height_tell_the_size_of_the_copy(tmp_path, rows):
    sizes = {"width": [24] * 19 + [7], "height": [20] * 20}
    for name, values in sizes.items():
        rows = rows.append_column(name, pa.array(values, pa.int16()))
    _, made, _, _ = augmented(tmp_path, rows, lv.Recipe([lv.resize(width=10, height=8)]))
    assert made.column("width").to_pylist() == [24, 10] * 19 + [7, 7] and made.column("height").to_pylist() == [20, 8] * 19 + [20, 20]
    assert made.schema == rows.schema
    assert lv.Recipe([lv.resize(width=10, height=8)]).arrow()(rows).column("height").to_pylist() == [8] * 19 + [20]
