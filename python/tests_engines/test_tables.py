"""Against the real pandas, Polars, pyarrow, scikit-learn and imbalanced-learn: tables of numbers and words."""

from __future__ import annotations

import pickle

import numpy as np
import pandas
import polars
import pyarrow as pa
import pytest
from imblearn.pipeline import Pipeline
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.metrics import balanced_accuracy_score
from sklearn.preprocessing import StandardScaler

import leaven as lv
from leaven.sklearn import TableAugmenter, TablePreparer

NOISE = lv.Recipe([lv.table_noise()], seed=1)


@pytest.fixture
def frame():
    """Every kind of column, with missing cells."""
    rng = np.random.default_rng(1)
    return pandas.DataFrame({
        "age": pandas.array([17, 20, None, 41] * 5, dtype="Int64"),
        "price": rng.normal(20, 5, 20),
        "small": rng.random(20).astype(np.float32),
        "yes": [True, False] * 10,
        "code": pandas.Categorical(["1", "02", "a", None] * 5),
        "when": pandas.Timestamp("2024-03-31 02:30:00") + pandas.to_timedelta(np.arange(20), "h"),
        "income": ["<=50K", ">50K"] * 10,
    })


def test_a_data_frame_comes_back_with_its_columns_and_types(frame):
    made = NOISE(frame, epoch=1)
    assert isinstance(made, pandas.DataFrame) and list(made.columns) == list(frame.columns) and len(made) == len(frame)
    for name in ("yes", "code", "when", "income", "small", "price"):
        assert made[name].dtype == frame[name].dtype, name
    for name in ("yes", "code", "when", "income"):
        assert made[name].equals(frame[name]), name
    assert made["age"].isna().tolist() == frame["age"].isna().tolist() and (made["age"].dropna() % 1 == 0).all()
    assert (made["price"] != frame["price"]).all() and np.abs(made["price"] - frame["price"]).max() < 5
    assert made.equals(NOISE(frame, epoch=1)) and not made.equals(NOISE(frame, epoch=2))


def test_calls_without_an_epoch_never_repeat(frame):
    recipe = lv.Recipe([lv.table_noise()], seed=1)
    assert not recipe(frame).equals(recipe(frame)) and recipe.calls == 2


def test_an_epoch_that_is_given_is_that_epoch(frame):
    recipe = lv.Recipe([lv.table_noise()], seed=1)
    first = recipe(frame, epoch=0)
    assert recipe(frame, epoch=0).equals(first) and recipe.calls == 0
    assert first["price"].tolist() == lv.augment(frame, recipe=recipe, times=1)["price"].tolist()[1::2]
    without = [recipe(frame) for _ in range(2)]
    given = [recipe(frame, epoch=epoch) for epoch in range(3)]
    assert recipe.calls == 2 and not any(a.equals(b) for a in without for b in given)


def test_polars_and_arrow_say_the_same(frame):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    made = NOISE(table, epoch=1)
    assert isinstance(made, pa.Table) and made.schema.types == table.schema.types
    assert made.to_pandas().equals(NOISE(frame, epoch=1)[list(frame.columns)])
    framed = NOISE(polars.from_arrow(table), epoch=1)
    assert isinstance(framed, polars.DataFrame) and framed["price"].to_list() == made["price"].to_pylist()
    assert NOISE(table.slice(0, 0), epoch=1).num_rows == 0


def test_augment_makes_a_longer_frame_and_balances_it(frame):
    made = lv.augment(frame, recipe=NOISE, times=2)
    assert len(made) == 60 and made.iloc[::3].reset_index(drop=True)["price"].equals(frame["price"])
    uneven = frame.iloc[[*range(0, 20, 2), 1, 3, 5]]
    balanced = lv.augment(uneven, recipe=lv.Recipe.from_text("leaven: 1\nbalance: random_over\nsteps: []\n"), times=None, target="income")
    assert balanced["income"].value_counts().to_dict() == {"<=50K": 10, ">50K": 10}
    assert len(lv.augment(frame, times=1)) == 40


