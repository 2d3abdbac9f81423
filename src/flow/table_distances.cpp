// How far two columns lie apart, in numbers.
#include <algorithm>
#include <cmath>
#include <map>

#include "flow/table_report.hpp"

namespace leaven::flow {

double ks_distance(std::vector<double> a, std::vector<double> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  double widest = 0;
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == x) ++i;
    while (j < b.size() && b[j] == x) ++j;
    widest = std::max(widest, std::fabs(static_cast<double>(i) / static_cast<double>(a.size()) - static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return widest;
}

double total_variation(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::map<std::string, double> apart;
  for (const std::string& word : a) apart[word] += 1 / static_cast<double>(a.size());
  for (const std::string& word : b) apart[word] -= 1 / static_cast<double>(b.size());
  double sum = 0;
  for (const auto& [word, difference] : apart) sum += std::fabs(difference) / 2;
  return sum;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
  double n = 0, mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
  const auto pairs = [&](auto&& use) {
    for (std::size_t i = 0; i < a.size(); ++i)
      if (std::isfinite(a[i]) && std::isfinite(b[i])) use(a[i], b[i]);
  };
  pairs([&](double x, double y) { n += 1, mean_a += x, mean_b += y; });
  if (n < 2) return 0;
  mean_a /= n, mean_b /= n;
  pairs([&](double x, double y) {
    aa += (x - mean_a) * (x - mean_a), bb += (y - mean_b) * (y - mean_b), ab += (x - mean_a) * (y - mean_b);
  });
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

}  // namespace leaven::flow
