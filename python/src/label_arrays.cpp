#include "label_arrays.hpp"

#include "arrays.hpp"

namespace leaven::python {

nb::object label_array(const std::vector<Label>& labels, LabelKind kind, bool soft, std::size_t classes) {
  if (soft) {
    std::vector<float> rows(labels.size() * classes);
    for (std::size_t row = 0; row < labels.size(); ++row)
      for (const auto& [number, share] : labels[row].shares) rows[row * classes + number] = static_cast<float>(share);
    return to_array(std::move(rows), {labels.size(), classes});
  }
  if (kind == LabelKind::number) {
    std::vector<double> numbers;
    for (const Label& label : labels) numbers.push_back(label.number);
    return to_array(std::move(numbers), {labels.size()});
  }
  std::vector<std::int64_t> numbers;
  for (const Label& label : labels) numbers.push_back(label.shares.empty() ? -1 : static_cast<std::int64_t>(label.shares.front().first));
  return to_array(std::move(numbers), {labels.size()});
}

}  // namespace leaven::python
