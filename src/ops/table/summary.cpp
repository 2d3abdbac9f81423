#include "ops/table/summary.hpp"

#include <algorithm>
#include <cmath>

namespace leaven::ops {

namespace {
constexpr std::size_t kMost = 65'536;
}

void Spread::add(const Column& column) {
  double n = 0, sum = 0, squared = 0;
  for (std::size_t i = 0; i < column.number.size(); ++i)
    if (!column.null[i]) ++n, sum += column.number[i];
  if (n == 0) return;
  const double own = sum / n, apart = own - mean_;
  for (std::size_t i = 0; i < column.number.size(); ++i)
    if (!column.null[i]) squared += (column.number[i] - own) * (column.number[i] - own);
  squares_ += squared + apart * apart * count_ * n / (count_ + n);
  mean_ += apart * n / (count_ + n);
  count_ += n;
}

double Spread::std() const { return count_ > 0 ? std::sqrt(squares_ / count_) : 0; }

void Median::halve(std::size_t level) {
  if (level + 1 == levels_.size()) levels_.emplace_back();
  Level& full = levels_[level];
  std::sort(full.numbers.begin(), full.numbers.end());
  std::vector<double>& above = levels_[level + 1].numbers;
  for (std::size_t i = full.odd ? 1 : 0; i < full.numbers.size(); i += 2) above.push_back(full.numbers[i]);
  full.odd = !full.odd;
  full.numbers.clear();
  if (above.size() >= kMost) halve(level + 1);
}

void Median::add(double number) {
  if (levels_.empty()) levels_.emplace_back();
  levels_[0].numbers.push_back(number);
  if (levels_[0].numbers.size() > kMost) halve(0);
}

std::vector<std::pair<double, std::uint64_t>> Median::weighted() const {
  std::vector<std::pair<double, std::uint64_t>> weighted;
  for (std::size_t level = 0; level < levels_.size(); ++level)
    for (const double number : levels_[level].numbers) weighted.emplace_back(number, std::uint64_t{1} << level);
  std::sort(weighted.begin(), weighted.end());
  return weighted;
}

double Median::quantile(double share) const {
  const auto all = weighted();
  std::uint64_t total = 0;
  for (const auto& [number, weight] : all) total += weight;
  const double place = share * static_cast<double>(total - 1);
  const auto below = static_cast<std::uint64_t>(place);
  const auto at_rank = [&](std::uint64_t rank) {
    std::uint64_t seen = 0;
    for (const auto& [number, weight] : all)
      if ((seen += weight) > rank) return number;
    return all.back().first;
  };
  const double part = place - static_cast<double>(below), low = at_rank(below);
  if (part == 0) return low;
  const double high = at_rank(below + 1);
  return part == 0.5 ? low / 2 + high / 2 : low + part * (high - low);
}

void Mode::add(double number) {
  last_ = number;
  if (const auto found = counts_.find(number); found != counts_.end()) {
    ++found->second;
  } else if (counts_.size() < kMost) {
    counts_.emplace(number, 1);
  } else {
    for (auto& [rare, count] : counts_) --count;
    std::erase_if(counts_, [](const auto& entry) { return entry.second == 0; });
  }
}

double Mode::value() const {
  const auto most = std::max_element(counts_.begin(), counts_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts_.end() ? last_ : most->first;
}

}  // namespace leaven::ops
