// Pixels as few rectangles: runs of a row, of which equal ones in neighbouring rows are one.
#pragma once

#include <vector>

#include "core/geometry.hpp"

namespace leaven {

/// The pixels (x, y) of `size` for which shown(x, y) holds, row by row from the top; rectangles do not overlap.
template <class Shown>
std::vector<Region> shown_regions(Size size, const Shown& shown) {
  std::vector<Region> regions;
  std::vector<std::size_t> above, here;  // regions that end with the row before, and those of this row
  for (int y = 0; y < size.height; ++y) {
    here.clear();
    std::size_t next = 0;  // of those above
    for (int x = 0; x < size.width;) {
      if (!shown(x, y)) {
        ++x;
        continue;
      }
      const int left = x;
      while (x < size.width && shown(x, y)) ++x;
      while (next < above.size() && regions[above[next]].x < left) ++next;
      if (next < above.size() && regions[above[next]].x == left && regions[above[next]].width == x - left) {
        ++regions[above[next]].height;
        here.push_back(above[next]);
      } else {
        here.push_back(regions.size());
        regions.push_back({left, y, x - left, 1});
      }
    }
    above.swap(here);
  }
  return regions;
}

}  // namespace leaven
