// From a lineage line and the source, the same bytes again; and the same, step by step, for a person to look at.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/lineage.hpp"
#include "flow/sample_task.hpp"
#include "io/codec.hpp"
#include "io/dataset.hpp"
#include "recipe/files_beside.hpp"

namespace leaven::flow {

/// The lineage files of an OUT folder: the one of the whole dataset, or those of its shards; empty when it has none.
std::vector<std::filesystem::path> lineage_files(const std::filesystem::path& out);

/// The lineage line of an output file inside an OUT folder (found by walking up to leaven.lineage.jsonl, or the parts).
struct FoundLineage {
  std::filesystem::path out{};  ///< the dataset's folder
  LineageRecord record{};
  recipe::Recipe recipe{};  ///< leaven.recipe.yaml; its source says where the sources lie
};
/// Throws Error(usage) when no dataset of Leaven's holds this file, or it has no line, with the nearest id.
FoundLineage find_lineage(const std::filesystem::path& output_file, const OpTable& ops);

/// Finds the sources that lineage lines name, for any number of threads; opens their dataset at most once.
class SourceFinder {
 public:
  /// `annotated`: with what is marked on them, for which the whole dataset is opened. Beside `recipe_file` lie the files that
  /// steps name.
  explicit SourceFinder(recipe::Source source, bool annotated = false, std::string recipe_file = {})
      : source_(std::move(source)), annotated_(annotated), recipe_file_(std::move(recipe_file)) {}
  /// Throws Error(usage) when it is not there, Error(data) when its bytes are no longer those of the line.
  LoadedSource load(const LineageRecord& record);
  /// Finds partners as load() finds sources. Lives no longer than this.
  plan::FindPartner partners();
  /// Opens the files that steps name.
  recipe::FilesBeside files() const;
  /// Of the annotated dataset that load() read from; else none.
  std::span<const Category> categories() const;
  /// The dataset itself, opened now if it was not.
  const io::DatasetReader& dataset() { return reader(); }

 private:
  LoadedSource find(const std::string& id);
  const io::DatasetReader& reader();

  recipe::Source source_;
  bool annotated_;
  std::string recipe_file_;
  mutable std::mutex opening_{};
  std::unique_ptr<io::DatasetReader> reader_{};
};

/// The same source as bare pixels, so that several programs on it need one decode.
LoadedSource decoded(const LoadedSource& source);
/// Whether a step of the line chose by what is marked on its partners, so that replay must read that too.
bool needs_annotations(const LineageRecord& record);
/// The pixels that the line's first `steps` steps make of its source, by the job's own path.
Raster replay_pixels(const LineageRecord& record, const LoadedSource& source, std::size_t steps, SourceFinder& sources);

/// What is marked on the picture after those steps; nothing where the source has no annotations.
std::optional<Annotations> replay_annotations(const LineageRecord& record, const LoadedSource& source, std::size_t steps,
                                              SourceFinder& sources, const AnnotationRules& rules);

struct Replayed {
  io::Bytes file{};     ///< for arrays (npz): the pixels, row by row
  io::Bytes picture{};  ///< for arrays of whole numbers: the same as PNG; else empty
  bool same_digest{};
};
/// Throws Error(usage) for the line of a sample that a learned model made.
void require_real(const LineageRecord& record);

/// `out`: the dataset that the line stands in, for the fits and splits of tables; empty: fitted again on the source.
/// `recipe_file`: as SourceFinder's. Throws as SourceFinder::load() does.
Replayed replay(const LineageRecord& record, const recipe::Source& source, const std::filesystem::path& out = {},
                const std::string& recipe_file = {});

/// The same told to a person: the source, each step with its values and the picture after it, the result.
struct Explanation {
  std::string page{};  ///< self-contained HTML; empty for what a learned model made
  std::string text{};  ///< for a terminal, without pictures
};
Explanation explain(const FoundLineage& found);

}  // namespace leaven::flow
