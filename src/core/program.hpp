// A program: one line of the roster as concrete steps, containers dissolved, every value drawn. It is what runs, what
// lineage records and all that replay needs beside the source.
#pragma once

#include <string>
#include <vector>

#include "core/op.hpp"

namespace leaven {

struct ProgramStep {
  std::string path{};  ///< "sequence/one_of/gaussian_blur#2"
  OpValue op{};
  Key key{};           ///< the op's own stream
  /// Columns domain: drawn fields with one value a row; raster: empty.
  std::map<std::string, std::vector<double>> per_row{};
};

struct Program {
  std::vector<ProgramStep> steps{};
};

}  // namespace leaven
