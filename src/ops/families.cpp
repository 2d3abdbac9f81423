#include "ops/families.hpp"

#include <atomic>
#include <mutex>

#include "core/error.hpp"

namespace leaven::ops {

// One function a family file, defined at its end. The order is that of lists and pages.
void add_flip(OpTable&);
void add_rotate(OpTable&);
void add_affine(OpTable&);
void add_perspective(OpTable&);
void add_elastic(OpTable&);
void add_distort(OpTable&);
void add_thin_plate(OpTable&);
void add_lens(OpTable&);
void add_remap(OpTable&);
void add_rearrange(OpTable&);
void add_resize(OpTable&);
void add_fit(OpTable&);
void add_crop(OpTable&);
void add_sized_crop(OpTable&);
void add_object_crop(OpTable&);
void add_pad(OpTable&);
void add_frame(OpTable&);
void add_color(OpTable&);
void add_hsv(OpTable&);
void add_tint(OpTable&);
void add_channel_order(OpTable&);
void add_color_space(OpTable&);
void add_space_change(OpTable&);
void add_reference(OpTable&);
void add_tone(OpTable&);
void add_curves(OpTable&);
void add_local_contrast(OpTable&);
void add_style(OpTable&);
void add_cartoon(OpTable&);
void add_blur(OpTable&);
void add_blur_shapes(OpTable&);
void add_blur_space(OpTable&);
void add_bands(OpTable&);
void add_morphology(OpTable&);
void add_noise(OpTable&);
void add_sensor_noise(OpTable&);
void add_plasma(OpTable&);
void add_light(OpTable&);
void add_weather(OpTable&);
void add_erase(OpTable&);
void add_dropout(OpTable&);
void add_object_dropout(OpTable&);
void add_overlay(OpTable&);
void add_text(OpTable&);
void add_compression(OpTable&);
void add_resolution(OpTable&);
void add_corruption(OpTable&);
void add_mix(OpTable&);
void add_mosaic(OpTable&);
void add_copy_paste(OpTable&);
void add_augmix(OpTable&);
void add_inside(OpTable&);
void add_normalize(OpTable&);
void add_table_jitter(OpTable&);
void add_table_fill(OpTable&);
void add_table_fill_along(OpTable&);
void add_table_noise(OpTable&);
void add_table_cells(OpTable&);
void add_table_missing(OpTable&);
void add_table_outliers(OpTable&);
void add_table_isolation(OpTable&);
void add_table_spelling(OpTable&);
void add_table_one_hot(OpTable&);
void add_table_rotate(OpTable&);
void add_table_scale(OpTable&);
void add_table_impute(OpTable&);
void add_series_values(OpTable&);
void add_series_time(OpTable&);
void add_series_filter(OpTable&);
void add_series_mask(OpTable&);
void add_series_frequency(OpTable&);
void add_series_stl(OpTable&);
void add_series_guided(OpTable&);

static const OpTable& built_in_ops() {
  static const OpTable table = [] {
    OpTable t;
    add_flip(t);
    add_rotate(t);
    add_affine(t);
    add_perspective(t);
    add_elastic(t);
    add_distort(t);
    add_thin_plate(t);
    add_lens(t);
    add_remap(t);
    add_rearrange(t);
    add_resize(t);
    add_fit(t);
    add_crop(t);
    add_sized_crop(t);
    add_object_crop(t);
    add_pad(t);
    add_frame(t);
    add_color(t);
    add_hsv(t);
    add_tint(t);
    add_channel_order(t);
    add_color_space(t);
    add_space_change(t);
    add_reference(t);
    add_tone(t);
    add_curves(t);
    add_local_contrast(t);
    add_style(t);
    add_cartoon(t);
    add_blur(t);
    add_blur_shapes(t);
    add_blur_space(t);
    add_bands(t);
    add_morphology(t);
    add_noise(t);
    add_sensor_noise(t);
    add_plasma(t);
    add_light(t);
    add_weather(t);
    add_erase(t);
    add_dropout(t);
    add_object_dropout(t);
    add_overlay(t);
    add_text(t);
    add_compression(t);
    add_resolution(t);
    add_corruption(t);
    add_mix(t);
    add_mosaic(t);
    add_copy_paste(t);
    add_augmix(t);
    add_inside(t);
    add_normalize(t);
    add_table_jitter(t);
    add_table_fill(t);
    add_table_fill_along(t);
    add_table_noise(t);
    add_table_cells(t);
    add_table_missing(t);
    add_table_outliers(t);
    add_table_isolation(t);
    add_table_spelling(t);
    add_table_one_hot(t);
    add_table_rotate(t);
    add_table_scale(t);
    add_table_impute(t);
    add_series_values(t);
    add_series_time(t);
    add_series_filter(t);
    add_series_mask(t);
    add_series_frequency(t);
    add_series_stl(t);
    add_series_guided(t);
    return t;
  }();
  return table;
}

namespace {

/// Every table that there was: recipes hold ops of theirs.
class Tables {
 public:
  const OpTable& now() const { return *now_.load(); }

  void add(OpInfo info) {
    const std::lock_guard lock(mutex_);
    if (built_in_ops().find(info.name)) throw usage_error("an op that comes with Leaven is called " + std::string(info.name));
    later_.push_back(std::make_unique<const OpTable>(now().with(std::move(info))));
    now_ = later_.back().get();
  }

 private:
  std::mutex mutex_{};
  std::vector<std::unique_ptr<const OpTable>> later_{};
  std::atomic<const OpTable*> now_{&built_in_ops()};
};

Tables& tables() {
  static Tables all;
  return all;
}

}  // namespace

const OpTable& op_table() { return tables().now(); }
void add_op(OpInfo info) { tables().add(std::move(info)); }

}  // namespace leaven::ops
