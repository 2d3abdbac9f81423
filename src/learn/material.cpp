#include "learn/material.hpp"

#include "flow/table_job.hpp"
#include "learn/picture_material.hpp"
#include "learn/table_material.hpp"

namespace leaven::learn {

Domain domain_of(const std::filesystem::path& data, const std::string& input_format) {
  recipe::Source source;
  source.path = data.string();
  source.format = input_format;
  if (flow::is_table(source)) return Domain::columns;
  return Domain::raster;
}

std::unique_ptr<Material> open_material(const MaterialOptions& options) {
  switch (domain_of(options.data, options.input_format)) {
    case Domain::columns: return std::make_unique<TableMaterial>(options);
    case Domain::series:
    case Domain::raster: break;
  }
  return std::make_unique<PictureMaterial>(options);
}

}  // namespace leaven::learn
