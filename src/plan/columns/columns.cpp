#include "plan/columns/columns.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "plan/recipe_walk.hpp"

namespace leaven::plan {

using recipe::Container;
using recipe::Step;

namespace {

BlockShape shape_of(const Block& block) {
  BlockShape shape;
  for (const Column& column : block.columns) shape.columns.push_back({column.name, column.type, column.kind, column.target});
  return shape;
}

/// One op on the rows of a block where the walk reached it.
struct Leaf {
  const Step* step{};
  std::vector<std::uint32_t> rows{};   ///< those that run it, ascending
  std::vector<OpValue> values{};       ///< one each
  std::vector<Key> keys{};             ///< one each
};

/// Rows are walked one by one, so their draws are those of any other domain; ops with one path become one pass.
class RowCollector : public StepVisitor {
 public:
  void begin(std::uint32_t row, const KeyMaker& keys) { row_ = row, keys_ = &keys; }

  void visit(const Step& step, const std::string& path) override {
    if (step.op->domain != Domain::columns) throw usage_error("works on " + std::string(samples_of(step.op->domain)) + ", and this is a table");
    Leaf& leaf = leaves_[path];
    leaf.step = &step;
    leaf.rows.push_back(row_);
    leaf.values.emplace_back(*step.op);
    set_drawn_values(leaf.values.back(), step, path, *keys_);
    leaf.keys.push_back(keys_->key(path, {}));
  }

  std::map<std::string, Leaf>& leaves() { return leaves_; }

 private:
  std::uint32_t row_{};
  const KeyMaker* keys_{};
  std::map<std::string, Leaf> leaves_;
};

void refuse_random_order(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.container == Container::random_order)
      throw usage_error("random_order would give each row of a table another order of steps").with_place(step.place.text());
    refuse_random_order(step.steps);
  }
}

// Paths in running order: the recipe's own, which is the same for every row.
void collect_paths(const std::vector<Step>& steps, const std::string& prefix, const std::map<std::string, Leaf>& leaves,
                   std::vector<std::string>& order) {
  std::map<std::string_view, int> seen;
  for (const Step& step : steps) {
    const std::string_view name = step.op ? step.op->name : recipe::name_of(step.container);
    const int ordinal = ++seen[name];
    const std::string path = prefix + std::string(name) + (ordinal == 1 ? "" : "#" + std::to_string(ordinal));
    if (step.op) {
      if (leaves.contains(path)) order.push_back(path);
    } else if (step.container == Container::repeat) {
      for (int round = 1; round <= 100; ++round) collect_paths(step.steps, path + "@" + std::to_string(round) + "/", leaves, order);
    } else {
      collect_paths(step.steps, path + "/", leaves, order);
    }
  }
}

std::vector<std::size_t> wanted_columns(const ColumnFunction& function, const std::vector<std::string>& on, const Block& block) {
  std::vector<std::size_t> wanted;
  if (on.empty()) {
    for (const std::size_t index : function.columns)
      if (!block.columns[index].target) wanted.push_back(index);
    return wanted;
  }
  std::vector<std::string_view> names;
  for (const Column& column : block.columns) names.push_back(column.name);
  for (const std::string& name : on) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) throw usage_error("on: there is no column " + name).with_hint(did_you_mean(name, names));
    const auto index = static_cast<std::size_t>(at - names.begin());
    if (std::find(function.columns.begin(), function.columns.end(), index) == function.columns.end())
      throw usage_error("on: column " + name + " is not of a type that this op works on");
    wanted.push_back(index);
  }
  std::ranges::sort(wanted);
  return wanted;
}

template <class T>
void pick(std::vector<T>& to, const std::vector<T>& from, std::span<const std::uint32_t> rows) {
  to.reserve(rows.size());
  if (!from.empty())
    for (const std::uint32_t row : rows) to.push_back(from[row]);
}

Column picked(const Column& column, std::span<const std::uint32_t> rows) {
  Column part = without_cells(column);
  pick(part.text, column.text, rows);
  pick(part.number, column.number, rows);
  pick(part.null, column.null, rows);
  pick(part.changed, column.changed, rows);
  return part;
}

