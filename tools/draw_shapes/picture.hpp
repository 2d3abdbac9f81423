// One picture of the demo's dataset: a shaded shape with a soft shadow before an uneven, grainy background.
#pragma once

#include "core/raster.hpp"
#include "tools/draw_shapes/dice.hpp"
#include "tools/draw_shapes/shape.hpp"

namespace leaven::demo {

/// RGB, 8 bits, 160×120 … 320×240 px, landscape or portrait.
Raster draw(Shape shape, Dice dice);

}  // namespace leaven::demo
