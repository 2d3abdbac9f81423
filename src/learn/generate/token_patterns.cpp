#include "learn/generate/token_patterns.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "core/error.hpp"
#include "core/value.hpp"

namespace leaven::learn {

TokenPatterns TokenPatterns::fit(std::span<const std::int32_t> tokens, std::span<const std::uint32_t> labels, std::size_t classes, std::span<const std::int64_t> column_tokens) {
  TokenPatterns made;
  made.column_tokens_.assign(column_tokens.begin(), column_tokens.end());
  made.classes_.resize(classes);
  const std::size_t n = column_tokens.size();
  const auto all = static_cast<std::size_t>(std::reduce(column_tokens.begin(), column_tokens.end()));
  std::vector<std::map<std::vector<std::int32_t>, std::uint64_t>> seen(classes);
  for (OfClass& c : made.classes_) c.counts.resize(all);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = tokens.subspan(i * n, n);
    ++seen[labels[i]][{row.begin(), row.end()}];
    OfClass& c = made.classes_[labels[i]];
    c.rows += 1;
    for (std::size_t j = 0, at = 0; j < n; at += static_cast<std::size_t>(column_tokens[j]), ++j) c.counts[at + static_cast<std::size_t>(row[j])] += 1;
  }
  for (std::size_t label = 0; label < classes; ++label) {
    OfClass& c = made.classes_[label];
    double below = 0;
    for (const auto& [pattern, rows] : seen[label]) {
      if (rows < kLeastRows) continue;
      c.tokens.insert(c.tokens.end(), pattern.begin(), pattern.end());
      c.below.push_back(below += static_cast<double>(rows));
    }
  }
  return made;
}

void TokenPatterns::draw(std::uint32_t label, Key key, std::uint64_t row, std::span<std::int32_t> tokens) const {
  const OfClass& c = classes_[label];
  const std::size_t n = column_tokens_.size();
  const std::uint64_t element = row * stride();
  const auto found = std::ranges::upper_bound(c.below, draw_unit(key, element) * c.rows);
  if (found != c.below.end()) {
    std::ranges::copy_n(c.tokens.begin() + (found - c.below.begin()) * static_cast<std::ptrdiff_t>(n), static_cast<std::ptrdiff_t>(n), tokens.begin());
    return;
  }
  auto at = c.counts.begin();
  for (std::size_t j = 0; j < n; ++j) {
    const auto end = at + column_tokens_[j];
    tokens[j] = static_cast<std::int32_t>(draw_weighted({at, end}, key, element + 1 + j));
    at = end;
  }
}

void TokenPatterns::save(Tensors& to) const {
  for (std::size_t label = 0; label < classes_.size(); ++label) {
    const std::string name = "patterns." + std::to_string(label) + ".";
    to.add(name + "tokens", classes_[label].tokens);
    to.add(name + "below", classes_[label].below);
    to.add(name + "counts", classes_[label].counts);
  }
}

TokenPatterns TokenPatterns::load(const Tensors& from, const std::vector<bool>& with_rows, std::span<const std::int64_t> column_tokens) {
  TokenPatterns made;
  made.column_tokens_.assign(column_tokens.begin(), column_tokens.end());
  const std::size_t n = column_tokens.size();
  const auto all = static_cast<std::size_t>(std::reduce(column_tokens.begin(), column_tokens.end()));
  for (std::size_t label = 0; label < with_rows.size(); ++label) {
    const std::string name = "patterns." + std::to_string(label) + ".";
    OfClass c{.tokens = from.integers(name + "tokens"), .below = from.doubles(name + "below"), .counts = from.doubles(name + "counts", all)};
    bool sound = c.tokens.size() == c.below.size() * n;
    for (std::size_t i = 0; sound && i < c.tokens.size(); ++i) sound = c.tokens[i] >= 0 && c.tokens[i] < column_tokens[i % n];
    for (std::size_t i = 0; i < c.below.size(); ++i) sound = sound && std::isfinite(c.below[i]) && c.below[i] > (i > 0 ? c.below[i - 1] : 0);
    for (const double count : c.counts) sound = sound && count >= 0 && std::isfinite(count);
    // Each column has all rows of the class, so that there is something to draw.
    for (std::size_t j = 0, at = 0; sound && j < n; at += static_cast<std::size_t>(column_tokens[j]), ++j) {
      const double rows = std::accumulate(c.counts.begin() + static_cast<std::ptrdiff_t>(at), c.counts.begin() + static_cast<std::ptrdiff_t>(at) + column_tokens[j], 0.0);
      sound = j == 0 || rows == c.rows;
      c.rows = rows;
    }
    if (!sound || (with_rows[label] && !(c.rows > 0)) || (!c.below.empty() && c.below.back() > c.rows)) throw data_error("the generator's file has broken patterns of tokens");
    made.classes_.push_back(std::move(c));
  }
  return made;
}

}  // namespace leaven::learn
