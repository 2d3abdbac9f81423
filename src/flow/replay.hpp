// From a lineage line and the source, the same bytes again; and the same, step by step, for a person to look at.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/lineage.hpp"
#include "io/codec.hpp"

namespace leaven::flow {

/// The lineage line of an output file inside an OUT folder (found by walking up to leaven.lineage.jsonl, or the parts).
struct FoundLineage {
  std::filesystem::path out{};  ///< the dataset's folder
  LineageRecord record{};
  std::string recipe_source{};  ///< source path as in leaven.recipe.yaml
};
/// Throws Error(usage) when no dataset of Leaven's holds this file, or it has no line, with the nearest id.
FoundLineage find_lineage(const std::filesystem::path& output_file, const OpTable& ops);

struct Replayed {
  io::Bytes file{};
  bool same_digest{};
};
/// Throws Error(data) when the source's bytes are no longer those of the line.
Replayed replay(const LineageRecord& record, const std::filesystem::path& dataset);

/// A self-contained HTML page: the source, each step with its values and the picture after it, the result.
/// Returns the page; `text` gets the same for a terminal.
std::string explain_page(const FoundLineage& found, std::string& text);

}  // namespace leaven::flow