void put_back(Column& column, Column&& part, std::span<const std::uint32_t> rows) {
  column.type = part.type, column.places = part.places;  // a step may make decimals of whole numbers
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t row = rows[i];
    if (!part.text.empty()) column.text[row] = std::move(part.text[i]);
    if (!part.number.empty()) column.number[row] = part.number[i];
    if (!part.null.empty()) column.null[row] = part.null[i];
    if (!part.changed.empty()) column.changed[row] = part.changed[i];
  }
}

// Words and lists cannot become a column of numbers: rows that drew different ones run apart.
std::vector<Leaf> alike(const Leaf& leaf) {
  std::map<std::string, Leaf> groups;
  for (std::size_t i = 0; i < leaf.rows.size(); ++i) {
    std::string words;
    for (const FieldInfo& field : leaf.step->op->fields)
      if (field.type != FieldType::number && field.type != FieldType::integer)
        words += to_text(field.get(leaf.values[i].data())) + '\n';
    Leaf& group = groups[words];
    group.step = leaf.step;
    group.rows.push_back(leaf.rows[i]);
    group.values.push_back(leaf.values[i]);
    group.keys.push_back(leaf.keys[i]);
  }
  std::vector<Leaf> list;
  for (auto& [words, group] : groups) list.push_back(std::move(group));
  return list;
}

// Drawn fields become a column with one value a row; what is the same for all stays in the op.
std::map<std::string, std::vector<double>> per_row_values(const Leaf& leaf) {
  std::map<std::string, std::vector<double>> columns;
  for (const FieldInfo& field : leaf.step->op->fields) {
    if (field.type != FieldType::number && field.type != FieldType::integer) continue;
    std::vector<double> values;
    for (const OpValue& value : leaf.values) values.push_back(as_number(field.get(value.data())));
    if (std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) != values.end())
      columns.emplace(field.name, std::move(values));
  }
  return columns;
}

void add_columns(const ops::WholeTableStep& step, std::span<const std::size_t> wanted, Block& block) {
  for (const auto& added : step.adds) {
    if (added.of != ops::WholeTableStep::npos && std::ranges::find(wanted, added.of) == wanted.end()) continue;
    if (std::ranges::find(block.columns, added.column.name, &Column::name) != block.columns.end())
      throw usage_error("there is a column " + added.column.name + " already");
    Column& column = block.columns.emplace_back(added.column);
    column.text.assign(block.rows, "0");
    if (column.type != Column::Type::text) column.number.assign(block.rows, 0);
    column.null.assign(block.rows, 0);
    column.changed.assign(block.rows, 0);
  }
}

void run_on_whole_table(const Leaf& leaf, const ops::WholeTableStep& step, std::span<const std::size_t> wanted, const std::string& path, WholeTable* whole, Block& block) {
  if (!whole) throw usage_error("works on the whole table, so it stands under prepare:");
  if (leaf.rows.size() != block.rows) throw usage_error("works on the whole table, so it can have no p, no when and no drawn words");
  if (step.along) return whole->along(path, step, wanted, block);
  add_columns(step, wanted, block);
  std::vector<std::string> left_out(block.rows);
  step.rows(block, wanted, leaf.keys, left_out);
  if (!step.leaves_out) return;
  whole->left_out.resize(block.rows);
  for (std::size_t row = 0; row < block.rows; ++row)
    if (whole->left_out[row].empty()) whole->left_out[row] = std::move(left_out[row]);
}

