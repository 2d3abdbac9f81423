// The work on one source: read once, decode once, make its copies. The job, replay and explain all go through here, so
// they cannot disagree.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/lineage.hpp"
#include "flow/sample_cache.hpp"
#include "io/codec.hpp"
#include "io/dataset.hpp"
#include "plan/draw_program.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// A source as read: bytes and header (image files), or pixels (idx, cifar, npz).
struct LoadedSource {
  io::SourceImage image{};
  io::ImageHeader header{};  ///< for bare pixels: shape only, format png
  std::string digest{};      ///< XXH3-128 of the file's bytes, or of the pixels
  std::shared_ptr<const Annotations> annotations{};  ///< null where the dataset has none
  std::shared_ptr<SampleCache> cache{};              ///< null: the file is decoded each time
  const RasterShape& shape() const { return header.shape; }
};
/// What the source's steps may see.
plan::Surroundings surroundings_of(const LoadedSource& source);
/// Throws Error(data).
LoadedSource load_source(const io::DatasetReader& reader, const io::Entry& entry);
LoadedSource load_source_file(const std::filesystem::path& file);
LoadedSource load_source_bytes(io::Bytes file);

/// How copies of this source are encoded under the recipe's sink (quality and subsampling follow the source's).
io::EncodeOptions encoding_for(const LoadedSource& source, const recipe::Sink& sink, const RasterShape& result);
EncodingRecord record_of(const io::EncodeOptions& options);
/// The same options again, from a lineage line; icc comes from the source.
io::EncodeOptions encoding_from(const EncodingRecord& record, const LoadedSource& source);

/// The pixels of a source: what it stores, or all that its file decodes to. Throws Error(data).
Raster decode_whole(const LoadedSource& source);

/// How the source's steps are planned; `scaled`: its decoder may shrink (`decode: scaled`).
plan::PlanOptions plan_options(const LoadedSource& source, bool fuse, bool scaled);

/// The pixels of one source, each size that its plans ask for decoded once and whole, when it is first asked for.
class SourcePixels {
 public:
  explicit SourcePixels(const LoadedSource& source) : source_(source) {}
  const Raster& at(int shrink = 1);
  /// Whether any size was decoded, or nothing needs to be.
  bool ready() const { return !decoded_.empty() || !source_.image.pixels.empty(); }

 private:
  const LoadedSource& source_;
  std::map<int, Raster> decoded_{};  ///< by shrink
};

/// Runs a plan for this source, of which it decodes what the plan reads.
void run_plan(const LoadedSource& source, const plan::RasterPlan& plan, const plan::Output& out);

/// Runs a program on a source, of which it decodes what the program reads.
Raster run_program(const LoadedSource& source, const plan::DrawnProgram& program, const plan::PlanOptions& options);

}  // namespace leaven::flow
