#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <numeric>

#include "core/error.hpp"
#include "core/op.hpp"
#include "flow/pool.hpp"
#include "flow/table_constraints.hpp"
#include "io/atomic_file.hpp"
#include "learn/generate/gate_file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/named_kind.hpp"
#include "learn/generate/sampled_folder.hpp"
#include "learn/generate/table_source.hpp"
#include "learn/generate/table_text.hpp"
#include "ops/families.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kChunk = 16'384;
/// A condition or constraint that so few rows meet is given up.
constexpr std::uint64_t kMostPassedOver = 2'000'000;

std::string_view without_blanks(std::string_view word) {
  const std::size_t first = word.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : word.substr(first, word.find_last_not_of(' ') + 1 - first);
}

/// The word that is meant: it, or else the only one that is it but for blanks at its ends. None: words.size().
std::size_t named_word(const std::vector<std::string>& words, std::string_view meant) {
  if (const auto exact = std::ranges::find(words, meant); exact != words.end()) return static_cast<std::size_t>(exact - words.begin());
  const auto same = [meant](std::string_view word) { return without_blanks(word) == without_blanks(meant); };
  const auto found = std::ranges::find_if(words, same);
  return std::ranges::count_if(words, same) == 1 ? static_cast<std::size_t>(found - words.begin()) : words.size();
}

std::string nearest_name(std::string_view wanted, const std::vector<std::string>& words) {
  std::vector<std::string_view> names;
  for (const std::string& word : words) names.push_back(without_blanks(word));
  return did_you_mean(wanted, names);
}

/// Rows that were drawn together.
struct Chunk {
  Lines lines{};
  std::vector<std::uint8_t> repaired{};  ///< of each line, where there are constraints
};

/// Rows of one class that were asked for.
struct Part {
  std::uint32_t label{};
  std::uint64_t rows{};
};

/// So many in all, in the shares that the parts have.
void share_out(std::uint64_t rows, std::vector<Part>& parts) {
  std::uint64_t all = 0, seen = 0, given = 0;
  for (const Part& part : parts) all += part.rows;
  for (Part& part : parts) {
    seen += part.rows;
    const auto until = static_cast<std::uint64_t>(static_cast<double>(rows) * (static_cast<double>(seen) / static_cast<double>(all)) + 0.5);
    part.rows = until - given;
    given = until;
  }
  std::erase_if(parts, [](const Part& part) { return part.rows == 0; });
}

class TableSampler {
 public:
  TableSampler(const SampleOptions& options, std::span<const TableKind> kinds, const std::atomic<bool>& stop)
      : options_(options), stop_(stop), saved_(load_generator(options.generator, options.guidance)), model_(load_row_model(saved_, kinds, options.generator)),
        gate_(gate_of(options.generator, saved_)) {}

  Sampled run() {
    const auto begun = Clock::now();
    refuse_or_force();
    find_conditions();
    read_constraints();
    const std::vector<Part> wanted = parts();
    const fs::path file = options_.out / fs::path(from_card<std::string>(saved_.card, "data")).stem().concat(".csv");
    SampledFolder folder(options_.out, options_.overwrite);
    Sampled sampled{.file = file, .gate = gate_.word};
    std::string lineage;
    io::GrowingFile out(folder.part() / file.filename());
    out.append(header_line(model_->shape()));
    for (const Part& part : wanted) {
      const std::uint64_t first = sampled.rows;
      add(part, out, sampled);
      lineage += lineage_line(file, part, first, sampled.rows) + "\n";
    }
    out.publish();
    folder.publish(lineage, summary(file, sampled).dump(1) + "\n");
    sampled.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    return sampled;
  }

 private:
  void refuse_or_force() const {
    if (gate_.word == kRefused && !options_.force)
      throw Error(Fault::refused, "the gate refused this generator: " + (gate_.reasons.empty() ? std::string("no reason is written") : gate_.reasons.front()))
          .with_place(options_.generator.string())
          .with_hint("--force samples all the same, and writes that down");
  }

  bool forced() const { return options_.force && gate_.word != kAccepted; }

