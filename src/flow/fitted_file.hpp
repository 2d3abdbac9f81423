// leaven.fitted.json: what fitted ops learnt from train, by op path, so that serving and replay apply the same numbers.
#pragma once

#include <filesystem>

#include "plan/columns/columns.hpp"

namespace leaven::flow {

/// With the digest of all of it. Numbers are shortest-exact.
void write_fits(const std::filesystem::path& file, const plan::FittedOps& fitted);
/// Nothing where the file is not there. Throws Error(data) when it is broken or was changed.
plan::FittedOps read_fits(const std::filesystem::path& file);

}  // namespace leaven::flow
