#include "ops/image/displacement_field.hpp"

#include <algorithm>
#include <cmath>

namespace leaven::ops {

namespace {

// The control value of the middle one of three values along an axis.
Point followed(Point before, Point here, Point after) {
  return {(8 * here.x - before.x - after.x) / 6, (8 * here.y - before.y - after.y) / 6};
}

}  // namespace

DisplacementGrid grid_of(const DisplacementFormula& formula, Size size, double spacing_x, double spacing_y, Fit fit) {
  DisplacementGrid grid{.spacing_x = spacing_x, .spacing_y = spacing_y};
  grid.columns = static_cast<int>(size.width / spacing_x) + 4;
  grid.rows = static_cast<int>(size.height / spacing_y) + 4;
  // One more value around the grid, for the differences at its rim.
  const auto across = static_cast<std::size_t>(grid.columns) + 2, down = static_cast<std::size_t>(grid.rows) + 2;
  std::vector<Point> values(across * down);
  for (std::size_t j = 0; j < down; ++j)
    for (std::size_t i = 0; i < across; ++i)
      values[j * across + i] =
          formula({(static_cast<double>(i) - 2) * spacing_x, (static_cast<double>(j) - 2) * spacing_y});
  if (fit == Fit::follow) {
    std::vector<Point> along_x = values;
    for (std::size_t j = 0; j < down; ++j)
      for (std::size_t i = 1; i + 1 < across; ++i) {
        const Point* v = values.data() + j * across + i;
        along_x[j * across + i] = followed(v[-1], v[0], v[1]);
      }
    for (std::size_t j = 1; j + 1 < down; ++j)
      for (std::size_t i = 0; i < across; ++i) {
        const Point* v = along_x.data() + j * across + i;
        values[j * across + i] = followed(*(v - across), *v, v[across]);
      }
  }
  for (std::size_t j = 1; j + 1 < down; ++j)
    for (std::size_t i = 1; i + 1 < across; ++i) {
      const Point v = values[j * across + i];
      grid.vectors.push_back(static_cast<float>(v.x));
      grid.vectors.push_back(static_cast<float>(v.y));
      grid.reach = std::max({grid.reach, std::fabs(v.x), std::fabs(v.y)});
    }
  grid.reach = std::nextafter(static_cast<float>(grid.reach), HUGE_VALF);  // the vectors were rounded to floats
  return grid;
}

}  // namespace leaven::ops
