// Which cells of a row are missing, which hold a frequent number and which another one: drawn as often as rows of the class were so.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/key.hpp"
#include "learn/generate/saved.hpp"

namespace leaven::learn {

/// A pattern is a token for each column. What fewer than kLeastRows rows of a class are like is not kept: in their share tokens are
/// drawn column by column.
class TokenPatterns {
 public:
  /// `tokens`: rows × columns, each below its column's count; `labels`: one a row, below `classes`.
  static TokenPatterns fit(std::span<const std::int32_t> tokens, std::span<const std::uint32_t> labels, std::size_t classes, std::span<const std::int64_t> column_tokens);
  /// Of a class that has rows. Draws elements [row · stride(), (row + 1) · stride()) of the key.
  void draw(std::uint32_t label, Key key, std::uint64_t row, std::span<std::int32_t> tokens) const;
  std::uint64_t stride() const { return 1 + column_tokens_.size(); }

  void save(Tensors& to) const;
  /// Throws Error(data) for anything that does not fit the columns, or a class among `with_rows` that has nothing to draw from.
  static TokenPatterns load(const Tensors& from, const std::vector<bool>& with_rows, std::span<const std::int64_t> column_tokens);

  static constexpr std::uint64_t kLeastRows = 5;

 private:
  struct OfClass {
    std::vector<std::int32_t> tokens{};   ///< patterns × columns
    std::vector<double> below{};          ///< rows up to and with each pattern
    double rows{};                        ///< of the class
    std::vector<double> counts{};         ///< rows of each token, column after column
  };
  std::vector<std::int64_t> column_tokens_{};
  std::vector<OfClass> classes_{};
};

}  // namespace leaven::learn