  void find_conditions() {
    for (const auto& [name, word] : options_.where) {
      const auto& columns = model_->shape().columns;
      std::vector<std::string_view> names;
      for (const TableColumn& column : columns) names.push_back(column.name);
      const auto at = std::ranges::find(columns, name, &TableColumn::name);
      if (at == columns.end()) throw usage_error("--where: there is no column " + name).with_hint(did_you_mean(name, names));
      if (at->role != TableColumn::Role::word)
        throw usage_error("--where: column " + name + " holds no categories").with_hint("numbers and dates are kept in a range by --recipe, with constraints: range");
      const std::size_t found = named_word(at->dictionary, word);
      if (found == at->dictionary.size()) throw usage_error("--where: column " + name + " never was " + word).with_hint(nearest_name(word, at->dictionary));
      wanted_.emplace_back(static_cast<std::size_t>(at - columns.begin()), static_cast<std::int32_t>(found));
    }
  }

  void read_constraints() {
    if (options_.recipe.empty()) return;
    const recipe::Recipe recipe = recipe::load(options_.recipe, ops::op_table());
    if (recipe.constraints.empty()) throw usage_error("has no constraints:, and rows are made by nothing else of a recipe").with_place(options_.recipe);
    if (options_.data.empty()) throw usage_error("constraints are held against the table that the generator learnt from: --data FILE");
    for (const recipe::Constraint& constraint : recipe.constraints)
      if (constraint.kind == recipe::Constraint::Kind::unique && std::ranges::any_of(constraint.columns, [&](const std::string& name) {
            const auto at = std::ranges::find(model_->shape().columns, name, &TableColumn::name);
            return at == model_->shape().columns.end() || at->kind != ColumnKind::id;
          }))
        throw usage_error("constraints: unique: only ids of generated rows are unique").with_place(constraint.place.text());
    const auto reader = open_for_generator(options_.data, from_card<std::string>(saved_.card, "recipe"), from_card<std::string>(saved_.card, "target"));
    constraints_.emplace(recipe, *reader, flow::RowMask{});
  }

  std::vector<Part> parts() const {
    const std::vector<std::uint64_t> counts = model_->class_counts();
    std::vector<Part> parts;
    for (const auto& [name, count] : options_.counts) {
      const auto label = std::ranges::find(model_->labels(), name);
      if (label == model_->labels().end()) throw usage_error("there is no class " + name);
      if (count > 0) parts.push_back({static_cast<std::uint32_t>(label - model_->labels().begin()), count});
    }
    if (!options_.counts.empty()) return parts;
    if (!options_.per_class && options_.classes.empty()) {
      std::uint64_t all = 0;
      for (const std::uint64_t count : counts) all += count;
      return {{kNoClass, options_.rows.value_or(all)}};
    }
    const std::vector<std::string>& names = model_->labels();
    std::vector<bool> asked(names.size(), options_.classes.empty());
    for (const std::string& wanted : options_.classes) {
      const std::size_t found = named_word(names, wanted);
      if (found == names.size()) throw usage_error("there is no class " + wanted).with_hint(nearest_name(wanted, names));
      asked[found] = true;
    }
    for (std::uint32_t label = 0; label < names.size(); ++label)
      if (asked[label] && counts[label] > 0) parts.push_back({label, options_.per_class.value_or(counts[label])});
    if (options_.rows) share_out(*options_.rows, parts);
    return parts;
  }