def test_whole_numbers_stay_exact_where_new_rows_leave_them_empty():
    ids = np.arange(2**53 + 1, 2**53 + 41)
    frame = pandas.DataFrame({
        "id": ids,
        "x": np.linspace(0, 1, 40),
        "seen": pandas.array([None, 1, 2, 3] * 10, dtype="Int64"),
        "word": pandas.array(["a", None] * 20, dtype="string"),
        "y": ["u"] * 30 + ["v"] * 10,
    })
    balanced = lv.augment(frame, recipe=lv.Recipe.from_text("leaven: 1\nbalance: auto\nsteps: []\n"), times=None, target="y")
    assert balanced["id"].dtype == "Int64" and balanced["id"][:40].tolist() == ids.tolist() and balanced["id"][40:].isna().all()
    assert balanced["seen"].dtype == "Int64" and balanced["word"].dtype == "string" and len(balanced) == 60
    assert balanced.iloc[:40][["seen", "word", "x"]].equals(frame[["seen", "word", "x"]])


def test_columns_that_no_step_knows_go_through_as_they_are():
    seconds = [None, 0, 5, 86399]
    table = pa.table({
        "x": [1.5, 2.5, 3.5, 4.5],
        "nothing": pa.nulls(4),
        "took": pa.array([-(2**62), None, 0, 7], pa.duration("ns")),
        "waited": pa.array([1, 2, 3, None], pa.duration("s")),
        "opens": pa.array(seconds, pa.time32("s")),
        "exactly": pa.array([None if one is None else one * 10**9 + 1 for one in seconds], pa.time64("ns")),
        "zoned": pa.array([0, None, 10**12, -1], pa.timestamp("ms", "Europe/Berlin")),
        "day": pa.array([0, None, 20000, -1], pa.date32()),
        "word": pa.array(["a", None, "b", "c"], pa.string_view()),
        "often": pa.array([1, 2, 1, None], pa.duration("ms")).dictionary_encode(),
    })
    made = NOISE(table, epoch=1)
    assert made.schema.types == table.schema.types and made.column("x") != table.column("x")
    for name in table.column_names[1:]:
        assert made.column(name).to_pylist() == table.column(name).to_pylist(), name
    longer = lv.augment(table, recipe=NOISE, times=2)
    assert longer.column("exactly").to_pylist() == [one for one in table.column("exactly").to_pylist() for _ in range(3)]
    assert lv.augment(polars.from_arrow(table.select(["x", "took", "nothing"])), recipe=NOISE, times=1).height == 8
    with pytest.raises(ValueError, match="holds numbers, words and times"):
        NOISE(pa.table({"x": pa.array([b"abc"], pa.binary(3))}))


def test_what_a_table_cannot_be(frame):
    with pytest.raises(ValueError, match="there is no column wage, only age"):
        lv.augment(frame, recipe=NOISE, target="wage")
    with pytest.raises(ValueError, match="finite numbers, got infinity"):
        NOISE(pandas.DataFrame({"x": [1.0, np.inf]}))
    with pytest.raises(ValueError, match="column x: a table for augmentation holds numbers, words and times"):
        NOISE(pa.table({"x": [[1, 2], [3]]}))
    with pytest.raises(TypeError, match="no key"):
        NOISE(frame, key="a")
    with pytest.raises(ValueError, match="horizontal_flip"):
        lv.Recipe([lv.horizontal_flip()])(frame)
    assert NOISE(frame[["when"]], epoch=1).equals(frame[["when"]])  # a frame of times alone goes through


def test_so_many_rows_as_asked_or_an_error(frame):
    def ruled(rule):
        return lv.Recipe.from_text(f"leaven: 1\nconstraints: [{rule}]\nsteps: [table_jitter]\n")

    with pytest.raises(ValueError, match="20 rows that were asked for could not be made: no draw holds the constraint match of income"):
        lv.augment(frame, recipe=ruled("{match: {column: income, regex: none}}"), times=1)
    with pytest.warns(UserWarning, match="rows were left out: the row breaks the constraint range"):
        longer = lv.augment(frame, recipe=ruled("{range: {column: price, lo: 20, hi: 22}}"), times=1)
    assert longer["price"].between(20, 22).all() and len(longer) < 40
    with pytest.raises(TypeError, match="got LazyFrame .collect"):
        lv.augment(polars.from_pandas(frame[["price"]]).lazy())


