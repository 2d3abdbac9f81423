// From a dataset to who trains, validates and tests: so that nothing is tested that was trained on, under another name either.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "learn/material.hpp"
#include "learn/partition.hpp"

namespace leaven::learn {

struct Division {
  PartitionOptions options{};        ///< with what was found to belong together, to divide the rest in the same way
  Partition partition{};
  LookAlikes look_alikes{};          ///< set by leave_out_seen()
  std::vector<std::string> notes{};  ///< for people
};

/// Divides, and takes what was chosen into memory. Copies that Leaven made go with their source, by the lineage beside `data`; what it
/// mixed of several is in no split. Pictures that look almost alike stay together where the test split is drawn: those near a test
/// picture are left out of training where items are counted or grouped otherwise (`per_class`, `group`), else all go to one side.
/// Throws Error(usage) as divide() does, and for copies that cannot be told to their sources.
Division divide_apart(Material& material, const std::filesystem::path& data, PartitionOptions options);

/// Leaves out what could not be read, and training and validation items that equal a test item. Throws Error(data) when nothing is left.
void leave_out_seen(const Material& material, Division& division);

}  // namespace leaven::learn