  /// A flag a row, none where nothing is asked. `repaired`: one for each row that is kept, where there are constraints.
  std::vector<std::uint8_t> which_hold(TableData& rows, std::vector<std::uint8_t>& repaired) const {
    std::vector<std::uint8_t> keep;
    if (wanted_.empty() && !constraints_) return keep;
    keep.assign(rows.rows, 1);
    for (const auto& [column, word] : wanted_)
      for (std::size_t r = 0; r < rows.rows; ++r)
        if (rows.columns[column].words[r] != word) keep[r] = 0;
    if (!constraints_) return keep;
    Block block = block_of(rows);
    const Block base = block;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      std::vector<std::string> repairs;
      std::string why;
      if (keep[r] != 0 && !constraints_->repair(block, r, base, r, repairs, why)) keep[r] = 0;
      if (keep[r] != 0) repaired.push_back(repairs.empty() ? 0 : 1);
    }
    take_back(block, rows);
    return keep;
  }

  /// The first `part.rows` rows of the class's stream that are as wanted.
  void add(const Part& part, io::GrowingFile& out, Sampled& sampled) const {
    flow::Pool pool(options_.threads > 0 ? options_.threads : flow::available_threads());
    std::atomic<std::uint64_t> left{part.rows};  // any thread asks whether to go on
    std::uint64_t passed = 0, repaired = 0;
    const std::uint64_t labels = model_->labels().size() + 1, lane = part.label == kNoClass ? labels - 1 : part.label;
    const bool filtered = !wanted_.empty() || constraints_;
    const std::size_t chunks = filtered ? static_cast<std::size_t>((part.rows + kMostPassedOver) / kChunk + 1) : static_cast<std::size_t>((part.rows + kChunk - 1) / kChunk);
    pool.run_ordered(
        chunks,
        [&](std::size_t i) -> std::shared_ptr<void> {
          const std::uint64_t first = i * kChunk;
          TableData rows = model_->draw(part.label, options_.seed, first, filtered ? kChunk : static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, part.rows - first)));
          Chunk chunk;
          const std::vector<std::uint8_t> keep = which_hold(rows, chunk.repaired);
          chunk.lines = lines_of(rows, keep, first * labels + lane, labels);
          return std::make_shared<Chunk>(std::move(chunk));
        },
        [&](std::size_t, const std::shared_ptr<void>& made) {
          const Chunk& chunk = *static_cast<const Chunk*>(made.get());
          const Lines& lines = chunk.lines;
          if (left == 0) return;  // how many chunks are made beyond the last one that is needed depends on the threads
          const std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(left, lines.ends.size()));
          if (take > 0) out.append(std::string_view(lines.text).substr(0, lines.ends[take - 1]));
          if (filtered) passed += kChunk - lines.ends.size();
          repaired += static_cast<std::uint64_t>(std::accumulate(chunk.repaired.begin(), chunk.repaired.begin() + static_cast<std::ptrdiff_t>(std::min(take, chunk.repaired.size())), 0));
          left -= take;
        },
        [&] { return left > 0 && !stop_; });
    if (stop_) throw Error(Fault::interrupted, "stopped; nothing was written");
    if (left > 0) throw data_error("too few rows are as the conditions and constraints ask: " + std::to_string(part.rows - left) + " of " + std::to_string(part.rows));
    sampled.rows += part.rows;
    sampled.passed_over += passed;
    sampled.repaired += repaired;
  }

  std::string lineage_line(const fs::path& file, const Part& part, std::uint64_t first, std::uint64_t end) const {
    Json condition = Json::object();
    if (part.label != kNoClass) condition["class"] = model_->labels()[part.label];
    for (const auto& [column, word] : wanted_) condition[model_->shape().columns[column].name] = model_->shape().columns[column].dictionary[static_cast<std::size_t>(word)];
    const Json line{{"id", file.filename().string()}, {"rows", {first, end}}, {"synthetic", true}, {"generator", saved_.hash}, {"kind", model_->kind()},
                    {"seed", options_.seed}, {"condition", condition}, {"gate", gate_.word}, {"forced", forced()}, {"scores", gate_.scores}};
    return line.dump();
  }

  Json summary(const fs::path& file, const Sampled& sampled) const {
    return {{"synthetic", true}, {"file", file.filename().string()}, {"rows", sampled.rows}, {"passed_over", sampled.passed_over}, {"repaired", sampled.repaired}, {"generator", saved_.hash}, {"seed", options_.seed},
            {"gate", gate_.word}, {"forced", forced()}, {"reasons", gate_.reasons}, {"scores", gate_.scores}, {"leaven", LEAVEN_VERSION}};
  }

  const SampleOptions& options_;
  const std::atomic<bool>& stop_;
  SavedGenerator saved_;
  std::unique_ptr<RowModel> model_;
  KnownGate gate_;
  std::vector<std::pair<std::size_t, std::int32_t>> wanted_{};
  std::optional<flow::TableConstraints> constraints_{};
};

}  // namespace

Sampled sample_table(const SampleOptions& options, std::span<const TableKind> kinds, const std::atomic<bool>& stop) { return TableSampler(options, kinds, stop).run(); }

}  // namespace leaven::learn