def test_nan_is_no_null_where_the_table_tells_them_apart():
    table = pa.table({"x": pa.array([1.5, float("nan"), None, 4.25]), "y": pa.array([1.0, 2.0, 3.0, None], pa.float32())})
    longer = lv.augment(table, recipe=NOISE, times=2).column("x").to_pylist()
    for row, cell in enumerate(longer):
        assert (cell is None) == (row // 3 == 2) and (cell is not None and cell != cell) == (row // 3 == 1), row
    made = NOISE(polars.from_arrow(table), epoch=1)
    assert made["x"].is_nan().to_list() == [False, True, None, False] and made["x"].is_null().to_list() == [False, False, True, False]
    filled = lv.Recipe([lv.table_fill(with_="constant", value=7)])(table, epoch=1)
    assert filled.column("x").to_pylist()[1:3] == [7, 7]


def test_samplers_give_targets_back_as_what_they_were():
    rng = np.random.default_rng(1)
    rows = pandas.DataFrame(rng.normal(size=(60, 3)), columns=list("abc"))
    words = pandas.Series(np.where(np.arange(60) % 6, "well", "ill"), name="state", dtype="category")
    smote = TableAugmenter(lv.Recipe.from_text("leaven: 1\nbalance: smote\nsteps: []\n"))
    _, made = smote.fit_resample(rows, words)
    assert isinstance(made, pandas.Series) and made.name == "state" and made.dtype == words.dtype
    assert made.value_counts().to_dict() == {"well": 50, "ill": 50}
    _, made = smote.fit_resample(polars.from_pandas(rows), polars.Series("state", words.tolist()))
    assert isinstance(made, polars.Series) and made.name == "state" and len(made) == 100
    _, made = smote.fit_resample(rows.to_numpy(), words.to_numpy())
    assert isinstance(made, np.ndarray)


def test_a_preparer_says_its_columns():
    frame = pandas.DataFrame({"x": [1.0, 2.0, None], "c": ["u", "v", "u"]})
    ours = TablePreparer(lv.Recipe([lv.table_fill(), lv.table_one_hot()])).fit(frame)
    assert ours.get_feature_names_out().tolist() == ["x", "c", "c=u", "c=v"] == list(ours.transform(frame).columns)


def test_a_preparer_learns_and_takes_back_as_scikit_learn_does():
    rng = np.random.default_rng(2)
    train, other = rng.normal(3, 2, (200, 3)), rng.normal(3, 2, (50, 3))
    train[::7, 1] = np.nan
    recipe = lv.Recipe([lv.table_fill(with_="median"), lv.table_scale(method="z_score")])
    ours = TablePreparer(recipe).fit(train)
    fill = SimpleImputer(strategy="median").fit(train)
    scale = StandardScaler().fit(fill.transform(train))
    for rows in (train, other):
        np.testing.assert_allclose(ours.transform(rows), scale.transform(fill.transform(rows)), rtol=0, atol=1e-9)  # scaled numbers have nine decimals
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(other)), other, atol=1e-8)
    again = pickle.loads(pickle.dumps(ours))
    assert np.array_equal(again.transform(other), ours.transform(other)) and again.fitted()
    framed = TablePreparer(recipe).fit_transform(pandas.DataFrame(train, columns=list("abc")))
    np.testing.assert_allclose(framed.to_numpy(), ours.transform(train), rtol=0, atol=1e-12)


def test_a_preparer_refuses_other_columns_than_it_learnt_from():
    rows = np.random.default_rng(4).normal(size=(40, 3))
    ours = TablePreparer(lv.Recipe([lv.table_scale(method="z_score")])).fit(rows)
    for count in (2, 4):
        with pytest.raises(ValueError, match=f"learnt from 3 columns, and the table has {count}"):
            ours.transform(np.zeros((5, count)))
    framed = TablePreparer(lv.Recipe([lv.table_scale(method="z_score")])).fit(pandas.DataFrame(rows, columns=list("abc")))
    with pytest.raises(ValueError, match="learnt from a column b, and the table has only a, c, d"):
        framed.transform(pandas.DataFrame(rows, columns=list("acd")))


def test_a_pipeline_resamples_in_fit_alone():
    rng = np.random.default_rng(3)
    X = np.concatenate([rng.normal(0, 1, (300, 4)), rng.normal(1.2, 1, (30, 4))])
    y = np.array([5] * 300 + [9] * 30)
    balance = TableAugmenter(lv.Recipe.from_text("leaven: 1\nseed: 2\nbalance: smote\nsteps: []\n"))
    rows, targets = balance.fit_resample(X, y)
    assert rows.shape == (600, 4) and (targets == 9).sum() == 300 and targets.dtype == y.dtype
    # Every new row lies between two of its class.
    small = X[y == 9]
    new = rows[330:]
    assert (new >= small.min(axis=0) - 1e-9).all() and (new <= small.max(axis=0) + 1e-9).all()
    model = Pipeline([("balance", balance), ("model", RandomForestClassifier(50, random_state=0))]).fit(X, y)
    assert model.predict(X).shape == (330,) and balanced_accuracy_score(y, model.predict(X)) > 0.9
