"""Recipes written in Python: what they are, what they refuse, and with which words."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import leaven as lv


def this_line() -> int:
    import sys

    return sys._getframe(1).f_lineno


def test_steps_laws_and_containers_become_the_recipe_that_yaml_would_be():
    made = lv.Recipe(
        [
            lv.random_resized_crop(size=(32, 48)),
            lv.one_of([lv.gaussian_blur(sigma=lv.uniform(0.3, 1.5)), lv.rotate(degrees=lv.choice([0, 90]))], weights=[1, 3]),
            lv.some_of([lv.brightness(by=1.1), lv.contrast(by=1.2)], n=lv.integer(0, 2), p=0.5),
            lv.repeat([lv.hue(by=lv.truncated_normal(0, 0.1, -0.2, 0.2))], times=2),
            lv.with_probability([lv.random_order([lv.gamma(gamma=lv.log_uniform(0.5, 2)), "invert"])], p=0.25),
            lv.sequence([lv.saturation(by=lv.beta(2, 5, 0.5, 1.5))], when={"class": "cat"}),
            {"cutout": {"holes": 2}},
        ],
        seed=11,
    )
    written = lv.Recipe.from_text(
        """
leaven: 1
seed: 11
steps:
  - random_resized_crop: {height: 32, width: 48}
  - one_of:
      steps:
        - gaussian_blur: {sigma: {uniform: [0.3, 1.5]}}
        - rotate: {degrees: {choice: [0, 90]}}
      weights: [1, 3]
  - some_of: {n: {int: [0, 2]}, p: 0.5, steps: [{brightness: {by: 1.1}}, {contrast: {by: 1.2}}]}
  - repeat: {times: 2, steps: [{hue: {by: {truncated_normal: [0, 0.1, -0.2, 0.2]}}}]}
  - with_probability: {p: 0.25, steps: [{random_order: [{gamma: {gamma: {log_uniform: [0.5, 2]}}}, invert]}]}
  - sequence: {when: {class: cat}, steps: [{saturation: {by: {beta: [2, 5, 0.5, 1.5]}}}]}
  - cutout: {holes: 2}
