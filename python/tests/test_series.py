"""Time series in memory: the same values that a job writes, of whatever kind they came in."""

from __future__ import annotations

import json

import numpy as np
import pytest

import leaven as lv

RECIPE = lv.Recipe([lv.series_jitter(sigma=0.1), lv.series_scaling(sigma=0.2)], seed=3)


def waves(count, length=40, channels=2):
    time = np.linspace(0, 6, length)
    return np.array([[np.sin(time * (n + 1) + c) for c in range(channels)] for n in range(count)])


def test_the_same_values_as_a_job_writes(tmp_path):
    rows = waves(6, channels=1)[:, 0]
    lines = [f"{n % 2}\t" + "\t".join(repr(float(v)) for v in row) for n, row in enumerate(rows)]
    source = tmp_path / "waves_TRAIN.tsv"
    source.write_text("\n".join(lines) + "\n")
    lv.augment(source, tmp_path / "out", RECIPE, times=1, progress=False)
    records = [json.loads(line) for line in (tmp_path / "out" / "leaven.lineage.jsonl").read_text().splitlines()]
    copies = [number for number, record in enumerate(records) if record["copy"] == 1]
    written = (tmp_path / "out" / "waves_TRAIN.tsv").read_text().splitlines()
    for row, number in zip(rows, copies):
        made = RECIPE.series(row, key=records[number]["source"])
        assert np.allclose(made, [float(cell) for cell in written[number].split("\t")[1:]], rtol=1e-8, atol=1e-12)


def test_kinds_and_layouts_come_back_as_they_were():
    x = waves(1)[0]
    made = RECIPE.series(x, key="a")
    assert made.shape == (2, 40) and made.dtype == np.float64 and not np.array_equal(made, x)
    assert np.array_equal(RECIPE.series(x.T, key="a", layout="TC"), made.T)
    assert RECIPE.series(x[0].astype(np.float32), key="a").dtype == np.float32
    assert RECIPE.series(list(range(9)), key="a").shape == (9,)
    assert not np.array_equal(RECIPE.series(x, key="a", copy=2), made)
    assert not np.array_equal(RECIPE.series(x, key="a", epoch=2), made)
    assert np.array_equal(RECIPE.series(x, key="a"), made)
    assert not np.array_equal(RECIPE.series(x), RECIPE.series(x))  # calls without a key are counted


def test_stamps_and_marks_go_along():
    backwards = lv.Recipe([lv.series_reverse()])
    when = np.array(["2024-03-31T00:00", "2024-03-31T00:01", "2024-03-31T00:03"], "datetime64[m]")
    made = backwards.series([1.0, 2.0, 3.0], stamps=when, marks={"state": ["rest", "walk", None]}, key="a")
    assert made["values"].tolist() == [3, 2, 1] and made["marks"] == {"state": ["", "walk", "rest"]}
    assert np.all(np.diff(made["stamps"]) > np.timedelta64(0)) and made["stamps"][0] == when[0] and made["stamps"][-1] == when[-1]
    plain = backwards.series([1.0, 2.0, 3.0], stamps=[0, 1, 3], key="a")
    assert plain["stamps"].tolist() == [0, 2, 3] and "marks" not in plain


@pytest.mark.parametrize("unit", ["D", "s", "us"])
def test_stamps_may_span_centuries(unit):
    backwards = lv.Recipe([lv.series_reverse()])
    when = np.array(["1492-10-12", "1789-07-14", "2262-12-31"], f"datetime64[{unit}]")
    made = backwards.series([1.0, 2.0, 3.0], stamps=when, key="a")["stamps"]
    expected = [when[0], when[0] + (when[2] - when[1]), when[2]]
    assert np.abs((made - expected) / np.timedelta64(1, "ms")).max() < 1
    with pytest.raises(ValueError, match="sample 1 is NaT"):
        backwards.series([1.0, 2.0], stamps=np.array(["2020-01-01", "NaT"], "datetime64[s]"))


def test_missing_values_stay_missing_and_a_step_may_name_a_channel():
    x = waves(1)[0]
    x[0, 5] = np.nan
    recipe = lv.Recipe.from_text("leaven: 1\nsteps:\n  - series_jitter: {sigma: 0.1, on: [left]}\n")
    made = recipe.series(x, names=["left", "right"], key="a")
    assert np.isnan(made[0, 5]) and np.array_equal(made[1], x[1]) and not np.array_equal(made[0, :5], x[0, :5])


