#include "ops/families.hpp"

namespace leaven::ops {

// One function a family file, defined at its end. The order is that of lists and pages.
void add_flip(OpTable&);
void add_rotate(OpTable&);
void add_affine(OpTable&);
void add_perspective(OpTable&);
void add_elastic(OpTable&);
void add_resize(OpTable&);
void add_crop(OpTable&);
void add_pad(OpTable&);
void add_color(OpTable&);
void add_tint(OpTable&);
void add_channel_order(OpTable&);
void add_tone(OpTable&);
void add_curves(OpTable&);
void add_blur(OpTable&);
void add_noise(OpTable&);
void add_erase(OpTable&);
void add_compression(OpTable&);
void add_normalize(OpTable&);
void add_table_jitter(OpTable&);
void add_table_fill(OpTable&);

const OpTable& op_table() {
  static const OpTable table = [] {
    OpTable t;
    for (const auto add :
         {add_flip,  add_rotate, add_affine,      add_perspective,   add_elastic,      add_resize,    add_crop,
          add_pad,   add_color,  add_tint,        add_channel_order, add_tone,         add_curves,    add_blur,
          add_noise, add_erase,  add_compression, add_normalize,     add_table_jitter, add_table_fill})
      add(t);
    return t;
  }();
  return table;
}

}  // namespace leaven::ops
