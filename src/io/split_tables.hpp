// A table in parts: one file for training, others for validation and testing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/dataset.hpp"

namespace leaven::io {

struct SplitTables {
  struct Part {
    Split split{};
    std::filesystem::path file{};  ///< below the folder
  };
  std::vector<Part> parts{};          ///< train first, then val, then test
  std::vector<std::string> others{};  ///< further tables beside them, which are no parts
};

/// The parts in a folder: train.csv beside val.csv or test.csv (as split_from() reads names; CSV, TSV, JSON Lines, all of one
/// kind), or such files one by one in folders train/, val/ and test/. No parts where the folder holds anything else: other
/// folders, pictures, no train, train alone, two files for one part, series.
SplitTables split_tables(const std::filesystem::path& folder);

}  // namespace leaven::io
