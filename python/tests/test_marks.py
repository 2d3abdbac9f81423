"""Labels follow the pixels: masks, boxes, keypoints, polygons."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth

FLIP = lv.Recipe([lv.horizontal_flip()])
CROP = lv.Recipe([lv.crop(x=20, y=10, width=40, height=30)])
TURN = lv.Recipe([lv.rotate(degrees=lv.uniform(-40, 40)), lv.random_resized_crop(size=32), lv.normalize()], seed=3)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "uint16", "int32", "int64", "float16", "float32", "float64"])
@pytest.mark.parametrize("channels", [None, 1, 2, 3, 5])
def test_masks_of_any_type_move_by_whole_pixels(dtype, channels, image):
    shape = image.shape[:2] if channels is None else (*image.shape[:2], channels)
    mask = (np.random.default_rng(1).integers(0, 2 if dtype == "bool" else 30000, shape) - (7 if dtype == "int64" else 0)).astype(dtype)
    made = FLIP(image=image, mask=mask)
    assert set(made) == {"image", "mask"} and np.array_equal(made["image"], image[:, ::-1])
    assert made["mask"].dtype == mask.dtype and np.array_equal(made["mask"], mask[:, ::-1])


def test_a_mask_moves_as_the_picture_does_and_fills_what_is_new():
    picture = np.zeros((40, 50), np.uint8)
    picture[10:30, 15:45] = 255
    turn = lv.Recipe([lv.affine(degrees=90), lv.affine(translate_x=0.2)])
    made = turn(image=picture, mask=picture.astype(np.int64), mask_fill=-1)
    inside = made["mask"] != -1
    assert set(np.unique(made["mask"])) == {-1, 0, 255} and 0 < (~inside).sum() < inside.sum()
    assert np.array_equal(made["mask"][inside], made["image"][inside])


def test_several_masks_come_back_as_they_came(image):
    stack = np.random.default_rng(2).integers(0, 9, (3, *image.shape[:2])).astype(np.uint8)
    assert np.array_equal(FLIP(image=image, masks=stack)["masks"], stack[:, :, ::-1])
    made = FLIP(image=image, mask=stack[0], masks=list(stack))
    assert isinstance(made["masks"], list) and np.array_equal(made["masks"][2], stack[2][:, ::-1])
    assert np.array_equal(made["mask"], stack[0][:, ::-1])
    assert FLIP(image=image, masks=[])["masks"] == []


def test_masks_of_pillow_keep_mode_and_palette(image):
    index = (smooth(60, 80, 1)[..., 0] // 100).astype(np.uint8)
    mask = Image.new("P", (80, 60))
    mask.putdata(index.ravel().tolist())
    mask.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    made = FLIP(image=Image.fromarray(image), mask=mask)
    assert made["mask"].mode == "P" and made["mask"].getpalette()[:9] == mask.getpalette()[:9]
    assert np.array_equal(np.asarray(made["mask"]), index[:, ::-1]) and isinstance(made["image"], Image.Image)


@pytest.mark.parametrize("name, row", [
    ("xyxy", [30, 12, 50, 32]), ("pascal_voc", [30, 12, 50, 32]), ("xywh", [30, 12, 20, 20]), ("coco", [30, 12, 20, 20]),
    ("cxcywh", [40, 22, 20, 20]), ("yolo", [40 / 80, 22 / 60, 20 / 80, 20 / 60]), ("xyxyn", [30 / 80, 12 / 60, 50 / 80, 32 / 60]),
    ("albumentations", [30 / 80, 12 / 60, 50 / 80, 32 / 60]),
])
def test_boxes_of_every_format_follow_a_crop_into_it(name, row, image):
    # The box (30, 12, 50, 32) of an 80×60 picture, seen through a crop of 40×30 at (20, 10): (10, 2, 30, 22).
    expected = {
        "xyxy": [10, 2, 30, 22], "xywh": [10, 2, 20, 20], "cxcywh": [20, 12, 20, 20],
        "yolo": [20 / 40, 12 / 30, 20 / 40, 20 / 30], "xyxyn": [10 / 40, 2 / 30, 30 / 40, 22 / 30],
    }
    known = {"pascal_voc": "xyxy", "coco": "xywh", "albumentations": "xyxyn"}.get(name, name)
    made = CROP(image=image, boxes=np.array([row], np.float64), labels=["cat"], box_format=name)
    np.testing.assert_allclose(made["boxes"], [expected[known]], atol=1e-9)
    assert made["labels"] == ["cat"] and made["kept"].tolist() == [0]
    assert made["image"].shape == (30, 40, 3)


def test_boxes_and_labels_come_back_as_they_came(image):
    rows = [[1, 2, 11, 12, "far away"], [25, 15, 35, 25, "near"]]
    made = CROP(image=image, boxes=rows, labels=("a", "b"))
    assert made["boxes"] == [[5.0, 5.0, 15.0, 15.0, "near"]] and made["labels"] == ["b"]
    array = np.array([[25, 15, 35, 25, 7]], np.float32)
    made = CROP(image=image, boxes=array, labels=np.array([3]))
    assert made["boxes"].dtype == np.float32 and made["boxes"].tolist() == [[5, 5, 15, 15, 7]] and made["labels"].tolist() == [3]
    assert CROP(image=image, boxes=np.zeros((1, 4), int))["boxes"].shape == (0, 4)
    assert CROP(image=image, boxes=[], labels=[])["boxes"] == []
    assert CROP(image=image, boxes=np.zeros((0, 5)))["boxes"].shape == (0, 5)


def test_what_is_hardly_seen_is_dropped_as_the_labels_stage_says(image):
    # Of the second box a quarter lies in the crop.
    boxes = np.array([[25, 15, 35, 25], [10, 15, 30, 25], [10, 0, 30, 20]])
    text = "leaven: 1\nlabels: {{min_visibility: {}}}\nsteps: [{{crop: {{x: 20, y: 10, width: 40, height: 30}}}}]"
    kept = {share: lv.Recipe.from_text(text.format(share))(image=image, boxes=boxes)["kept"].tolist() for share in (0, 0.3, 0.6)}
    assert kept == {0: [0, 1, 2], 0.3: [0, 1], 0.6: [0]}


def test_a_required_label_is_never_lost(image):
    text = "leaven: 1\nlabels: {require: all}\naugment: {attempts: 100}\nsteps: [{random_crop: {width: 40, height: 30}}]"
    recipe = lv.Recipe.from_text(text)
    for key in "abcdefgh":
        assert len(recipe(image=image, boxes=[[0, 0, 10, 10]], key=key)["boxes"]) == 1
    never = lv.Recipe.from_text("leaven: 1\nlabels: {require: any}\nsteps: [{crop: {x: 40, y: 30, width: 9, height: 9}}]")
    with pytest.raises(ValueError, match="a required label was lost each time"):
        never(image=image, boxes=[[0, 0, 10, 10]])


def test_keypoints_count_pixels_from_the_centre_of_the_first():
    picture = np.zeros((30, 40), np.uint8)
    picture[7, 12] = 255
    made = FLIP(image=picture, keypoints=[(12, 7)])
    (x, y), = made["keypoints"]
    assert made["image"][int(y), int(x)] == 255
    turned = lv.Recipe([lv.rotate90(times=1)])(image=picture, keypoints=np.array([[12.0, 7.0]]))
    x, y = turned["keypoints"][0]
    assert turned["image"][int(round(y)), int(round(x))] == 255


def test_keypoints_that_leave_are_told_and_the_others_stay_in_place(image):
    points = np.array([[25.0, 15.0], [1, 1], [np.nan, np.nan]])
    made = CROP(image=image, keypoints=points)["keypoints"]
    np.testing.assert_allclose(made, [[5, 5], [np.nan, np.nan], [np.nan, np.nan]])
    marked = CROP(image=image, keypoints=[[25, 15, 2], [1, 1, 2], [30, 20, 1], [0, 0, 0]])["keypoints"]
    assert marked == [[5, 5, 2], [0, 0, 0], [10, 10, 1], [0, 0, 0]]
    all_gone = CROP(image=image, keypoints=np.zeros((2, 2)))["keypoints"]
    assert all_gone.shape == (2, 2) and np.isnan(all_gone).all()


def test_keypoints_of_things_go_with_their_boxes_and_change_sides_in_a_mirror(image):
    keypoints = np.array([[[30, 20], [40, 22], [50, 22]], [[2, 2], [3, 3], [4, 4]]], float)
    names = ["nose", "left_eye", "right_eye"]
    made = FLIP(image=image, boxes=[[28, 18, 52, 30], [0, 0, 9, 9]], keypoints=keypoints, keypoint_names=names, labels=[1, 2])
    assert made["keypoints"][0].tolist() == [[49, 20], [29, 22], [39, 22]]
    dropped = CROP(image=image, boxes=[[28, 18, 52, 30], [0, 0, 9, 9]], keypoints=keypoints, labels=[1, 2])
    assert dropped["labels"] == [1] and dropped["keypoints"].shape == (1, 3, 2)
    points = FLIP(image=image, boxes=[[28, 18, 52, 30]], keypoints=[(30, 20)])
    assert points["keypoints"] == [[49, 20]] and points["kept"].tolist() == [0]


def test_polygons_follow_and_are_cut_at_the_edge(image):
    square = [[10, 5], [30, 5], [30, 25], [10, 25]]
    made = CROP(image=image, polygons=[square, [np.array(square) + 20, np.array(square) + 22]], labels=["a", "b"])
    assert made["labels"] == ["a", "b"] and [len(thing) for thing in made["polygons"]] == [1, 2]
    corners = made["polygons"][0][0]
    assert corners.min(axis=0).tolist() == [0, 0] and corners.max(axis=0).tolist() == [10, 15]


def test_marks_follow_a_random_recipe_to_the_pixel():
    # A square of another colour is where its box says, whatever is drawn.
    recipe = lv.Recipe([lv.horizontal_flip(p=0.5), lv.random_resized_crop(size=(64, 48)), lv.brightness(by=lv.uniform(0.9, 1.1))], seed=5)
    picture = np.full((90, 120, 3), 40, np.uint8)
    picture[30:60, 40:90] = 200
    seen = 0
    for key in range(20):
        made = recipe(image=picture, boxes=[[40, 30, 90, 60]], mask=(picture[..., 0] > 100), key=str(key))
        if not made["boxes"]:
            continue
        seen += 1
        rows, columns = np.nonzero(made["image"][..., 0] > 110)
        left, top, right, bottom = made["boxes"][0]
        np.testing.assert_allclose([left, top, right, bottom], [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], atol=1.01)
        assert (made["mask"] != (made["image"][..., 0] > 110)).mean() < 0.08
    assert seen > 10


def test_the_picture_is_the_same_with_and_without_its_marks(image):
    made = TURN(image=image, mask=image[..., 0], boxes=[[10, 10, 50, 50]], key="a", epoch=2)
    assert np.array_equal(made["image"], TURN(image=image, key="a", epoch=2))
    first = lv.Recipe.from_text(TURN.yaml)
    unkeyed = [first(image=image, mask=image[..., 0])["image"], first(image=image)]
    assert first.calls == 2 and not np.array_equal(*unkeyed)


def test_samples_carry_their_marks(image):
    sample = {"image": image, "mask": image[..., 0], "boxes": [[30, 12, 50, 32]], "labels": [4], "id": 9}
    made = CROP(sample)
    assert made["id"] == 9 and made["boxes"] == [[10, 2, 30, 22]] and made["labels"] == [4] and made["mask"].shape == (30, 40)
    columns = {name: [value, value] for name, value in sample.items()}
    many = CROP(columns)
    assert many["boxes"] == [made["boxes"]] * 2 and many["id"] == [9, 9] and len(many["mask"]) == 2
    assert FLIP({"image": image, "labels": [1, 2]})["labels"] == [1, 2]
    with pytest.raises(ValueError, match="objects would stay where it is"):
        CROP({"image": image, "objects": {"bbox": []}})


@pytest.mark.parametrize("wrong, message", [
    ({"boxes": [[50, 10, 30, 20]]}, r"boxes\[0\] ends before it begins"),
    ({"boxes": [[100, 10, 130, 20]], "box_format": "yolo"}, "parts of the image"),
    ({"boxes": [[1, 2, 3, 4]], "box_format": "xyyx"}, "box_format must be one of"),
    ({"boxes": [[1, 2, 3]]}, "rows of four numbers"),
    ({"boxes": [[1, 2, 3, float("nan")]]}, "finite"),
    ({"boxes": [[1, 2, 3, 4]], "labels": [1, 2]}, "as many of each, got 1 boxes, 2 labels"),
    ({"keypoints": [1, 2, 3]}, "keypoints must be rows"),
    ({"keypoints": [[[1, 2], [3, 4]]], "keypoint_names": ["left", "right", "nose"]}, "3 keypoints"),
    ({"polygons": [[[1, 2], [3, 4]]]}, "at least 3 points"),
    ({"mask": np.zeros((3, 3), np.uint8)}, "the image's size"),
    ({"mask": np.zeros((10, 10))}, r"the image's size, 80×60 px, got \(10, 10\)"),
    ({"mask": np.array(["a"])}, "a mask must be numbers"),
])
def test_what_cannot_be_is_refused(wrong, message, image):
    with pytest.raises(ValueError, match=message):
        FLIP(image=image, **wrong)


def test_steps_that_labels_cannot_follow_are_refused(image):
    with pytest.raises(ValueError, match="polar: moves pixels in a way that labels cannot follow"):
        lv.Recipe([lv.polar()])(image=image, boxes=[[1, 2, 30, 40]])


def test_points_of_the_picture_survive_being_cut_apart():
    """Each point goes with its piece; none is lost, and things beside them stay their own."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (60, 90, 3), np.uint8)
    points = np.array([[5.0, 5.0], [40.0, 8.0], [80.0, 50.0]])
    shuffle = lv.Recipe([lv.grid_shuffle(columns=3, rows=2)], seed=1)
    made = shuffle(image=picture, keypoints=points, boxes=[[2, 2, 20, 20]], labels=["a"], key="x")
    assert made["kept"].tolist() == [0] and made["labels"] == ["a"]
    for (x, y), (to_x, to_y) in zip(points.astype(int), np.asarray(made["keypoints"]).astype(int)):
        assert np.array_equal(made["image"][to_y, to_x], picture[y, x])


