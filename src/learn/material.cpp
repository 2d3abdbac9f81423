#include "learn/material.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "flow/table_source.hpp"
#include "io/series_file.hpp"
#include "learn/picture_material.hpp"
#include "learn/series_material.hpp"
#include "learn/table_material.hpp"

namespace leaven::learn {

void label_by_size(io::DatasetIndex& index, const std::vector<double>& numbers) {
  constexpr std::size_t kRanges = 5;
  std::vector<double> sorted = numbers;
  std::ranges::sort(sorted);
  index.labels.clear();
  for (std::size_t i = 0; i < kRanges; ++i) index.labels.push_back(fmt::format("range {}", i + 1));
  for (std::size_t e = 0; e < numbers.size(); ++e) {
    const auto below = static_cast<std::size_t>(std::ranges::lower_bound(sorted, numbers[e]) - sorted.begin());
    index.entries[e].label = static_cast<std::uint32_t>(below * kRanges / sorted.size());
  }
}

Domain domain_of(const std::filesystem::path& data, const std::string& input_format) {
  if (io::holds_series(data, input_format)) return Domain::series;
  recipe::Source source;
  source.path = data.string();
  source.format = input_format;
  if (flow::is_table(source)) return Domain::columns;
  return Domain::raster;
}

std::unique_ptr<Material> open_material(const MaterialOptions& options) {
  const Domain domain = domain_of(options.data, options.input_format);
  if (!options.target.empty() && domain != Domain::columns)
    throw usage_error("--target names a column of a table, and this is none of those").with_place(options.data.string());
  switch (domain) {
    case Domain::columns: return std::make_unique<TableMaterial>(options);
    case Domain::series: return std::make_unique<SeriesMaterial>(options);
    case Domain::raster: break;
  }
  return std::make_unique<PictureMaterial>(options);
}

}  // namespace leaven::learn