void run_alike(const Leaf& leaf, const Fitted* fitted, const std::vector<std::string>& on, Block& block, const std::string& path,
               WholeTable* whole) {
  const OpValue& op = leaf.values.front();
  const BlockShape shape = shape_of(block);
  auto per_row = per_row_values(leaf);
  Site site;
  site.table = &shape;
  site.fitted = fitted;
  site.per_row = &per_row;
  site.key = leaf.keys.front();
  for (const Node& node : op.lower(site)) {
    const auto* function = std::get_if<ColumnFunction>(&node);
    if (!function) throw bug(std::string(op.info().name) + " of the columns domain made a raster node");
    const std::vector<std::size_t> wanted = wanted_columns(*function, on, block);
    const bool all_rows = leaf.rows.size() == block.rows;
    if (const ops::WholeTableStep* step = ops::whole_table_of(*function)) {
      run_on_whole_table(leaf, *step, wanted, path, whole, block);
      continue;
    }
    if (function->apply_rows) {
      if (all_rows) {
        function->apply_rows(block, wanted, leaf.keys);
        continue;
      }
      Block part{.first = block.first, .rows = leaf.rows.size()};
      for (const Column& column : block.columns) part.columns.push_back(picked(column, leaf.rows));
      function->apply_rows(part, wanted, leaf.keys);
      for (const std::size_t index : wanted) put_back(block.columns[index], std::move(part.columns[index]), leaf.rows);
      continue;
    }
    for (const std::size_t index : wanted) {
      if (all_rows) {
        function->apply(block.columns[index], index, leaf.keys);
        continue;
      }
      Column part = picked(block.columns[index], leaf.rows);
      function->apply(part, index, leaf.keys);
      put_back(block.columns[index], std::move(part), leaf.rows);
    }
  }
}

void run_leaf(const Leaf& leaf, const Fitted* fitted, const std::vector<std::string>& on, Block& block, const std::string& path,
              WholeTable* whole = nullptr) {
  for (const Leaf& group : alike(leaf)) run_alike(group, fitted, on, block, path, whole);
}

}  // namespace

namespace {

/// A pass over train that notes which of the columns that `on:` names hold anything.
class NamedColumns : public Scan {
 public:
  NamedColumns(std::unique_ptr<Scan> train, const std::vector<std::string>& on) : train_(std::move(train)), on_(on), seen_(on.size()) {}

  const Block* next() override {
    const Block* block = train_->next();
    for (std::size_t i = 0; block && i < on_.size(); ++i) {
      const auto column = std::ranges::find(block->columns, on_[i], &Column::name);
      if (column == block->columns.end()) continue;
      const bool holds = std::ranges::find(column->null, std::uint8_t{0}) != column->null.end();
      if (holds || seen_[i] == Seen::nothing) seen_[i] = holds ? Seen::values : Seen::gaps;
    }
    return block;
  }

  /// What is all missing has no mean, no range and no neighbours. A step may stop before the end of the pass: it has learnt enough.
  void require_something() {
    while (next()) {}
    for (std::size_t i = 0; i < on_.size(); ++i)
      if (seen_[i] == Seen::gaps) throw usage_error("on: column " + on_[i] + " holds no value in train, so that nothing can be learnt of it");
  }

 private:
  enum class Seen : std::uint8_t { nothing, gaps, values };
  std::unique_ptr<Scan> train_;
  const std::vector<std::string>& on_;
  std::vector<Seen> seen_;
};

}  // namespace

FittedOps fit_columns(const recipe::Recipe& recipe, const std::function<std::unique_ptr<Scan>()>& scan_train, const FittedOps& known) {
  // Fits do not depend on draws: each op that has one is fitted with the recipe's fixed values, by its path.
  struct Fitter {
    const std::function<std::unique_ptr<Scan>()>& scan_train;
    FittedOps fitted;
    void all(const std::vector<Step>& steps, const std::string& prefix) {
      std::map<std::string_view, int> seen;
      for (const Step& step : steps) {
        const std::string_view name = step.op ? step.op->name : recipe::name_of(step.container);
        const int ordinal = ++seen[name];
        const std::string path = prefix + std::string(name) + (ordinal == 1 ? "" : "#" + std::to_string(ordinal));
        if (step.op && step.op->fit && !fitted.contains(path)) {
          OpValue op(*step.op);
          for (const auto& [field, setting] : step.settings)
            if (!setting.is_drawn()) field->set(op.data(), setting.fixed);
          NamedColumns train(scan_train(), step.on);
          try {
            fitted[path] = step.op->fit(op.data(), train);
            train.require_something();
          } catch (Error& error) {
            throw error.with_op(step.op->name).with_step(path).with_place(step.place.text());
          }
        }
        all(step.steps, path + "/");
      }
    }
  } fitter{scan_train, known};
  fitter.all(recipe.steps, {});
  return fitter.fitted;
}

