#include "flow/balance/row_maker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/exact_math.hpp"
#include "ops/table/columns.hpp"

namespace leaven::flow {

using kernels::kNoRow;
using recipe::BalanceMethod;

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string middle_name(const std::string& label) { return "middle of class " + label; }

}  // namespace

Fitted fit_balance(const RowMatrix& matrix, BalanceMethod method, bool scale) {
  Fitted fitted;
  if (method == BalanceMethod::g_smote) fitted["units"] = space_of(matrix, scale).unit;
  if (method != BalanceMethod::polynom_fit) return fitted;
  for (std::uint32_t label = 0; label < matrix.labels.size(); ++label) {
    std::vector<double> sums(matrix.dims()), counts(matrix.dims());
    for (std::size_t r = 0; r < matrix.rows(); ++r)
      for (std::size_t d = 0; d < matrix.dims() && matrix.label[r] == label; ++d)
        if (const double v = matrix.number(r, d); !std::isnan(v)) sums[d] += v, counts[d] += 1;
    for (std::size_t d = 0; d < sums.size(); ++d) sums[d] = counts[d] > 0 ? sums[d] / counts[d] : kNone;
    fitted[middle_name(matrix.labels[label])] = sums;
  }
  return fitted;
}

RowMaker::RowMaker(const RowMatrix& matrix, std::vector<Column> shape, BalanceMethod method, const recipe::Balance& rules, const Fitted& fitted)
    : matrix_(matrix), shape_(std::move(shape)), method_(method), rules_(rules) {
  if (const auto at = fitted.find("units"); at != fitted.end()) unit_ = at->second;
  for (const std::string& label : matrix.labels)
    if (const auto at = fitted.find(middle_name(label)); at != fitted.end()) middle_.emplace_back(at->second);
}

Block RowMaker::empty() const { return {.columns = shape_}; }

std::int32_t RowMaker::voted(std::size_t w, std::span<const std::uint32_t> voters, std::int32_t own) const {
  std::int32_t winner = own;
  std::size_t most = 0;
  for (const std::uint32_t voter : voters) {  // nearest first, so that of equally many votes the nearest row's wins
    if (voter == kNoRow) continue;
    const std::int32_t word = matrix_.word(voter, w);
    const auto votes = static_cast<std::size_t>(std::ranges::count_if(voters, [&](std::uint32_t v) { return v != kNoRow && matrix_.word(v, w) == word; }));
    if (votes > most) most = votes, winner = word;
  }
  return winner;
}

// Douzas and Bacao 2019, section 3: a place in the unit ball, cut, squeezed, then moved to the row.
void RowMaker::move_in_ball(const Synthetic& row, std::vector<double>& numbers) const {
  std::vector<double> direction(numbers.size()), towards(numbers.size());
  double length = 0, radius = 0;
  for (std::size_t d = 0; d < numbers.size(); ++d) {
    direction[d] = draw(normal(0, 1), row.key, d);
    length += direction[d] * direction[d];
    const double apart = matrix_.number(row.partner, d) - numbers[d];
    towards[d] = std::isnan(apart) ? 0 : apart / unit_[d];
    radius += towards[d] * towards[d];
  }
  length = std::sqrt(length), radius = std::sqrt(radius);
  if (radius == 0 || length == 0) return;
  const double inside = exact::pow(draw_unit(row.key, numbers.size()), 1 / static_cast<double>(numbers.size()));
  double along = 0;
  for (std::size_t d = 0; d < numbers.size(); ++d) {
    direction[d] *= inside / length;
    towards[d] /= radius;
    along += direction[d] * towards[d];
  }
  const double flip = std::fabs(rules_.truncation - along) > 1 ? 2 * along : 0;
  along -= flip;
  for (std::size_t d = 0; d < numbers.size(); ++d) {
    const double across = direction[d] - flip * towards[d] - along * towards[d];
    numbers[d] += radius * (along * towards[d] + (1 - rules_.deformation) * across) * unit_[d];
  }
}

std::vector<bool> RowMaker::taken_cells(const Synthetic& row) const {
  std::vector<bool> taken(matrix_.dims() + matrix_.word_columns.size());
  if (method_ != BalanceMethod::cutmix || row.partner == kNoRow) return taken;
  std::vector<std::pair<std::uint64_t, std::size_t>> ranked;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    if (std::ranges::find(matrix_.soft, i) != matrix_.soft.end()) continue;
    const auto block = random_block(row.key, i);
    ranked.emplace_back((std::uint64_t{block[0]} << 32) | block[1], i);
  }
  std::ranges::sort(ranked);
  const auto count = static_cast<std::size_t>(std::nearbyint(row.lambda * static_cast<double>(ranked.size())));
  for (std::size_t i = 0; i < count; ++i) taken[ranked[i].second] = true;
  return taken;
}

