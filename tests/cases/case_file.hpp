// Cases as text: what goes in, the recipe, what must come out. Anybody can read one, or write one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/raster.hpp"

namespace leaven::cases {

/// One case of a *.case file; its keywords stand at the start of a line, blocks are indented by two blanks.
///   image WxHxC DTYPE PATTERN     the picture that goes in (see draw_pattern)
///   table                         or a table: a block of CSV
///   seed N, copy N
///   recipe                        a block of YAML: the list of steps
///   shape TEXT, digest HEX        what comes out (f32 has no digest: it is held against the reference), or
///   output                        a block of CSV, or
///   error TEXT                    the whole error text
///   unfused NUMBER                largest mean difference in levels to `fuse: off` (0 when left out)
struct Case {
  std::string file{};
  int line{};
  std::string title{};  ///< the comment above it
  RasterShape image{};
  std::string pattern{};
  std::string table{}, recipe{};
  std::uint64_t seed{};
  std::uint32_t copy{1};
  std::string shape{}, digest{}, output{}, error{};
  double unfused{};
};

/// Cases are divided by lines of ----. Throws std::runtime_error naming file and line for what it does not know.
std::vector<Case> read_cases(const std::filesystem::path& file);

/// photo: smooth colours with edges and a little texture; steps: blocks of flat colour; ramp: every level once a row;
/// dots: single bright pixels on black. The same on every machine (whole-number arithmetic).
Raster draw_pattern(const RasterShape& shape, const std::string& pattern);

}  // namespace leaven::cases
