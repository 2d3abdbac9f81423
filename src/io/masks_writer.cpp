// Folders of images and masks out; instances of other formats are painted, large ones first.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "core/error.hpp"
#include "io/annotated_formats.hpp"
#include "io/atomic_file.hpp"
#include "io/file_tree.hpp"
#include "io/mask_path.hpp"
#include "io/outline_shapes.hpp"
#include "io/png_labels.hpp"
#include "io/writer_layouts.hpp"

namespace leaven::io {

namespace {

using Json = nlohmann::json;

template <class T>
void paint(Raster& mask, const Raster& where, std::uint32_t value) {
  for (int y = 0; y < mask.shape().height; ++y)
    for (int x = 0; x < mask.shape().width; ++x)
      if (where.row<std::uint8_t>(y)[x] != 0) mask.row<T>(y)[x] = static_cast<T>(value);
}

/// Value 1 is the first category. A small thing on a large one stays to be seen.
Raster painted(const std::vector<Instance>& instances, Size image, std::size_t categories) {
  const bool wide = categories > 254;  // 255 is left for "left out"
  Raster mask({image.width, image.height, 1, wide ? Dtype::u16 : Dtype::u8});
  std::fill_n(mask.data(), mask.shape().bytes(), std::byte{0});
  std::vector<RunLengths> areas;
  for (const Instance& instance : instances)
    areas.push_back(!instance.outlines.empty() ? filled(instance.outlines, image)
                    : instance.mask            ? *instance.mask
                                               : filled({}, image));
  std::vector<std::size_t> order(instances.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return areas[i].area(); });
  for (const std::size_t i : order) {
    const Raster where = areas[i].to_raster();
    const std::uint32_t value = instances[i].category + 1;
    wide ? paint<std::uint16_t>(mask, where, value) : paint<std::uint8_t>(mask, where, value);
  }
  return mask;
}

class MasksWriter final : public DatasetWriter {
 public:
  MasksWriter(const std::filesystem::path& out, const WriterOptions& options)
      : tree_(out, options), out_(out), options_(options) {
    if (options.input_format != "masks" || options.dialect.empty()) {
      names_.emplace_back("background");
      for (const Category& category : options.categories) names_.push_back(category.name);
      return;
    }
    const Json own = Json::parse(options.dialect);
    rule_ = {own.at("from"), own.at("to"), own.at("suffix"), own.at("extension")};
    for (const int part : own.value("palette", std::vector<int>{})) palette_.push_back(static_cast<char>(part));
    names_ = own.value("names", std::vector<std::string>{});
  }

  void store(OutputItem& item) override {
    if (item.annotations) {
      const auto path = mask_path(rule_, item.id);
      if (!path) throw bug("an image lies where it can have no mask: " + item.id);
      const bool own = !item.annotations->masks.empty();
      const Raster made = own ? Raster() : painted(item.annotations->instances, item.image, options_.categories.size());
      const RasterView mask = (own ? item.annotations->masks.front().pixels : made).view();
      tree_.write(*path, rule_.extension == "png" ? write_label_png(mask, palette_)
                                                  : encode(mask, {.format = ImageFormat::tiff}));
    }
    item.annotations.reset();
    tree_.store(item);
  }

  std::string commit(OutputItem&&) override { return "{}"; }
  void resume(const std::string&) override {}

  void finish() override {
    if (names_.empty()) return;
    std::string text;
    for (const std::string& name : names_) text += name + "\n";
    write_file_atomically(out_ / "classes.txt", std::string_view(text));
  }

 private:
  FileTree tree_;
  std::filesystem::path out_;
  WriterOptions options_;
  MaskRule rule_;
  std::string palette_;
  std::vector<std::string> names_;
};

}  // namespace

bool is_mask_path(const WriterOptions& options, std::string_view path) {
  MaskRule rule;
  if (options.input_format == "masks" && !options.dialect.empty()) {
    const Json own = Json::parse(options.dialect);
    rule = {own.at("from"), own.at("to"), own.at("suffix"), own.at("extension")};
  }
  if (!rule.from.empty()) return with_folder_replaced(path, rule.to, rule.from).has_value();
  return without_extension(path).ends_with(rule.suffix);
}

std::unique_ptr<DatasetWriter> open_masks_writer(const std::filesystem::path& out, const WriterOptions& options) {
  return std::make_unique<MasksWriter>(out, options);
}

}  // namespace leaven::io
