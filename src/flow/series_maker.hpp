// All outputs of one series: what a worker of a job does where the dataset holds time series.
#pragma once

#include <vector>

#include "flow/output_maker.hpp"

namespace leaven::flow {

class SeriesMaker final : public SourceMaker {
 public:
  struct Parts {
    const io::DatasetReader& reader;
    const Roster& roster;
    const recipe::Recipe& recipe;
    io::DatasetWriter& writer;
    const PartnerPool& partners;
    bool array{};            ///< the sink stores arrays
    std::size_t length{};    ///< then: of every series
  };
  explicit SeriesMaker(Parts parts) : parts_(parts) {}

  MadeSource make(std::size_t s, const std::vector<EarlierLine>& earlier) const override;
  /// Series lie packed in files.
  bool must_repair(std::size_t, const std::vector<EarlierLine>&) const override { return false; }

 private:
  Parts parts_;
};

/// Tries the recipe on some sources before anything is written. Throws Error(usage) when it can make none of their copies, or
/// when an array could not hold both originals and copies. Answers with the length of the series, for arrays.
std::size_t require_series_possible(const io::DatasetReader& reader, const Roster& roster, const PartnerPool& partners,
                                    const recipe::Recipe& recipe, bool array);

}  // namespace leaven::flow
