#include "io/column_guess.hpp"

#define XXH_INLINE_ALL  // cells are short: a call would cost as much as the hash
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "io/cell_number.hpp"
#include "io/csv_rows.hpp"
#include "io/date_text.hpp"
#include "io/file.hpp"

namespace leaven::io {

namespace {

constexpr std::size_t kMostWords = 1024, kWordSlots = 4096;  // distinct cells counted, and their hash table
constexpr std::size_t kMostRemembered = 65'536;              // cells compared with each other
constexpr std::uint64_t kEnoughForAnId = 20;                 // fewer rows differ by chance
constexpr double kExact = 9007199254740992.0;                // 2^53: above it doubles skip whole numbers

/// "id", "user_id", "userId", "customer id", "uuid"; nothing at all is how data frames write their index.
bool named_like_id(std::string_view name) {
  const std::string lower = lower_case(name);
  if (lower.empty() || lower == "id" || lower == "uuid" || lower == "guid" || lower == "key" || lower == "index" ||
      lower == "unnamed: 0")
    return true;
  if (lower.size() < 3 || !lower.ends_with("id")) return false;
  const char before = name[name.size() - 3];
  return before == '_' || before == '-' || before == ' ' || before == '.' || name.ends_with("Id") || name.ends_with("ID");
}

bool is_truth_pair(const std::string& a, const std::string& b) {
  static constexpr std::array<std::array<std::string_view, 2>, 6> kPairs{
      {{"false", "true"}, {"no", "yes"}, {"n", "y"}, {"f", "t"}, {"0", "1"}, {"off", "on"}}};
  return std::ranges::any_of(kPairs, [&](const auto& p) { return (a == p[0] && b == p[1]) || (a == p[1] && b == p[0]); });
}

}  // namespace

Column::Type storage_of(ColumnKind kind) {
  return kind == ColumnKind::integer   ? Column::Type::integer
         : kind == ColumnKind::decimal ? Column::Type::decimal
                                       : Column::Type::text;
}

Column::Type ColumnProfile::type() const { return storage_of(kind); }

bool is_missing_word(std::string_view text, const TableRules& rules) {
  if (!text.empty() && text.front() != ' ' && text.front() != '?' && rules.missing.empty()) return false;
  text = without_blanks(text);
  return text.empty() || text == "?" || std::ranges::find(rules.missing, text) != rules.missing.end();
}

ColumnGuess::ColumnGuess(std::string name, const TableRules& rules, bool comma_allowed)
    : name_(std::move(name)), rules_(rules), comma_allowed_(comma_allowed), words_(kWordSlots) {}

void ColumnGuess::see(std::string_view text, std::uint64_t line) {
  ++cells_;
  if (!rules_.missing.empty() && is_missing_word(text, rules_)) return void(++missing_);
  const CellNumber cell = cell_number(text);
  switch (cell.kind) {
    case CellKind::missing:
      ++missing_;
      // NA and the like are words where the column turns out to be one of texts.
      if (!is_missing_word(text, rules_) && !many_words_) count_word(without_blanks(text));
      return;
    case CellKind::integer: ++wholes_; break;
    case CellKind::decimal: ++points_; break;
    case CellKind::text: return see_text(text, line);
  }
  see_number(cell.value, cell.places);
  tell_apart(without_blanks(text), text);
}

void ColumnGuess::tell_apart(std::string_view word, std::string_view text) {
  if (!many_words_ && !count_word(word)) many_words_ = true;
  if (!repeats_ && seen_.size() < kMostRemembered) remember(XXH3_64bits(text.data(), text.size()));
}

void ColumnGuess::see_word(std::string_view text, std::uint64_t line) {
  ++cells_;
  if (is_missing_word(text, rules_)) return void(++missing_);
  count_as_text(without_blanks(text), text, line);
}

void ColumnGuess::see_text(std::string_view text, std::uint64_t line) {
  const std::string_view word = without_blanks(text);
  if (comma_allowed_) {
    if (const CellNumber cell = cell_number(word, ','); cell.kind == CellKind::decimal) {
      ++commas_;
      thousands_ += cell.places == 3;
      see_number(cell.value, cell.places);
      return tell_apart(word, text);
    }
  }
  count_as_text(word, text, line);
}

void ColumnGuess::count_as_text(std::string_view word, std::string_view text, std::uint64_t line) {
  if (texts_++ == 0) stray_ = std::string(word.substr(0, 60)), stray_line_ = line;
  longest_ = std::max(longest_, word.size());
  spaces_ |= word.find(' ') != std::string_view::npos;
  if (dates_ + 1 == texts_ && is_date(word)) ++dates_;
  tell_apart(word, text);
}

void ColumnGuess::see_number(double value, int places) {
  beyond_doubles_ |= std::fabs(value) > kExact && places == 0;
  if (!std::isfinite(value)) return void(++not_finite_);
  const std::uint64_t numbers = wholes_ + points_ + commas_ - not_finite_;
  if (numbers <= 1) first_ = lowest_ = highest_ = value;
  places_ = std::max(places_, places);
  lowest_ = std::min(lowest_, value);
  highest_ = std::max(highest_, value);
  sum_ += value - first_;
  squares_ += (value - first_) * (value - first_);
}

// False when there are too many different ones to count.
bool ColumnGuess::count_word(std::string_view text) {
  if (Word& last = words_[last_word_]; last.count > 0 && last.text == text) {  // many columns have one word in most rows
    ++last.count;
    return true;
  }
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  for (std::size_t slot = hash % kWordSlots;; slot = (slot + 1) % kWordSlots) {
    Word& word = words_[slot];
    if (word.count == 0) {
      if (word_count_ >= kMostWords) return false;
      ++word_count_;
      word = {std::string(text), hash, 1};
      last_word_ = slot;
      return true;
    }
    if (word.hash != hash || word.text != text) continue;
    last_word_ = slot;
    ++word.count;
    return true;
  }
}

void ColumnGuess::remember(std::uint64_t hash) { repeats_ |= !seen_.insert(hash).second; }

bool ColumnGuess::all_differ() const { return !repeats_ && missing_ == 0 && cells_ >= kEnoughForAnId; }

bool ColumnGuess::are_truths() const {
  if (many_words_ || word_count_ != 2) return false;
  std::vector<std::string> two;
  for (const Word& word : words_)
    if (word.count > 0) two.push_back(lower_case(word.text));
  return is_truth_pair(two[0], two[1]);
}

ColumnKind ColumnGuess::kind_of_numbers() const {
  if (points_ + commas_ > 0) return ColumnKind::decimal;
  if (are_truths()) return ColumnKind::boolean;
  const bool all_different = !repeats_ && missing_ == 0;
  if (all_different && (beyond_doubles_ || (named_like_id(name_) && cells_ >= kEnoughForAnId))) return ColumnKind::id;
  return ColumnKind::integer;
}

ColumnKind ColumnGuess::kind_of_texts() const {
  constexpr std::size_t kLongestCategory = 100, kLongestId = 64;  // characters
  if (texts_ > 0 && dates_ == texts_) return ColumnKind::date_time;
  if (are_truths()) return ColumnKind::boolean;
  if (texts_ > 0 && all_differ() && longest_ <= kLongestId && !spaces_) return ColumnKind::id;
  const std::uint64_t there = cells_ - missing_;
  const bool few = !many_words_ && (word_count_ <= kEnoughForAnId || word_count_ <= there / 4);
  return few && longest_ <= kLongestCategory && word_count_ < std::max<std::uint64_t>(there, 2) ? ColumnKind::category : ColumnKind::text;
}

/// 1,234 may be a thousand and some; 1,5 and 1.5 in one column may be anything.
bool ColumnGuess::is_ambiguous() const {
  return commas_ > 0 && (points_ > 0 || (thousands_ == commas_ && !rules_.decimal_comma.value_or(false)));
}

ColumnKind ColumnGuess::kind() const {
  const bool numbers = wholes_ + points_ + commas_ > 0;
  if (texts_ == 0 && numbers && !is_ambiguous()) return kind_of_numbers();
  if (texts_ == 0 && !numbers) return ColumnKind::text;  // nothing but missing cells
  return kind_of_texts();
}

ColumnProfile ColumnGuess::profile() const {
  ColumnProfile p;
  p.name = name_;
  const auto told = rules_.kinds.find(name_);
  p.told = told != rules_.kinds.end();
  p.kind = p.told ? told->second : kind();
  p.mark = commas_ > 0 ? ',' : '.';
  p.places = p.kind == ColumnKind::decimal ? places_ : 0;
  p.cells = cells_;
  p.missing = missing_;
  p.more_distinct = many_words_;
  p.distinct = word_count_;
  const std::uint64_t numbers = wholes_ + points_ + commas_;
  if (storage_of(p.kind) != Column::Type::text) {
    const auto n = static_cast<double>(std::max<std::uint64_t>(1, numbers - not_finite_));
    p.lowest = lowest_, p.highest = highest_;
    p.mean = first_ + sum_ / n;
    p.std = std::isfinite(squares_) ? std::sqrt(std::max(0.0, squares_ / n - (sum_ / n) * (sum_ / n))) : std::numeric_limits<double>::infinity();
    p.not_finite = not_finite_;
    return p;
  }
  for (const Word& word : words_) {
    if (word.count == 0) continue;
    p.words.emplace_back(word.text, word.count);
    // What looked missing among numbers is a word like any other here.
    if (cell_number(word.text).kind == CellKind::missing) p.missing -= word.count;
  }
  std::ranges::sort(p.words, [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  if (p.words.size() > ColumnProfile::kWordsShown) p.words.resize(ColumnProfile::kWordsShown);
  if (many_words_) p.words.clear();
  p.doubtful_comma = !p.told && texts_ == 0 && is_ambiguous();
  if (texts_ > 0 && numbers > 20 * texts_) p.stray_texts = texts_, p.stray = stray_, p.stray_line = stray_line_;
  return p;
}

}  // namespace leaven::io
