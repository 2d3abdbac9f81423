// The page of `leaven gallery` for time series.
#pragma once

#include <span>
#include <string>

#include "core/op.hpp"
#include "io/dataset.hpp"

namespace leaven::flow {

/// A row an op: one series with what three strengths of it (or three draws) make of it, by the job's own path, partners drawn
/// from the dataset. `sample`: the id of the series; empty: the first that can be read. `families` empty: all of series.
/// `reader` is of series. Throws Error(usage) where it has no such sample, Error(data) where none can be read.
std::string series_gallery_page(const io::DatasetReader& reader, const std::string& sample, const OpTable& ops,
                                std::span<const std::string> families);

}  // namespace leaven::flow