void RowMaker::take_cells(const Synthetic& row, std::vector<double>& numbers) const {
  const std::vector<bool> taken = taken_cells(row);
  for (std::size_t d = 0; d < numbers.size(); ++d)
    if (taken[d]) numbers[d] = matrix_.number(row.partner, d);
  const auto cells = static_cast<double>(taken.size() - matrix_.soft.size());
  const double share = cells > 0 ? static_cast<double>(std::ranges::count(taken, true)) / cells : 0;
  for (const std::size_t d : matrix_.soft)
    if (const double end = matrix_.number(row.partner, d); !std::isnan(numbers[d]) && !std::isnan(end)) numbers[d] += share * (end - numbers[d]);
}

std::int32_t RowMaker::word_of(const Synthetic& row, std::size_t w, std::span<const std::uint32_t> voters, const std::vector<bool>& taken) const {
  const bool mixed = method_ == BalanceMethod::mixup && row.partner != kNoRow && draw_unit(row.key, w) < row.lambda;
  if (mixed || taken[matrix_.dims() + w]) return matrix_.word(row.partner, w);
  return voted(w, voters, matrix_.word(row.base, w));
}

std::vector<double> RowMaker::place(const Synthetic& row) const {
  std::vector<double> numbers(matrix_.dims());
  for (std::size_t d = 0; d < numbers.size(); ++d) numbers[d] = matrix_.number(row.base, d);
  if (method_ == BalanceMethod::g_smote && row.partner != kNoRow) {
    move_in_ball(row, numbers);
    return numbers;
  }
  if (method_ == BalanceMethod::cutmix && row.partner != kNoRow) {
    take_cells(row, numbers);
    return numbers;
  }
  const bool to_middle = method_ == BalanceMethod::polynom_fit;
  if (!to_middle && row.partner == kNoRow) return numbers;
  for (std::size_t d = 0; d < numbers.size(); ++d) {
    const double end = to_middle ? middle_[row.label][d] : matrix_.number(row.partner, d);
    if (!std::isnan(numbers[d]) && !std::isnan(end)) numbers[d] += row.lambda * (end - numbers[d]);
  }
  return numbers;
}

void RowMaker::append(const Synthetic& row, std::span<const std::uint32_t> voters, Block& to) const {
  ++to.rows;
  for (Column& column : to.columns) {
    column.text.emplace_back();
    if (column.type != Column::Type::text) column.number.push_back(0);
    column.null.push_back(1);
    column.changed.push_back(1);
    column.quoted.push_back(0);
  }
  const std::vector<double> numbers = place(row);
  for (std::size_t d = 0; d < numbers.size(); ++d) {
    Column& column = to.columns[matrix_.number_columns[d]];
    if (std::isnan(numbers[d])) continue;
    column.number.back() = ops::as_written(numbers[d], column);
    column.null.back() = 0;
  }
  const auto put = [&](std::size_t index, const RowMatrix::Word& word) {
    Column& column = to.columns[index];
    column.text.back() = word.text;
    column.null.back() = word.null ? 1 : 0;
    column.quoted.back() = word.quoted ? 1 : 0;
    column.changed.back() = 0;
  };
  const std::vector<bool> taken = taken_cells(row);
  for (std::size_t w = 0; w < matrix_.word_columns.size(); ++w)
    put(matrix_.word_columns[w], matrix_.dictionaries[w][static_cast<std::size_t>(word_of(row, w, voters, taken))]);
  const std::size_t texts = matrix_.text_columns.size();
  for (std::size_t t = 0; t < texts; ++t) put(matrix_.text_columns[t], matrix_.texts[row.base * texts + t]);
}

SynthesisRecord RowMaker::record(const Synthetic& row, std::span<const std::uint32_t> voters, const std::string& name) const {
  SynthesisRecord record;
  record.method = recipe::name_of(method_);
  const auto add = [&](std::uint32_t r) {
    record.parents.push_back(name + "#" + std::to_string(matrix_.source[r]));
    record.parent_digests.push_back(to_hex(matrix_.digest[r]));
  };
  add(row.base);
  if (row.partner != kNoRow) add(row.partner);
  if (row.partner != kNoRow || method_ == BalanceMethod::polynom_fit) record.lambda = {row.lambda};
  record.key = row.key;
  if (method_ == BalanceMethod::g_smote && row.key != Key{}) record.lambda.clear();  // the key says where in the ball
  for (const std::uint32_t voter : voters)
    if (voter != kNoRow) record.voters.push_back(name + "#" + std::to_string(matrix_.source[voter]));
  return record;
}

}  // namespace leaven::flow
