// What networks for tables share: rows as tokens and places, classes too small for a network, drawing by key, files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "learn/generate/row_code.hpp"
#include "learn/generate/table_model.hpp"
#include "learn/torch/parameters.hpp"

namespace leaven::learn {

/// What a network says of B rows: logits of all columns' tokens side by side, a place for each column that has one.
struct RawRows {
  torch::Tensor logits{}, places{};
};

/// Rows of a training: the tokens' numbers among all tokens (B × columns), places and classes.
struct RowBatch {
  torch::Tensor tokens{}, places{}, labels{};
};

class CodedRowModel : public RowModel {
 public:
  const TableData& shape() const override { return shape_; }
  const std::vector<std::string>& labels() const override { return labels_; }
  std::vector<std::uint64_t> class_counts() const override { return counts_; }
  TableData draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override;
  void save(SavedGenerator& to) const override;

 protected:
  explicit CodedRowModel(Key key, NumberCode numbers = NumberCode::modes) : parameters_(key), numbers_(numbers) {}
  /// Learns the columns' code. Classes with fewer than TableModel::kLeastClass rows are left to interpolation.
  void begin_fit(const RowFit& fit);
  /// When all is learnt: where what it draws is not as the rows that it learnt from are.
  void say_what_is_unlike(const RowFit& fit) const;
  void begin_load(const SavedGenerator& from);
  void load_weights(const SavedGenerator& from) { parameters_.load(from.tensors); }

  /// `row`: number of the first row in its stream; labels: one a row, of classes that are large enough.
  virtual RawRows raw(Key key, std::uint64_t row, const torch::Tensor& labels) const = 0;
  /// Deviation of each place about what the network says.
  virtual torch::Tensor place_deviation() const = 0;

  const RowCode& code() const { return code_; }
  std::uint32_t label_of(std::uint32_t item) const { return trained_labels_[item]; }
  std::int64_t classes() const { return static_cast<std::int64_t>(labels_.size()); }
  std::int64_t columns() const { return static_cast<std::int64_t>(code_.columns().size()); }
  std::int64_t tokens() const { return static_cast<std::int64_t>(code_.tokens()); }
  std::int64_t places() const { return static_cast<std::int64_t>(place_columns_.size()); }
  /// Where each column's tokens begin, and how many there are.
  const std::vector<std::pair<std::int64_t, std::int64_t>>& spans() const { return spans_; }
  /// The column of each place.
  const std::vector<std::int64_t>& place_columns() const { return place_columns_; }
  /// The first token of a column, among all tokens, that comes with a place.
  std::int64_t first_mode(std::int64_t column) const {
    return spans_[static_cast<std::size_t>(column)].first + static_cast<std::int64_t>(code_.columns()[static_cast<std::size_t>(column)].first_mode());
  }
  /// The item-th of the rows that are shown, or of those that are not.
  RowBatch batch(const std::vector<std::uint32_t>& items) const;
  std::size_t shown() const { return shown_; }
  std::size_t unseen() const { return trained_labels_.size() - shown_; }
  /// One at each column's token, and the places behind.
  torch::Tensor as_input(const RowBatch& rows) const;

  static constexpr std::int64_t kRowsAtOnce = 512;
  Parameters parameters_;

 private:
  NumberCode numbers_;
  void lay_out();
  bool is_small(std::uint32_t label) const { return small_by_label_[label] != 0; }
  TableData drawn_batch(Key key, std::uint32_t label, std::uint64_t seed, std::uint64_t from) const;

  TableData shape_{};
  std::vector<std::string> labels_{};
  std::vector<std::uint64_t> counts_{};
  std::vector<std::uint8_t> small_by_label_{};
  std::optional<TableModel> small_{};  ///< of classes too small
  RowCode code_{};
  std::vector<std::pair<std::int64_t, std::int64_t>> spans_{};
  std::vector<std::int64_t> place_columns_{};
  // While fitting: shown rows first, then those that only early stopping looks at.
  CodedRows trained_{};
  std::vector<std::uint32_t> trained_labels_{};
  std::size_t shown_{};
};

/// A key of its own for each purpose.
Key key_for(Key key, const char* purpose);

/// Of a CodedRowModel that is made with a seed and has fit() and load().
template <class Model>
TableKind network_kind(std::string name, std::string summary) {
  return {std::move(name), std::move(summary),
          [](const RowFit& fit) {
            auto model = std::make_unique<Model>(fit.seed);
            model->fit(fit);
            return model;
          },
          [](const SavedGenerator& saved) {
            auto model = std::make_unique<Model>(0);
            model->load(saved);
            return model;
          }};
}

}  // namespace leaven::learn