def test_heatmaps_are_interpolated_as_pixels_are():
    """A heatmap that equals a channel of the picture goes where it goes; colours change the picture alone."""
    rng = np.random.default_rng(3)
    picture = rng.random((40, 60, 3), np.float32)
    moves = [lv.affine(degrees=17, scale=1.2), lv.perspective(distortion=0.2), lv.horizontal_flip()]
    made = lv.Recipe(moves, seed=2)(image=picture, heatmap=picture, key="x")
    assert np.abs(made["heatmap"] - made["image"]).max() < 1e-6
    coloured = lv.Recipe([*moves, lv.invert(), lv.cutout()], seed=2)(image=picture, heatmap=picture[..., 0], key="x")
    assert np.abs(coloured["heatmap"] - made["image"][..., 0]).max() < 1e-6


def test_heatmaps_have_any_range_type_and_number_of_channels():
    picture = np.zeros((20, 30, 3), np.uint8)
    heat = np.random.default_rng(1).normal(0, 50, (20, 30, 17))
    made = FLIP(image=picture, heatmap=heat, mask=picture[..., 0])
    assert made["heatmap"].dtype == heat.dtype
    assert np.allclose(made["heatmap"], heat[:, ::-1], atol=1e-5)
    assert FLIP(image=picture, heatmap=heat[..., :2].astype(np.float16))["heatmap"].dtype == np.float16
    assert FLIP({"image": picture, "heatmap": heat})["heatmap"].shape == heat.shape
    with pytest.raises(ValueError, match="of the image's size"):
        FLIP(image=picture, heatmap=heat[:5])


