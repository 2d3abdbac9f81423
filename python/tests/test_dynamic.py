"""Recipes whose strength follows a model: the rules by values worked by hand, epochs, states."""

import pickle

import numpy as np
import pytest

import leaven as lv

STEPS = [lv.rotate(degrees=lv.choice([20, -20])), lv.brightness(by=1.5), lv.horizontal_flip(p=0.5), lv.center_crop(width=6, height=6)]


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)


def test_strength_lies_between_nothing_and_the_recipe(picture):
    recipe = lv.Recipe(STEPS, seed=3)
    nothing = lv.Recipe([lv.center_crop(width=6, height=6)])
    assert np.array_equal(recipe.at_strength(0)(picture, key="a"), nothing(picture, key="a"))
    assert np.array_equal(recipe.at_strength(1)(picture, key="a"), recipe(picture, key="a"))
    half = recipe.at_strength(0.5).yaml
    assert "choice: [10, -10]" in half and "by: 1.25" in half and "p: 0.25" in half and "seed: 3" in half
    with pytest.raises(ValueError, match=r"strength must be in \[0, 1\], got 2"):
        recipe.at_strength(2)


def test_ent_augment_is_one_minus_entropy_and_begins_at_nothing(picture):
    recipe = lv.Recipe(STEPS).dynamic("ent_augment", classes=4)
    assert recipe.strength("a") == 0
    recipe.feedback(["a", "b", "c"], probs=[[1, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]])
    assert recipe.strength("a") == 0  # not before the epoch ends
    recipe.next_epoch()
    assert [recipe.strength(key) for key in "abcd"] == pytest.approx([1, 0, 0.5, 0], abs=1e-6)
    assert np.array_equal(recipe(picture, key="a"), lv.Recipe(STEPS)(picture, key="a"))
    assert np.array_equal(recipe(picture, key="c"), lv.Recipe(STEPS).at_strength(0.5)(picture, key="c"))
    assert recipe.curve == [0]


def test_cuda_goes_up_and_down_by_class():
    recipe = lv.Recipe(STEPS).dynamic("cuda", classes=["cat", "dog"])
    for _ in range(12):
        recipe.feedback(["a", "b"], probs=[[0.9, 0.1], [0.9, 0.1]], labels=["cat", "dog"])
        recipe.next_epoch()
    assert recipe.strength("any", "cat") == 1 and recipe.strength("any", "dog") == 0
    recipe.feedback(["a"], losses=[2.0], labels=["cat"])
    recipe.next_epoch()
    assert recipe.strength("any", "cat") == pytest.approx(0.9)
    with pytest.raises(TypeError, match="say label="):
        recipe.strength("a")
    with pytest.raises(ValueError, match="no class 'cow'"):
        recipe.strength("a", "cow")


def test_ada_rises_while_the_model_over_fits():
    recipe = lv.Recipe(STEPS).dynamic("ada", full=500_000)
    for _ in range(3):
        recipe.feedback([str(i) for i in range(256)], losses=np.zeros(256), held_out=[1.0])
        recipe.next_epoch()
    assert recipe.strength("new") == pytest.approx(3 * 256 / 500_000, rel=1e-12)
    for _ in range(5):
        recipe.feedback([str(i) for i in range(256)], losses=np.ones(256), held_out=1.0)
        recipe.next_epoch()
    assert recipe.strength("new") == 0
    recipe.feedback(["a"], losses=[1.0])
    with pytest.raises(ValueError, match="not trained on"):
        recipe.next_epoch()


def test_a_state_goes_on_where_it_was_taken():
    first, second = (lv.Recipe(STEPS).dynamic("ent_augment", classes=2) for _ in range(2))
    first.feedback(["a"], probs=[[0.9, 0.1]])
    first.next_epoch()
    first.feedback(["b"], probs=[[0.8, 0.2]])
    second.load_state_dict(first.state_dict())
    copy = pickle.loads(pickle.dumps(first))
    for recipe in (first, second, copy):
        recipe.next_epoch()
    for key in "ab":
        assert 0 < first.strength(key) == second.strength(key) == copy.strength(key)
    assert first.curve == second.curve == copy.curve
    with pytest.raises(ValueError, match="another recipe, rule"):
        lv.Recipe(STEPS).dynamic("ada").load_state_dict(first.state_dict())


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="did you mean ent_augment"):
        lv.Recipe(STEPS).dynamic("ent_augmnt", classes=2)
    with pytest.raises(ValueError, match="two classes"):
        lv.Recipe(STEPS).dynamic("ent_augment")
    recipe = lv.Recipe(STEPS).dynamic("ent_augment", classes=3)
    with pytest.raises(TypeError, match="one of both"):
        recipe.feedback(["a"])
    with pytest.raises(ValueError, match="3 classes"):
        recipe.feedback(["a"], probs=[[0.5, 0.5]])
    with pytest.raises(ValueError, match="as many"):
        recipe.feedback(["a", "b"], probs=[[0.5, 0.5, 0]])
    with pytest.raises(ValueError, match="probabilities of all classes"):
        recipe.feedback(["a"], losses=[0.1])
