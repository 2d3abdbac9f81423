// Samples that a learned model made for `generate:` of a recipe: they lie beside OUT and join the dataset's training part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "io/dataset.hpp"
#include "recipe/recipe.hpp"

namespace leaven::flow {

/// OUT.generator: the generator, what its gate says, and in samples/ what was drawn.
std::filesystem::path generator_folder(const recipe::Recipe& recipe);
/// Of generator_folder(): pictures in class folders or one table, with leaven.lineage.jsonl.
std::filesystem::path generated_folder(const recipe::Recipe& recipe);

/// One line of the lineage beside drawn pictures.
struct GeneratedPicture {
  std::string file{};   ///< below generated_folder()
  std::string label{};
  std::string record{};  ///< JSON for LineageRecord::generated
};
/// Throws Error(usage) where nothing was drawn, Error(data) for a line that is none.
std::vector<GeneratedPicture> read_generated(const std::filesystem::path& folder);

/// The rows that were drawn for a table.
struct GeneratedTable {
  struct Part {
    std::uint64_t end{};   ///< the row behind its last
    std::string record{};  ///< JSON for LineageRecord::generated
  };
  std::filesystem::path file{};  ///< empty: no row was needed
  std::vector<Part> parts{};
  std::uint64_t rows() const { return parts.empty() ? 0 : parts.back().end; }
  const std::string& record(std::uint64_t row) const;
};
GeneratedTable read_generated_table(const std::filesystem::path& folder);

/// The recipe's dataset; with `generate:`, the generated pictures are among its entries, of train where it has splits.
/// Throws as io::open_dataset(), and Error(usage) for datasets that no generator can fill.
std::unique_ptr<io::DatasetReader> open_input(const recipe::Recipe& recipe);

/// Entries that open_input() added.
bool is_generated(const io::Entry& entry);
std::uint64_t count_generated(const io::DatasetIndex& index);
/// For people: how many of the originals are generated, by what, and what its gate said. `record`: of any of them.
std::string note_on_generated(std::uint64_t count, const std::string& record);
/// For people, where the input is what `generate sample` wrote; else empty.
std::string note_on_sampled_input(const std::filesystem::path& source);
/// LineageRecord::generated of such an entry; of others "".
std::string record_of_generated(const io::DatasetReader& reader, const io::Entry& entry);

}  // namespace leaven::flow