"""
    )
    assert made.yaml == written.yaml
    assert made == written and hash(made) == hash(written)
    assert made.seed == 11


def test_yaml_reads_back_and_files_load(tmp_path):
    recipe = lv.Recipe([lv.horizontal_flip(p=0.5)], seed=3)
    (tmp_path / "mine.yaml").write_text(recipe.yaml)
    assert lv.Recipe.load(tmp_path / "mine.yaml") == recipe
    assert lv.Recipe.load(str(tmp_path / "mine.yaml"), seed=9).seed == 9
    assert lv.Recipe.from_text(recipe.yaml) == recipe


def test_every_preset_loads():
    assert {"light", "medium", "strong"} <= set(lv.presets())
    for name in lv.presets():
        assert "steps:" in lv.Recipe.preset(name, seed=1).yaml


def test_a_law_shows_itself_as_it_is_written():
    for law, text in (
        (lv.uniform(0, 1), "uniform(0, 1)"),
        (lv.integer(1, 3), "integer(1, 3)"),
        (lv.choice(["a", "b"], weights=[1, 2]), "choice(['a', 'b'], weights=[1, 2])"),
        (lv.normal(0, 2), "normal(0, 2)"),
    ):
        assert repr(law) == text
    assert repr(lv.one_of([lv.rotate(degrees=3)], p=0.5)) == "one_of([rotate(degrees=3)], p=0.5)"


def test_numbers_of_numpy_are_numbers():
    assert lv.Recipe([lv.rotate(degrees=np.float64(3))]) == lv.Recipe([lv.rotate(degrees=3.0)])
    assert lv.Recipe([lv.normalize(mean=np.array([0.5, 0.5, 0.5]))]) == lv.Recipe([lv.normalize(mean=(0.5, 0.5, 0.5))])


def test_an_unknown_field_is_a_type_error_with_the_nearest_name():
    with pytest.raises(TypeError, match=r"rotate\(\) has no field degres \(did you mean degrees\?\)"):
        lv.rotate(degres=3)


def test_an_unknown_argument_is_a_type_error_with_the_nearest_name():
    with pytest.raises(TypeError, match=r"Recipe\(\) has no argument sed \(did you mean seed\?\)"):
        lv.Recipe([], sed=1)
    with pytest.raises(ValueError, match="min_visibilty"):
        lv.Recipe([], labels={"min_visibilty": 0.1})


def test_a_picture_is_no_shape_to_plan_for():
    with pytest.raises(TypeError, match=r"shape is \(height, width\).*got a ndarray \(write image.shape\)"):
        lv.Recipe([]).plan(np.zeros((40, 50, 3), np.uint8))


def test_a_value_out_of_range_names_rule_value_and_the_line_in_python():
    with pytest.raises(ValueError) as caught:
        line = this_line() + 1
        lv.gaussian_blur(sigma=99)
    assert str(caught.value) == f"{__file__}:{line}: gaussian_blur: sigma must be in [0, 32] px, got 99"


def test_a_step_inside_a_container_is_found_by_its_own_line(image):
    line = this_line() + 3
    recipe = lv.Recipe(
        [
            lv.one_of([lv.with_probability([lv.table_jitter()], p=1)]),
        ]
    )
    with pytest.raises(ValueError) as caught:
        recipe(image)
    assert str(caught.value).startswith(f"{__file__}:{line}: ") and "works on tables" in str(caught.value)


def test_unknown_ops_in_text_are_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match=r"unknown op rotat \(did you mean rotate\?\)") as caught:
        line = this_line() + 1
        lv.Recipe([lv.rotate(), "rotat"])
    assert str(caught.value).startswith(f"{__file__}:{line}: ")
    with pytest.raises(ValueError, match=r"recipe:3:5: unknown op rotat"):
        lv.Recipe.from_text("leaven: 1\nsteps:\n  - rotat\n")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: lv.Recipe("horizontal_flip"),
        lambda: lv.Recipe([3]),
        lambda: lv.one_of(lv.rotate()),
        lambda: lv.Recipe([lv.rotate(degrees=object())]),
        lambda: lv.random_resized_crop(size=(1, 2, 3)),
        lambda: lv.random_resized_crop(size=32, width=32),
    ],
)
def test_what_is_no_step_is_a_type_error(wrong):
    with pytest.raises(TypeError):
        wrong()


def test_a_size_that_is_drawn_is_one_for_both_sides(image):
    recipe = lv.Recipe([lv.resize(size=lv.integer(20, 40), filter="nearest")], seed=2)
    shapes = {recipe(image, key=str(number)).shape for number in range(80)}
    assert len(shapes) > 12 and all(height == width and 20 <= width <= 40 for height, width, _ in shapes)
    recipe = lv.Recipe([lv.resize(size=lv.choice([(10, 20), 16], weights=[1, 3]), p=0.5)], seed=2)
    shapes = [recipe(image, key=str(number)).shape[:2] for number in range(400)]
    counts = [shapes.count(shape) for shape in ((60, 80), (16, 16), (10, 20))]
    assert sum(counts) == 400 and np.allclose(counts, [200, 150, 50], atol=40)
    for size, error in ((lv.uniform(20, 40), TypeError), (lv.integer(1, 5000), ValueError), (lv.choice([(1, 2, 3)]), TypeError)):
        with pytest.raises(error, match="size"):
            lv.resize(size=size)


def test_a_seed_that_is_none_is_refused_by_its_name():
    for seed, error in ((-1, ValueError), (2**63, ValueError), ("7", TypeError), (1.5, TypeError)):
        with pytest.raises(error, match="^seed must be "):
            lv.Recipe([], seed=seed)


def test_a_missing_file_is_file_not_found(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such recipe"):
        lv.Recipe.load(tmp_path / "none.yaml")


def test_a_broken_file_says_where():
    with pytest.raises(ValueError, match=r"recipe:1:1: .*leaven: 1"):
        lv.Recipe.from_text("steps: []")


def test_a_recipe_travels_by_pickle_with_its_counter(image):
    recipe = lv.Recipe([lv.rotate(degrees=lv.uniform(-30, 30))], seed=5)
    recipe(image)
    other = pickle.loads(pickle.dumps(recipe))
    assert other == recipe and other.calls == 1
    assert np.array_equal(other(image), recipe(image))


def test_it_shows_itself_as_text_and_as_a_table():
    recipe = lv.Recipe([lv.one_of([lv.rotate(degrees=3)]), lv.horizontal_flip(p=0.5)], seed=4)
    assert repr(recipe).startswith("leaven.Recipe.from_text(") and eval(repr(recipe), {"leaven": lv}) == recipe
    table = recipe._repr_html_()
    assert table.count("<tr>") == 4 and "seed 4" in table
    for word in ("one_of", "rotate", "degrees: 3", "horizontal_flip", "p: 0.5"):
        assert word in table


def test_the_plan_is_told():
    text = lv.Recipe([lv.horizontal_flip(), lv.vertical_flip()]).plan((40, 30, 3))
    assert "after fuse geometry" in text and "30×40×3 u8" in text
    with pytest.raises(TypeError, match="float64"):
        lv.Recipe([]).plan((4, 4, 3), "float64")


@pytest.mark.parametrize(
    ("write", "kind", "text"),
    [
        (lambda: lv.gaussian_noise(std=3), TypeError, "has no field std (it has sigma, per_channel, p, on, when)"),
        (lambda: lv.rotate(degres=3), TypeError, "did you mean degrees?"),
        (lambda: lv.rotate(30), TypeError, "takes its fields by name: rotate(degrees=30)"),
        (lambda: lv.Recipe(lv.rotate()), TypeError, "put it into [ ]"),
        (lambda: lv.Recipe([lv.rotate]), TypeError, "call it, rotate()"),
        (lambda: lv.rotation, AttributeError, "did you mean rotate?"),
        (lambda: lv.Recipe([lv.hue()])("a.jpg"), TypeError, "read the file first"),
        (lambda: lv.Recipe([lv.hue()])([1, 2]), TypeError, "recipe.batch() takes several"),
        (lambda: lv.Recipe([lv.hue()])(np.zeros((3, 20, 30), np.uint8)), ValueError, "image.transpose(1, 2, 0)"),
        (lambda: lv.Recipe([lv.hue()])(np.zeros((9, 9, 3), np.uint8), bboxes=[]), TypeError, "did you mean boxes?"),
        (lambda: lv.Recipe([lv.hue()]).batch([np.zeros((9, 9, 3), np.uint8), "x"]), TypeError, "images[1]: an image is"),
        (lambda: lv.Recipe([]).batch([np.zeros((9, n, 3), np.uint8) for n in (8, 9)], threads=1), ValueError, "images[1]: images of one"),
    ],
)
def test_habits_of_others_are_answered(write, kind, text):
    with pytest.raises(kind) as told:
        write()
    assert text in str(told.value)


@pytest.mark.parametrize("op", ["table_noise", "table_jitter", "series_jitter", "series_time_warp"])
def test_lines_of_other_domains_are_refused(op):
    line = '{"id":"a","source":"a","copy":1,"steps":[{"op":"%s","version":1,"path":"%s","key":"%s","values":{}}]}' % (op, op, "0" * 32)
    with pytest.raises(ValueError):
        lv.Recipe([]).replay(line, np.zeros((4, 4, 3), np.uint8))


def test_stages_are_keyword_arguments():
    recipe = lv.Recipe([lv.horizontal_flip()], seed=5, labels={"min_visibility": 0.25}, decode="scaled", augment={"attempts": 3})
    same = lv.Recipe.from_text("leaven: 1\nseed: 5\ndecode: scaled\nlabels: {min_visibility: 0.25}\naugment: {attempts: 3}\nsteps: [horizontal_flip]\n")
    assert recipe == same
    prepared = lv.Recipe([lv.table_noise()], prepare=[lv.table_fill(with_="median"), lv.table_scale()])
    assert "table_fill" in prepared.yaml and "table_scale" in prepared.yaml
    with pytest.raises(TypeError, match=r"Recipe\(\) has no argument label \(did you mean labels\?\)"):
        lv.Recipe([lv.horizontal_flip()], label={"min_visibility": 0.25})
