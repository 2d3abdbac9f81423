// All outputs of one source: what a worker of a job does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "flow/earlier_lines.hpp"
#include "flow/partners.hpp"
#include "flow/roster.hpp"
#include "flow/sample_task.hpp"
#include "io/dataset.hpp"

namespace leaven::flow {

/// What became of one source.
struct MadeSource {
  std::string lineage{};              ///< whole lines, in order of copies
  std::string set_aside{};            ///< whole lines
  std::vector<io::OutputItem> items{};  ///< for the writer's commit(), in order of copies
  std::optional<Error> broken{};      ///< the source cannot be used
  std::uint64_t outputs{}, reused{}, bytes{}, lines_aside{};
  std::vector<std::pair<std::string, std::uint64_t>> mended{};  ///< of its annotations, by kind
  bool has_more{};  ///< pictures in the source's file than the one that is read
};

/// What makes the outputs of sources, whatever their domain.
class SourceMaker {
 public:
  virtual ~SourceMaker() = default;
  /// Makes what is missing of source `s` and stores it. Lines in `earlier` whose file is there are taken as they are.
  /// Whether a source is broken depends on the source alone, never on what was drawn: it is always decoded whole. A copy
  /// that the recipe cannot make is set aside by itself. Thread-safe.
  virtual MadeSource make(std::size_t s, const std::vector<EarlierLine>& earlier) const = 0;
  /// True when a file of these lines of source `s` is not there any more, or the source was written after it.
  virtual bool must_repair(std::size_t s, const std::vector<EarlierLine>& lines) const = 0;
};

class OutputMaker final : public SourceMaker {
 public:
  struct Parts {
    const io::DatasetReader& reader;
    const Roster& roster;
    const recipe::Recipe& recipe;
    io::DatasetWriter& writer;
    const PartnerPool& partners;
    std::filesystem::path out{};
    bool files{};    ///< the layout is a tree of files
    bool pixels{};   ///< the layout stores pixels (npz)
    int channels{};  ///< then: what pictures are widened() to
    std::optional<RasterShape> array{};  ///< and the shape that all of them have
    bool checked{};  ///< every source has been decoded before, so that one without copies need not be
    /// Told which outputs may exist from now on, before the first is written. Thread-safe.
    std::function<void(const std::vector<std::string>& ids)> announce{};
  };
  explicit OutputMaker(Parts parts) : parts_(std::move(parts)) {}

  MadeSource make(std::size_t s, const std::vector<EarlierLine>& earlier) const override;
  bool must_repair(std::size_t s, const std::vector<EarlierLine>& lines) const override;

 private:
  struct Wanted;
  class Work;
  Parts parts_;
};

}  // namespace leaven::flow
