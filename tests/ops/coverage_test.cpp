// What image augmentation libraries offer, row by row (volumes and spectrograms aside), and what covers it here: ops by
// name, or steps that a recipe reads. A row that nothing covers says why.
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "ops/families.hpp"
#include "recipe/recipe.hpp"

namespace leaven::ops {
namespace {

struct Row {
  std::string_view operation{};
  std::vector<std::string_view> ops{};  ///< all of them are in the table
  std::string_view steps{};             ///< a combination, as it stands in a recipe, one step a line
  std::string_view missing{};           ///< why nothing covers it
  std::string_view preset{};
};


const std::vector<Row>& geometry_rows() {
  static const std::vector<Row> rows{
      {"horizontal and vertical flip", {"horizontal_flip", "vertical_flip"}},
      {"transpose, the eight symmetries", {"transpose", "d4"}},
      {"rotation by quarter turns", {"rotate90"}},
      {"rotation by any angle", {"rotate"}},
      {"rotation on a fitted canvas", {}, "- rotate: {degrees: 20, canvas: fit}"},
      {"affine in one map", {"affine"}},
      {"translate, shear, scale alone", {"translate", "shear", "scale"}},
      {"matrix algebra", {}, "- rotate: {degrees: 20}\n- shear: {x: 5}\n- crop: {x: 3, y: 2}"},  // one map when fused
      {"perspective", {"perspective"}},
      {"elastic", {"elastic"}},
      {"grid distortion, grid elastic", {"grid_distortion", "elastic"}},
      {"piecewise affine", {"piecewise_affine"}},
      {"thin plate spline", {"thin_plate_spline"}},
      {"optical distortion, fisheye", {"optical_distortion"}},
      {"children in polar space", {"polar"}, "- polar\n- translate: {x: 0.1}\n- polar: {back: true}"},
      {"water refraction, sphere", {"water", "ripple", "sphere"}},
      {"pixel spread", {"pixel_spread"}},
      {"grid shuffle, jigsaw", {"grid_shuffle"}},
      {"morphology", {"morphology"}},
      {"remap by a map of the user's", {"remap"}},
  };
  return rows;
}

const std::vector<Row>& frame_rows() {
  static const std::vector<Row> rows{
      {"crop, centre crop, random crop", {"crop", "center_crop", "random_crop"}},
      {"random resized crop", {"random_resized_crop"}},
      {"random sized crop, crop from borders", {"random_sized_crop", "random_crop_from_borders"}},
      {"crops that keep boxes", {"box_safe_crop", "iou_crop", "crop_around_object"}},
      {"crop where the mask is not empty", {"crop_around_object"}},
      {"five crop, ten crop", {"five_crop"}, "- five_crop: {width: 8, height: 8, which: 2, mirrored: true}"},
      {"crop and pad", {"crop_and_pad"}},
      {"pad, pad if needed, to a divisor", {"pad", "pad_to"}, "- pad_to: {multiple: 32}"},
      {"pad or crop to multiple, power, aspect, square", {"pad_to", "crop_to"}, "- crop_to: {aspect: 1, power: 2}"},
      {"resize", {"resize"}},
      {"longest and smallest max size", {"longest_max_size", "smallest_max_size"}},
      {"letterbox", {"letterbox"}},
      {"random scale, scale jitter, random shortest size",
       {"scale", "scale_jitter"},
       "- smallest_max_size: {size: {choice: [480, 512]}, longest: 1333}"},
      {"zoom out", {"zoom_out"}},
      {"change of aspect, clipped size", {"change_aspect_ratio"}, "- longest_max_size: {size: 1024, enlarge: false}"},
      {"keep the size around steps", {"restore_size"}, "- crop_and_pad\n- rotate90\n- restore_size"},
  };
  return rows;
}

const std::vector<Row>& colour_rows() {
  static const std::vector<Row> rows{
      {"brightness, contrast", {"brightness", "contrast", "linear"}},
      {"gamma", {"gamma"}},
      {"sigmoid and logarithmic contrast", {"sigmoid_contrast", "log_contrast"}},
      {"colour jitter in random order", {"color_jitter"}, "- random_order: [brightness, contrast, saturation, hue]"},
      {"shift of hue and saturation", {"hsv", "hue", "saturation"}},
      {"shift or factor for each channel", {"rgb_shift", "rgb_gain"}},
      {"random tone curve", {"tone_curve"}},
      {"photometric distortion of SSD",
       {},
       "- with_probability: {p: 0.5, steps: [brightness]}\n"
       "- one_of: [contrast, saturation]\n"
       "- with_probability: {p: 0.5, steps: [hue]}\n"
       "- with_probability: {p: 0.5, steps: [channel_shuffle]}"},
      {"channel shuffle, dropout, swap", {"channel_shuffle", "channel_dropout"}},
      {"grayscale", {"grayscale"}},
      {"sepia, colorize", {"sepia", "colorize"}},
      {"invert, solarize, posterize", {"invert", "solarize", "posterize"}},
      {"equalize, autocontrast", {"equalize", "autocontrast"}},
      {"CLAHE", {"clahe"}},
      {"fancy PCA", {"fancy_pca"}},
      {"Planckian jitter, colour temperature", {"color_temperature"}},
      {"children in another colour space", {"color_space"}, "- color_space: {space: lab}\n- rgb_shift\n- color_space: {space: lab, back: true}"},
      {"colour quantisation", {"color_quantize", "posterize"}},
      {"dithering, halftone", {"dithering"}},
      {"H&E stain", {"stain_jitter"}},
      {"histogram matching, Fourier domain adaptation", {"histogram_matching", "fourier_adaptation", "partner_histogram", "partner_fourier"}},
      {"superpixels", {"superpixels"}},
      {"Voronoi, cartoon, edges", {"voronoi", "cartoon", "edge_detect", "canny"}},
      {"emboss, edge and detail filters", {"emboss", "sharpen"}},
      {"pooling, mode filter", {"mode_filter", "morphology", "box_blur"}},
      {"blend of children by a mask generator", {"blend"}, "- blend: {mask: circle, steps: [grayscale, gaussian_blur]}"},
      {"opacity, masked composite", {"mixup", "fmix", "copy_paste"}},
      {"colour matrix", {"color_matrix"}},
  };
  return rows;
}

const std::vector<Row>& filter_rows() {
  static const std::vector<Row> rows{
      {"Gaussian blur", {"gaussian_blur"}},
      {"box blur", {"box_blur"}},
      {"median blur", {"median_blur"}},
      {"motion blur", {"motion_blur"}},
      {"defocus, zoom, glass blur", {"defocus", "zoom_blur", "glass_blur"}},
      {"anisotropic blur, ringing", {"anisotropic_blur", "ringing"}},
      {"bilateral, mean shift", {"bilateral_blur", "mean_shift"}},
      {"sharpen, unsharp mask", {"sharpen", "unsharp_mask"}},
      {"convolution with a kernel of the user's", {"convolution"}},
      {"Gaussian noise", {"gaussian_noise"}},
      {"Laplace, uniform and beta noise", {"additive_noise"}, "- additive_noise: {law: beta}"},
      {"shot noise", {"shot_noise"}},
      {"ISO noise, speckle", {"iso_noise", "speckle_noise"}},
      {"salt and pepper, plain and coarse", {"salt_pepper", "coarse_salt_pepper"}},
      {"film grain", {"film_grain"}},
      {"spatter", {"spatter"}},
      {"plasma brightness, contrast, shadow", {"plasma_brightness", "plasma_contrast", "plasma_shadow"}},
      {"blends by simplex or frequency noise", {"blend"}, "- blend: {mask: noise, roughness: 0.7, steps: [{gaussian_noise: {sigma: 0.2}}]}"},
      {"JPEG and WebP compression", {"jpeg_compression", "webp_compression"}},
      {"downscale, pixelate", {"downscale", "pixelate"}},
      {"chromatic aberration, vignetting", {"chromatic_aberration", "vignette"}},
      {"dissolving by a diffusion model", {}, {}, "needs a trained network"},
      {"rain, snow", {"rain", "snow"}},
      {"fog", {"fog"}},
      {"sun flare, shadow, gravel", {"sun_flare", "shadow", "gravel"}},
      {"clouds, frost", {"clouds", "frost"}},
      {"linear, corner and Gaussian illumination", {"illumination"}},
  };
  return rows;
}

const std::vector<Row>& other_rows() {
  static const std::vector<Row> rows{
      {"erasing, cutout, coarse dropout", {"erasing", "cutout", "coarse_dropout"}},
      {"grid dropout, grid mask", {"grid_dropout", "grid_mask"}},
      {"pixel dropout", {"pixel_dropout"}},
      {"dropout within masks or boxes", {"object_dropout"}},
      {"dropout of whole channels", {"channel_dropout"}},
      {"other steps for each patch", {"in_tiles"}, "- in_tiles: {columns: 3, rows: 3, steps: [{one_of: [hue, gaussian_blur]}]}"},
      {"mixup, cutmix", {"mixup", "cutmix"}},
      {"mosaic", {"mosaic"}},
      {"copy-paste of instances", {"copy_paste"}},
      {"transplantation, patch mix", {"copy_paste", "gridmix"}},
      {"overlay of an image", {"overlay_image"}},
      {"overlay of text", {"text"}},
      {"meme, emoji, screenshot, collage",
       {"mosaic"},
       "- pad: {top: 60, fill: 1}\n- text: {text: when it works, at_y: 0, color: 0}\n"  // a meme
       "- overlay_image: {path: emoji.png, width: 0.2}\n"
       "- overlay_image: {path: phone.png, width: 1, at_x: 0.5, at_y: 0.5}"},  // a screenshot: a frame with a hole
      {"stripes", {"overlay_stripes"}},
      {"sequence, one of, some of, random order, p",
       {},
       "- sequence: [hue]\n- one_of: [hue, gamma]\n- some_of: {n: 1, steps: [hue, gamma]}\n- random_order: [hue, "
       "gamma]\n"
       "- with_probability: {p: 0.5, steps: [hue]}"},
      {"RandAugment", {}, "- rand_augment"},
      {"TrivialAugment", {}, "- trivial_augment"},
      {"AutoAugment", {}, "- auto_augment"},
      {"AugMix", {"augmix"}},
      {"ImageNet-C corruptions", {"corruption"}},
      {"ADA preset", {"band_gain"}, {}, {}, "ada"},
      {"some channels only", {"in_channels"}, "- in_channels: {channels: [0], steps: [gaussian_noise]}"},
      {"inverse geometry of predictions", {}, {}, "no op, but a way back from every one: Prepared::back() in leaven/leaven.hpp, Recipe.views() in Python"},
      {"differentiable, learnable", {}, {}, "pixels are whole numbers here, and have no gradients"},
      {"a function of the user's", {}, {}, "declared at run time: leaven/custom_op.hpp, leaven.custom_op in Python"},
      {"normalize by mean and deviation", {"normalize"}},
      {"normalize per image", {"normalize_per_image"}},
      {"crop, mirror, normalize, cast in one pass",
       {},
       "- random_crop: {width: 8, height: 8}\n- horizontal_flip: {p: 0.5}\n- normalize"},  // one pass when fused
      {"conversion to float", {"normalize"}},
  };
  return rows;
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto* part : {&geometry_rows(), &frame_rows(), &colour_rows(), &filter_rows(), &other_rows()})
    rows.insert(rows.end(), part->begin(), part->end());
  return rows;
}

TEST(Coverage, EveryOpThatARowNamesExists) {
  for (const Row& row : all_rows())
    for (const std::string_view name : row.ops)
      EXPECT_NE(op_table().find(name), nullptr) << row.operation << ": " << name;
}

TEST(Coverage, EveryPresetThatARowNamesExists) {
  for (const Row& row : all_rows())
    if (!row.preset.empty()) {
      EXPECT_NO_THROW(recipe::preset(row.preset, op_table())) << row.operation;
    }
}

TEST(Coverage, EveryCombinationIsARecipe) {
  for (const Row& row : all_rows()) {
    if (row.steps.empty()) continue;
    std::string text = "leaven: 1\nsteps:\n";
    for (std::size_t at = 0; at < row.steps.size();) {
      const std::size_t end = std::min(row.steps.find('\n', at), row.steps.size());
      text += "  " + std::string(row.steps.substr(at, end - at)) + "\n";
      at = end + 1;
    }
    EXPECT_NO_THROW(recipe::parse(text, op_table())) << row.operation << "\n" << text;
  }
}

TEST(Coverage, ARowIsCoveredOrSaysWhyNot) {
  for (const Row& row : all_rows()) {
    const bool covered = !row.ops.empty() || !row.steps.empty();
    EXPECT_NE(covered, !row.missing.empty()) << row.operation;
    if (!covered) std::cout << "uncovered: " << row.operation << ": " << row.missing << "\n";
  }
}

}  // namespace
}  // namespace leaven::ops