def test_a_batch_is_its_series_one_by_one_for_any_threads():
    x = waves(20)
    keys = [str(n) for n in range(20)]
    made = RECIPE.series_batch(x, keys, threads=1)
    assert made.shape == x.shape
    assert np.array_equal(RECIPE.series_batch(x, keys, threads=2), made)
    assert np.array_equal(made, np.array([RECIPE.series(one, key=key) for one, key in zip(x, keys)]))
    ragged = RECIPE.series_batch([x[0], x[1][:, :30]], ["0", "1"])
    assert [one.shape for one in ragged] == [(2, 40), (2, 30)]


@pytest.mark.parametrize("layout", ["CT", "TC"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16])
@pytest.mark.parametrize("step", [lv.series_drift(), lv.series_resize(size=17), lv.series_mixup(partners="any", p=0.5)])
def test_an_array_and_its_list_become_the_same(layout, dtype, step):
    x = (waves(40) * 100).astype(dtype)
    if layout == "TC":
        x = x.transpose(0, 2, 1)
    recipe, keys, labels = lv.Recipe([lv.series_jitter(), step], seed=6), [str(n) for n in range(40)], [str(n % 3) for n in range(40)]
    options = {"labels": labels, "classes": 3, "layout": layout}
    whole, shares = recipe.series_batch(x, keys, threads=2, **options)
    single, of_single = recipe.series_batch(list(x), keys, threads=1, **options)
    assert np.array_equal(whole, single) and np.array_equal(shares, of_single)
    assert whole.dtype == single.dtype and whole.flags.c_contiguous
    assert np.array_equal(recipe.series_batch(x[::-1], keys[::-1], labels=labels[::-1], classes=3, layout=layout)[0], whole[::-1])


def test_an_array_may_become_series_of_any_length():
    recipe = lv.Recipe.from_text("leaven: 1\nsteps: [{series_resize: {size: {int: [3, 40]}}}]\n")
    x, keys = waves(70), [str(n) for n in range(70)]
    made = recipe.series_batch(x, keys)
    assert isinstance(made, list) and len({one.shape for one in made}) > 1
    assert all(np.array_equal(one, recipe.series(own, key=key)) for one, own, key in zip(made, x, keys))


def test_what_is_wrong_in_an_array_names_the_series():
    x = waves(5)
    x[3, 0, 2] = np.inf
    with pytest.raises(ValueError, match="series 3: .*infinity"):
        RECIPE.series_batch(x)
    with pytest.raises(ValueError, match="no channel"):
        lv.Recipe.from_text("leaven: 1\nsteps: [{series_jitter: {on: [left]}}]\n").series_batch(waves(2), ["a", "b"], names=["up", "down"])


def test_mixing_takes_series_of_the_batch_and_labels_become_shares():
    mixing = lv.Recipe([lv.series_mixup(partners="any", alpha=1)], seed=5)
    x = np.stack([np.zeros(12), np.ones(12)] * 4)
    labels = ["low", "high"] * 4
    made, soft = mixing.series_batch(x, [str(n) for n in range(8)], labels=labels, classes=["low", "high"])
    assert np.allclose(soft.sum(1), 1) and np.allclose(made[:, 0], soft[:, 1], atol=1e-6)
    assert len({round(float(one), 4) for one in made[:, 0]}) > 2
    other, _ = mixing.series_batch(x[::-1], [str(n) for n in reversed(range(8))], labels=labels[::-1], classes=["low", "high"])
    assert np.array_equal(other[::-1], made)  # partners go by keys, not by places
    with pytest.raises(ValueError, match="series_batch"):
        mixing.series(x[0])


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="shape"):
        RECIPE.series(np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="stamps must ascend, and that of sample 2"):
        RECIPE.series([1.0, 2, 3], stamps=[0, 2, 2])
    with pytest.raises(ValueError, match="layout must be CT"):
        RECIPE.series(waves(1)[0], layout="NTC")
    with pytest.raises(ValueError, match="brightness"):
        lv.Recipe([lv.brightness(by=2)]).series([1.0, 2, 3])
    with pytest.raises(ValueError, match="as many names of channels"):
        RECIPE.series(waves(1)[0], names=["one"])
    with pytest.raises(ValueError, match="label"):
        RECIPE.series_batch(waves(2), labels=["a"], classes=["a"])
    with pytest.raises(ValueError, match="infinity"):
        RECIPE.series([1.0, np.inf, 3])
    with pytest.raises(ValueError, match="say classes="):
        lv.Recipe([lv.series_mixup(partners="any")]).series_batch(waves(2), labels=["a", "b"])