// Rounds of a repeat share one fit: "repeat@2/table_fill" was fitted as "repeat/table_fill".
static const Fitted* find_fit(const FittedOps& fitted, const std::string& path) {
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '@')
      while (i + 1 < path.size() && path[i + 1] != '/') ++i;
    else plain += path[i];
  }
  const auto at = fitted.find(plain);
  return at == fitted.end() ? nullptr : &at->second;
}

std::vector<Program> run_columns(const recipe::Recipe& recipe, std::span<const DrawContext> rows,
                                 std::span<const std::string> labels, const FittedOps& fitted, Block& block,
                                 WholeTable* whole) {
  refuse_random_order(recipe.steps);
  RowCollector collector;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const KeyMaker keys(rows[row]);
    collector.begin(static_cast<std::uint32_t>(row), keys);
    walk(recipe.steps, keys, labels.empty() ? std::string_view() : labels[row], collector);
  }
  std::vector<std::string> order;
  collect_paths(recipe.steps, {}, collector.leaves(), order);
  std::vector<Program> programs(rows.size());
  for (const std::string& path : order) {
    const Leaf& leaf = collector.leaves()[path];
    try {
      run_leaf(leaf, find_fit(fitted, path), leaf.step->on, block, path, whole);
    } catch (Error& error) {
      error.with_op(leaf.step->op->name).with_step(path).with_place(leaf.step->place.text());
      throw;
    }
    for (std::size_t i = 0; i < leaf.rows.size(); ++i)
      programs[leaf.rows[i]].steps.push_back({path, leaf.values[i], leaf.keys[i], leaf.step->on});
  }
  return programs;
}

void run_columns_reference(const Program& program, const FittedOps& fitted, Block& row) {
  if (row.rows != 1) throw bug("the reference of the columns domain takes one row at a time");
  for (const ProgramStep& made : program.steps) {
    Step step;
    step.op = &made.op.info();
    const Leaf leaf{&step, {0}, {made.op}, {made.key}};
    run_leaf(leaf, find_fit(fitted, made.path), made.on, row, made.path);
  }
}

void take_back_columns(const recipe::Recipe& recipe, const FittedOps& fitted, Block& block) {
  std::vector<std::pair<const Step*, std::string>> steps;
  std::map<std::string_view, int> seen;
  for (const Step& step : recipe.steps) {
    if (!step.op) throw usage_error("steps inside " + std::string(recipe::name_of(step.container)) + " cannot be taken back").with_place(step.place.text());
    const int ordinal = ++seen[step.op->name];
    steps.emplace_back(&step, std::string(step.op->name) + (ordinal == 1 ? "" : "#" + std::to_string(ordinal)));
  }
  const std::vector<Key> keys(block.rows);
  for (auto at = steps.rbegin(); at != steps.rend(); ++at) {
    const auto& [step, path] = *at;
    if (!step->op->invert) continue;
    OpValue op(*step->op);
    for (const auto& [field, setting] : step->settings) {
      if (setting.is_drawn()) throw usage_error("a drawn " + std::string(field->name) + " cannot be taken back").with_op(step->op->name).with_place(step->place.text());
      field->set(op.data(), setting.fixed);
    }
    const BlockShape shape = shape_of(block);
    Site site;
    site.table = &shape;
    site.fitted = find_fit(fitted, path);
    for (const Node& node : step->op->invert(op.data(), site))
      if (const auto* function = std::get_if<ColumnFunction>(&node))
        for (const std::size_t index : wanted_columns(*function, step->on, block)) function->apply(block.columns[index], index, keys);
  }
}

}  // namespace leaven::plan
