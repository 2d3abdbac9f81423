#include <chrono>

#include "flow/table_source.hpp"
#include "learn/generate/checkpoint.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/named_kind.hpp"
#include "learn/generate/table_source.hpp"
#include "learn/generate/train_part.hpp"
#include "learn/generate/training_curve.hpp"
#include "learn/generate/twins.hpp"
#include "ops/families.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

double seconds_since(Clock::time_point begun) { return std::chrono::duration<double>(Clock::now() - begun).count(); }

}  // namespace

std::unique_ptr<io::TableReader> open_for_generator(const fs::path& file, const std::string& recipe, const std::string& target) {
  recipe::Source source;
  if (!recipe.empty()) source = recipe::parse(recipe, ops::op_table()).source;
  source.path = file.string();
  if (!target.empty()) source.schema.target = target;
  return flow::open_source(source);
}

ReadTable read_for_generator(const io::TableReader& reader, const fs::path& file, const std::string& recipe) {
  try {
    return read_table_data(reader, train_rows(reader, recipe, file.filename().string()));
  } catch (Error& error) {
    throw error.with_place(file.string());
  }
}

void require_same_columns(const TableData& model, const TableData& data) {
  for (std::size_t c = 0; c < std::max(model.columns.size(), data.columns.size()); ++c) {
    if (c >= model.columns.size()) throw usage_error("the table has a column " + data.columns[c].name + " that the generator did not see");
    if (c >= data.columns.size() || model.columns[c].name != data.columns[c].name || model.columns[c].role != data.columns[c].role)
      throw usage_error("the generator was fitted on a table of other columns: it has " + model.columns[c].name + " as column " + std::to_string(c + 1) +
                        (c < data.columns.size() ? ", the table " + data.columns[c].name : ", the table ends before"));
  }
}

SplitTable split_as_fitted(const SavedGenerator& generator, const fs::path& data) {
  const auto reader = open_for_generator(data, from_card<std::string>(generator.card, "recipe"), from_card<std::string>(generator.card, "target"));
  ReadTable read = read_for_generator(*reader, data, from_card<std::string>(generator.card, "recipe"));
  if (read.digest != from_card<std::string>(generator.card, "data_digest"))
    throw usage_error("is not the table that the generator learnt from, so which rows it saw is not known").with_place(data.string());
  TableSplit split = split_rows(read, from_card<double>(generator.card, "held_out_share"), from_card<std::uint64_t>(generator.card, "seed"));
  // The generator learnt from no row without a class, and makes none.
  const std::vector<std::uint32_t> classes = classes_by_row(read.data);
  for (std::vector<std::uint32_t>* rows : {&split.train, &split.held_out}) std::erase_if(*rows, [&](std::uint32_t r) { return classes[r] == kNoClass; });
  return {read.data.picked(split.train), read.data.picked(split.held_out)};
}

Fitted fit_table(const FitOptions& options, std::span<const TableKind> kinds, const FitWatch& watch, const std::atomic<bool>& stop) {
  if (options.guidance != 1) throw usage_error("--guidance is for pictures, of kind flow").with_place(options.data.string());
  if (!options.from.empty() || !options.pretrain.empty()) throw usage_error("--from and --pretrain are for pictures and series; a generator of tables learns its own columns").with_place(options.data.string());
  const TableKind& kind = kind_to_fit(kinds, options.kind, "tables", options.steps);
  require_room_for(options);
  const auto begun = Clock::now();
  const std::string recipe = options.recipe.empty() ? std::string() : recipe::to_yaml(recipe::load(options.recipe, ops::op_table()));
  const auto reader = open_for_generator(options.data, recipe, options.target);
  const ReadTable read = read_for_generator(*reader, options.data, recipe);
  if (read.data.rows == 0) throw data_error("has no row to learn from").with_place(options.data.string());
  const TableSplit split = split_rows(read, options.held_out, options.seed);
  const nlohmann::ordered_json identity{{"kind", kind.name}, {"leaven", LEAVEN_VERSION}, {"data", options.data.filename().string()}, {"data_digest", read.digest}, {"held_out_share", options.held_out},
                                        {"seed", options.seed}, {"target", options.target}, {"recipe", recipe}, {"steps", options.steps}};
  Checkpoint checkpoint(options.out, identity);
  if (std::optional<Fitted> before = taken_up(options, identity, checkpoint)) return *before;
  Fitted fitted{.kind = kind.name, .train = split.train.size(), .held_out = split.held_out.size()};
  require_held_out(options, split.held_out.size(), "rows", fitted.notes);
  fitted.seconds_reading = seconds_since(begun);
  const auto ready = Clock::now();
  fitted.notes.insert(fitted.notes.end(), read.notes.begin(), read.notes.end());
  if (!reader->bad_rows().empty()) fitted.notes.push_back(std::to_string(reader->bad_rows().size()) + " rows cannot be read and were left out");
  TrainingCurve curve;
  checkpoint.carries([&curve](Carried& state) { curve.carry(state); });
  const FitWatch look = [&](const FitProgress& p) {
    curve.add(p);
    if (watch) watch(p);
  };
  const TableData train = read.data.picked(split.train);
  const std::unique_ptr<RowModel> model = kind.fit({train, options.seed, options.steps, look, stop, fitted.notes, &checkpoint});
  SavedGenerator saved;
  saved.card = {{"synthetic_tables", true}, {"leaven", LEAVEN_VERSION}, {"data", options.data.filename().string()}, {"data_digest", read.digest},
                {"rows", read.data.rows},   {"train", fitted.train},    {"held_out", fitted.held_out},              {"held_out_share", options.held_out},
                {"seed", options.seed},     {"target", options.target}, {"recipe", recipe},                 {"notes", fitted.notes}};
  curve.write(saved.card);
  model->save(saved);
  save_generator(options.out, saved);
  checkpoint.remove();
  fitted.seconds_fitting = seconds_since(ready);
  fitted.hash = saved.hash;
  return fitted;
}

}  // namespace leaven::learn
