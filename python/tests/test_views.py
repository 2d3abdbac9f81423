"""Test-time augmentation: views of a picture, and what is said of them back on it."""

import numpy as np
import pytest

import leaven as lv


def picture(height=40, width=60, channels=3):
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([(rows * 3 + columns * 2 + 40 * c) % 256 for c in range(channels)], axis=2).astype(np.uint8)


def test_the_first_view_is_the_picture_itself():
    image = picture()
    views = lv.Recipe([lv.horizontal_flip()]).views(image, copies=2)
    assert len(views) == 3 and [view.copy for view in views] == [0, 1, 2]
    assert np.array_equal(views[0].image, image)
    assert np.array_equal(views[1].image, image[:, ::-1])
    assert [view.copy for view in lv.Recipe([lv.horizontal_flip()]).views(image, 2, original=False)] == [1, 2]


def test_views_are_the_copies_of_a_call():
    recipe = lv.Recipe([lv.rotate(degrees=lv.uniform(-30, 30)), lv.brightness()], seed=3)
    views = recipe.views(picture(), 3, key="a", epoch=2)
    for view in views[1:]:
        assert np.array_equal(view.image, recipe(picture(), key="a", epoch=2, copy=view.copy))


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7, 21])
def test_heatmaps_of_any_channels_and_range_come_back(channels):
    image = picture()
    views = lv.Recipe([lv.horizontal_flip(), lv.crop(x=10, y=5, width=30, height=20)]).views(image, 1, original=False)
    truth = np.random.default_rng(channels).normal(0, 50, (40, 60, channels)).astype(np.float32)
    said = truth[:, ::-1][5:25, 10:40]
    back = views[0].back(heatmap=said)
    assert back.shape == truth.shape and back.dtype == np.float32
    shown = ~np.isnan(back[..., 0])
    assert shown.sum() == 600
    assert np.array_equal(back[shown], truth[shown])
    assert np.array_equal(np.isnan(views.merge(heatmaps=[said])), ~np.repeat(shown[..., None], channels, 2))


def test_the_first_view_is_ready_for_the_model_too():
    recipe = lv.Recipe([lv.rotate(degrees=90), lv.resize(size=(20, 30)), lv.normalize()])
    views = recipe.views(picture(), 1)
    assert {view.image.shape for view in views} == {(20, 30, 3)} and {view.image.dtype for view in views} == {np.dtype(np.float32)}
    assert np.array_equal(views[0].image, lv.Recipe([lv.resize(size=(20, 30)), lv.normalize()])(picture()))
    rows = np.repeat(np.arange(20, dtype=np.float32)[:, None], 30, 1)
    assert np.allclose(views[0].back(heatmap=rows)[:, 0], np.clip(np.arange(40) / 2 - 0.25, 0, 19))


def test_an_edge_is_not_dimmed():
    image = picture()
    view = lv.Recipe([lv.rotate(degrees=10)]).views(image, 1, original=False)[0]
    back = view.back(heatmap=np.full((40, 60), 7.0))
    shown = ~np.isnan(back)
    assert 0.5 < shown.mean() < 1 and np.allclose(back[shown], 7, atol=1e-3)


def test_a_flat_heatmap_stays_flat_and_a_coarse_one_is_stretched():
    views = lv.Recipe([lv.vertical_flip()]).views(picture(40, 40), 1)
    coarse = np.array([[1, 1], [5, 5]], np.float32)
    back = views[1].back(heatmap=coarse)
    assert back.shape == (40, 40)
    assert back[0, 0] == 5 and back[-1, -1] == 1


def test_merging_turned_views_finds_the_truth_again():
    image = picture(80, 100)
    recipe = lv.Recipe([lv.horizontal_flip(p=0.5), lv.affine(degrees=lv.uniform(-20, 20), scale=lv.uniform(0.9, 1.2)), lv.perspective()])
    views = recipe.views(image, 6, key="b")
    rows, columns = np.mgrid[0:80, 0:100]
    truth = (np.sin(rows / 15) + np.cos(columns / 20)).astype(np.float32)
    # The recipe on the truth itself is what a perfect model says of each view.
    said = [truth] + [recipe(image=truth, key="b", copy=copy, bounded=False) for copy in range(1, 7)]
    merged = views.merge(heatmaps=said)
    inner = merged[20:-20, 20:-20]
    assert np.abs(inner - truth[20:-20, 20:-20]).mean() < 0.03
    for how in ("median", "max", "min", "gmean"):
        assert views.merge(heatmaps=[np.abs(one) for one in said], how=how).shape == truth.shape


