// Files of time series: whatever the bytes, series that are whole and can be written again, or a refusal.
#pragma once

#include "fuzz/target.hpp"

namespace leaven::fuzz {

/// The first byte chooses the format: u UCR, t .ts, w a wide CSV, l a long CSV, n NumPy.
bool run_series(io::BytesView input);
std::vector<io::Bytes> series_seeds();

}  // namespace leaven::fuzz