def test_keypoints_may_have_an_angle_and_a_size():
    """An arrow of two points is the oracle of the angle, the picture's scale that of the size."""
    picture = np.zeros((80, 100, 3), np.uint8)
    arrows = np.array([[40.0, 40.0, 2, 30.0, 6.0], [60.0, 30.0, 1, -100.0, 2.0]])
    tips = arrows[:, :2] + 0.01 * np.stack([np.cos(np.radians(arrows[:, 3])), -np.sin(np.radians(arrows[:, 3]))], axis=1)
    recipe = lv.Recipe([lv.horizontal_flip(), lv.affine(degrees=25, scale=1.3, shear_x=12), lv.perspective(distortion=0.1)], seed=4)
    moved = recipe(image=picture, keypoints=arrows, key="x")["keypoints"]
    ahead = recipe(image=picture, keypoints=tips, key="x")["keypoints"]
    told = np.degrees(np.arctan2(moved[:, 1] - ahead[:, 1], ahead[:, 0] - moved[:, 0]))
    assert np.abs((told - moved[:, 3] + 180) % 360 - 180).max() < 0.1
    assert moved[:, 2].tolist() == [2, 1]
    grown = lv.Recipe([lv.affine(scale=1.5)])(image=picture, boxes=[[0, 0, 90, 70]], keypoints=arrows[np.newaxis])
    assert np.allclose(grown["keypoints"][0, :, 4], [9, 3], atol=1e-6)
    assert (lv.Recipe([lv.crop(x=90, y=70, width=5, height=5)])(image=picture, keypoints=arrows)["keypoints"] == 0).all()
