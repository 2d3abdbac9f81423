// What a run learnt, applied to another table: serving, and the way back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/op.hpp"
#include "io/table_file.hpp"

namespace leaven::flow {

/// Under this path leaven.fitted.json keeps what each column was taken for.
inline constexpr const char* kKindsFit = "columns";
Fitted kinds_of(const BlockShape& shape);

struct Applied {
  std::uint64_t rows{};
  std::vector<io::BadRow> set_aside{};
  std::vector<std::string> notes{};  ///< what a person must know: words that the run did not have
};

/// Runs the `prepare:` steps of the run in OUT, with the numbers of its leaven.fitted.json, on the table IN, and writes
/// `file`. `back`: takes back what has a way back, last step first. Rows that cannot be read are left out and told.
/// Throws Error(usage) when OUT holds no run of a table, or its steps name columns that IN has not.
Applied apply_prepared(const std::filesystem::path& run, const std::filesystem::path& in, const std::filesystem::path& file, bool back);

}  // namespace leaven::flow
