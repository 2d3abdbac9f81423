#include "learn/generate/train_part.hpp"

#include "core/error.hpp"
#include "flow/clean.hpp"
#include "flow/split.hpp"
#include "flow/table_roster.hpp"
#include "ops/families.hpp"

namespace leaven::learn {

TrainPart train_part(const std::filesystem::path& data, const std::string& format, const std::string& recipe, int threads, bool classes) {
  recipe::Recipe r;
  if (!recipe.empty()) r = recipe::parse(recipe, ops::op_table());
  const recipe::Source& s = r.source;
  TrainPart part{.reader = io::open_dataset(data, {format.empty() ? s.format : format, s.path_column, s.label_column, s.split_column, s.limit})};
  const io::DatasetIndex& index = part.reader->index();
  if (classes && index.label_kind != io::LabelKind::category) throw usage_error("a generator of pictures needs one class a picture").with_place(data.string());
  flow::Pool pool(threads > 0 ? threads : flow::available_threads());
  const flow::CleanResult cleaned = flow::clean(*part.reader, r, pool, [](std::uint64_t) {}, [] { return true; });
  const std::vector<io::Split> splits = flow::assign_splits(index, r, cleaned.aside);
  for (std::uint32_t e = 0; e < index.entries.size(); ++e)
    if (!cleaned.aside[e] && (splits[e] == io::Split::none || splits[e] == io::Split::train)) part.entries.push_back(e);
  return part;
}

flow::RowMask train_rows(const io::TableReader& table, const std::string& recipe, const std::string& name) {
  recipe::Recipe r;
  if (!recipe.empty()) r = recipe::parse(recipe, ops::op_table());
  return flow::TableRoster(table, r, name).train();
}

}  // namespace leaven::learn
