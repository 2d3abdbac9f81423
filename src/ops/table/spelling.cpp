// One spelling for categories that are written in several.
#include <algorithm>
#include <array>
#include <sstream>
#include <unordered_map>

#include "core/error.hpp"
#include "ops/table/columns.hpp"
#include "ops/table/donors.hpp"

namespace leaven::ops {
namespace {

namespace table_spelling {
struct Op {
  bool letters = true;
  bool blanks = true;
  bool marks = false;
  std::string same{};
};
constexpr auto fields = std::array{
    field<&Op::letters>("letters", {.doc = "Capital and small letters (A to Z) are alike"}),
    field<&Op::blanks>("blanks", {.doc = "Blanks around a word do not count, several count as one"}),
    field<&Op::marks>("marks", {.doc = "The marks . - _ / ' and blanks do not count at all"}),
    field<&Op::same>("same", {.doc = "Other spellings of one word, \"NYC = New York; N.Y. = New York\", by the same rules"})};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// What two spellings of one word have in common.
std::string rule_form(const Op& op, std::string_view word) {
  std::string form;
  bool blank = false;
  for (const char c : word) {
    if (is_blank(c) && (op.blanks || op.marks)) {
      blank = true;
      continue;
    }
    if (op.marks && std::string_view(".-_/'").find(c) != std::string_view::npos) continue;
    if (blank && !op.marks && !form.empty()) form += ' ';
    blank = false;
    form += op.letters && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return form;
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return std::string(text);
}

/// "NYC = New York; …" → form of NYC → New York.
std::map<std::string, std::string> told_words(const Op& op) {
  std::map<std::string, std::string> told;
  std::istringstream parts(op.same);
  for (std::string part; std::getline(parts, part, ';');) {
    if (trimmed(part).empty()) continue;
    const std::size_t equals = part.find('=');
    const std::string from = trimmed(std::string_view(part).substr(0, equals));
    const std::string to = equals == std::string::npos ? "" : trimmed(std::string_view(part).substr(equals + 1));
    if (from.empty() || to.empty()) throw usage_error("same must be pairs \"NYC = New York; …\", got \"" + trimmed(part) + "\"");
    told[rule_form(op, from)] = to;
  }
  return told;
}

/// Form → spelling. Words come most frequent first, so the first of a form wins.
using Spellings = std::unordered_map<std::string, std::string>;

Nodes lower(const Op& op, const Site& at) {
  const auto told = told_words(op);
  std::vector<std::shared_ptr<const Spellings>> spellings(at.table->columns.size());
  for (const std::size_t c : category_columns(*at.table)) {
    auto forms = std::make_shared<Spellings>(told.begin(), told.end());
    for (const auto& [from, to] : told) forms->emplace(rule_form(op, to), to);
    if (const FittedValues* known = fitted_words(at, c))
      for (const std::string& word : known->words) forms->emplace(rule_form(op, word), word);
    spellings[c] = forms;
  }
  const auto apply = [op, spellings](Column& column, std::size_t index, std::span<const Key> keys) {
    for (std::size_t row = 0; row < keys.size(); ++row) {
      if (column.null[row] != 0) continue;
      const auto found = spellings[index]->find(rule_form(op, column.text[row]));
      if (found != spellings[index]->end() && found->second != column.text[row]) put_word(column, row, found->second);
    }
  };
  return {ColumnFunction{category_columns(*at.table), apply, {}}};
}

Fitted fit(const Op&, Scan& train) { return fit_words(train); }
}  // namespace table_spelling

}  // namespace

void add_table_spelling(OpTable& t) {
  t.add(op<table_spelling::Op, table_spelling::lower, nullptr, table_spelling::fit>(
      {.name = "table_spelling",
       .summary = "Give each category one spelling",
       .detail = "Words that are alike by the rules get the spelling that is most frequent in train, of equally frequent ones the smaller bytewise; "
                 "what `same` tells comes first. Words that train has not (and the rarest, above 1,024 in a column) stay, but where they are like "
                 "one that it has. The target is left alone unless `on:` names it.",
       .family = "table",
       .example = "table_spelling: {same: \"NYC = New York\"}",
       .domain = Domain::columns,
       .node = NodeKind::columns,
       .reads = Reads::cells,
       .fields = table_spelling::fields}));
}

}  // namespace leaven::ops
