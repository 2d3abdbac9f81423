// What stands at the surface of a lineage line, found without reading all of it: reading a line whole costs fifty
// microseconds, and a dataset of small images may have millions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leaven::flow {

struct Glance {
  std::string source{}, label{}, split{};
  std::uint64_t copy{}, attempt{};
  bool annotated{};
  std::uint64_t instances{}, dropped{};
  bool copied{};                        ///< the source's own bytes
  bool generated{};                     ///< by a learned model
  std::vector<std::string_view> ops{};  ///< names of the steps, in order; they point into the line
};

/// For lines that to_json_line() wrote: its keys come in a fixed order, without spaces. Throws Error(data) when the
/// keys that every line has are not there.
void glance_at(std::string_view line, Glance& glance);

}  // namespace leaven::flow
