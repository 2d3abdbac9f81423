// Generators of tables: what fitting, sampling and the gate know of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "learn/generate/fit_progress.hpp"
#include "learn/generate/saved.hpp"
#include "learn/generate/table_data.hpp"

namespace leaven::learn {

class RowModel {
 public:
  virtual ~RowModel() = default;
  virtual std::string kind() const = 0;
  /// Columns without rows.
  virtual const TableData& shape() const = 0;
  virtual const std::vector<std::string>& labels() const = 0;
  /// Rows that it learnt from.
  virtual std::vector<std::uint64_t> class_counts() const = 0;
  /// Rows [first, first + count) of the stream `seed` of a class (kNoClass: all classes as often as train had them). Row
  /// number and seed alone decide a row. May be called by several threads at once.
  virtual TableData draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const = 0;
  virtual void save(SavedGenerator& to) const = 0;
};

class Checkpoint;

struct RowFit {
  const TableData& train;
  std::uint64_t seed{};
  std::uint32_t steps{};  ///< 0: the kind's own
  const FitWatch& watch;
  const std::atomic<bool>& stop;
  std::vector<std::string>& notes;  ///< gets what a person must know
  Checkpoint* checkpoint{};         ///< what a stopped training goes on from; null: it cannot
};

struct TableKind {
  std::string name{}, summary{};
  /// Throws Error(usage|data) when there is nothing to learn from, Error(interrupted).
  std::function<std::unique_ptr<RowModel>(const RowFit&)> fit{};
  /// Throws Error(data).
  std::function<std::unique_ptr<RowModel>(const SavedGenerator&)> load{};
  bool trains{true};  ///< step by step
};
/// Those that need no network: "copula", "bootstrap".
std::vector<TableKind> plain_table_kinds();
/// The model of a generator's folder. Throws Error(usage|data) that names the folder.
std::unique_ptr<RowModel> load_row_model(const SavedGenerator& saved, std::span<const TableKind> kinds, const std::filesystem::path& folder);

/// Rows of each class that can be learnt from. Tells of rows without a class and of columns that are not made up.
struct ClassedRows {
  std::vector<std::string> labels{};
  std::vector<std::vector<std::uint32_t>> by_class{};
};
/// Throws Error(usage|data) when there is nothing to learn from.
ClassedRows classed_rows(const TableData& train, std::vector<std::string>& notes);

/// The stream of a class's rows.
Key row_key(std::uint64_t seed, std::uint32_t label, const std::vector<std::string>& labels);
/// Numbers as the columns write them: with their decimals.
void round_numbers(TableData& rows);

/// The card's member `columns`.
nlohmann::ordered_json columns_json(const TableData& shape);
/// Throws Error(data).
TableData shape_from(const nlohmann::ordered_json& card);

}  // namespace leaven::learn