def test_masks_go_by_the_most_votes():
    image = picture()
    views = lv.Recipe([lv.horizontal_flip()]).views(image, 2)
    mask = np.zeros((40, 60), np.int64)
    mask[:, :10] = 70000
    wrong = np.full((40, 60), 3)
    assert np.array_equal(views[1].back(mask=mask[:, ::-1]), mask)
    assert np.array_equal(views.merge(masks=[wrong, mask[:, ::-1], mask[:, ::-1]]), mask)
    assert np.array_equal(views.merge(masks=[wrong, mask[:, ::-1], np.full((40, 60), 9)]), wrong)  # one vote each: the first
    cropped = lv.Recipe([lv.crop(x=0, y=0, width=30, height=40)]).views(image, 1, original=False)
    assert np.array_equal(cropped[0].back(mask=np.ones((40, 30), np.uint8), mask_fill=255)[0, [0, 59]], [1, 255])


def test_boxes_and_keypoints_come_back_together():
    views = lv.Recipe([lv.horizontal_flip(), lv.resize(width=120, height=80)]).views(picture(), 1)
    said = views[1].back(
        boxes=[[10, 20, 30, 60]], keypoints=[[[11.5, 20.5], [28.5, 21.5]]], keypoint_names=["left_eye", "right_eye"], labels=["cat"]
    )
    assert said["boxes"] == [[45, 10, 55, 30]]
    assert said["labels"] == ["cat"]
    assert np.allclose(said["keypoints"], [[[44.75 + 0.25 - 0.25, 10.5], [53.5, 10.0]]], atol=0.6)
    assert said["keypoints"][0][0][0] < said["keypoints"][0][1][0]  # the mirror's left eye is the picture's right one


def test_boxes_of_all_views_in_one_list():
    views = lv.Recipe([lv.horizontal_flip()]).views(picture(), 1)
    merged = views.merge(boxes=[[[0, 0, 10, 10]], [[50, 0, 60, 10], [0, 5, 5, 10]]], scores=[[0.9], [0.8, 0.3]], labels=[[1], [1, 2]])
    assert np.array_equal(merged["boxes"], [[0, 0, 10, 10], [0, 0, 10, 10], [55, 5, 60, 10]])
    assert np.array_equal(merged["view"], [0, 1, 1])
    assert np.allclose(merged["scores"], [0.9, 0.8, 0.3]) and np.array_equal(merged["labels"], [1, 1, 2])
    none = views.merge(boxes=[[], []])
    assert none["boxes"].shape == (0, 4)


def test_scores_of_the_whole_picture_are_joined():
    views = lv.Recipe([lv.horizontal_flip()]).views(picture(), 1)
    assert np.allclose(views.merge(scores=[[0.2, 0.8], [0.6, 0.4]]), [0.4, 0.6])


def test_what_has_no_way_back_and_wrong_calls_are_refused():
    with pytest.raises(ValueError, match="grid_shuffle.*no way back"):
        lv.Recipe([lv.grid_shuffle()]).views(picture())
    views = lv.Recipe([lv.horizontal_flip()]).views(picture(), 1)
    with pytest.raises(TypeError, match="needs a prediction"):
        views[1].back()
    with pytest.raises(ValueError, match="one entry for each of the 2 views, got 1"):
        views.merge(heatmaps=[np.zeros((40, 60))])
    with pytest.raises(TypeError, match="one kind"):
        views.merge(heatmaps=[], masks=[])
    with pytest.raises(ValueError, match="how is one of"):
        views.merge(scores=[[1], [1]], how="sum")
    with pytest.raises(ValueError, match="mask"):
        views[1].back(mask=np.zeros((3, 3), np.uint8))
