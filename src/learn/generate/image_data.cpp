#include "learn/generate/image_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "core/value.hpp"
#include "flow/report_text.hpp"
#include "io/dataset.hpp"
#include "io/file.hpp"
#include "learn/generate/train_part.hpp"
#include "learn/pictures.hpp"

namespace leaven::learn {

ImageData ImageData::picked(std::span<const std::uint32_t> items) const {
  ImageData made = like();
  made.pixels.reserve(items.size() * shape.values());
  for (const std::uint32_t i : items) made.add(of(i), labels[i], ids[i]);
  return made;
}

void ImageData::add(std::span<const float> picture, std::uint32_t label, std::string id) {
  pixels.insert(pixels.end(), picture.begin(), picture.end());
  labels.push_back(label);
  ids.push_back(std::move(id));
}

ReadImages read_images(const std::filesystem::path& data, const std::string& format, int side, int threads, const std::string& recipe, Classes classes) {
  const auto [reader, entries] = train_part(data, format, recipe, threads, classes == Classes::needed);
  const io::DatasetIndex& index = reader->index();
  const Pictures pictures(*reader, entries, {.side = side, .threads = threads});
  ReadImages read;
  read.data.shape = pictures.shape();
  if (classes == Classes::needed)
    read.data.classes = index.labels;
  else
    read.data.classes = {""};
  std::vector<float> values(pictures.shape().values());
  std::string all;
  for (const std::uint32_t e : entries) {
    if (!pictures.has(e)) continue;
    standardise(pictures.seen(e).view(), {}, pictures.shape(), values);
    const std::uint32_t label = classes == Classes::needed ? index.entries[e].label : 0;
    read.data.add(values, label, index.entries[e].id);
    read.digests.push_back(pictures.digest(e));
    all += pictures.digest(e) + read.data.classes[label] + '\x1f';
  }
  if (read.data.size() == 0) throw data_error("no training picture can be read").with_place(data.string());
  if (const std::size_t broken = pictures.broken().size(); broken > 0)
    read.notes.push_back(flow::count_text(broken, "picture", "pictures") + " cannot be read and " + (broken == 1 ? "was" : "were") + " left out: " + io::printable(pictures.broken().begin()->first) + (broken > 1 ? ", …" : ""));
  for (std::string& note : pictures.notes()) read.notes.push_back(std::move(note));
  if (const std::size_t resized = pictures.resized(); resized > 0)
    read.notes.push_back(fmt::format("{} of {} {} in {}×{} px, and new ones have those", flow::count_text(resized), flow::count_text(read.data.size(), "picture", "pictures"),
                                     resized == 1 ? "has other sides: it is learnt" : "have other sides: they are learnt", read.data.shape.width, read.data.shape.height));
  if (pictures.deep() > 0) read.notes.push_back(flow::count_text(pictures.deep(), "picture has", "pictures have") + " more than 8 bits a channel: new ones have 8");
  read.digest = digest_of(all.data(), all.size());
  return read;
}

ImageSplit split_images(const ReadImages& read, double held_out, std::optional<std::uint64_t> per_class, std::uint64_t seed) {
  std::vector<std::vector<std::pair<double, std::uint32_t>>> by_class(read.data.classes.size());
  for (std::uint32_t i = 0; i < read.data.size(); ++i) by_class[read.data.labels[i]].emplace_back(draw_unit(key_from_hex(read.digests[i]), seed), i);
  ImageSplit split;
  for (auto& items : by_class) {
    std::ranges::sort(items);
    const auto share = static_cast<std::size_t>(std::nearbyint((1 - held_out) * static_cast<double>(items.size())));
    std::size_t train = std::min<std::size_t>(items.size(), per_class ? static_cast<std::size_t>(*per_class) : std::max<std::size_t>(share, 1));
    while (train > 0 && train < items.size() && items[train].first == items[train - 1].first) ++train;  // equal pictures
    for (std::size_t i = 0; i < items.size(); ++i) (i < train ? split.train : split.held_out).push_back(items[i].second);
  }
  std::ranges::sort(split.train);
  std::ranges::sort(split.held_out);
  return split;
}

ImageSplit inner_split(const ImageData& data, std::uint64_t seed) {
  constexpr std::size_t kLeastClass = 60, kShare = 10, kMostOfAll = 512;  // a tenth of the class
  std::vector<std::vector<std::pair<double, std::uint32_t>>> by_class(data.classes.size());
  for (std::uint32_t i = 0; i < data.size(); ++i) by_class[data.labels[i]].emplace_back(draw_unit(KeyMaker({.seed = seed}).key("generate", "inner"), i), i);
  ImageSplit split;
  for (auto& items : by_class) {
    std::ranges::sort(items);
    const std::size_t spared = items.size() < kLeastClass ? 0 : std::min(items.size() / kShare, std::max<std::size_t>(1, kMostOfAll / by_class.size()));
    for (std::size_t i = 0; i < items.size(); ++i) (i < spared ? split.held_out : split.train).push_back(items[i].second);
  }
  std::ranges::sort(split.train);
  std::ranges::sort(split.held_out);
  return split;
}

NearestImage nearest_to(const ImageData& among, std::span<const float> picture) {
  NearestImage best{INFINITY, 0};
  for (std::size_t i = 0; i < among.size(); ++i) {
    const std::span<const float> other = among.of(i);
    float sum = 0;
    for (std::size_t v = 0; v < picture.size(); ++v) sum += (picture[v] - other[v]) * (picture[v] - other[v]);
    if (sum < best.squared) best = {sum, i};
  }
  return best;
}

Raster raster_of(std::span<const float> picture, const InputShape& shape) {
  Raster raster(RasterShape{.width = shape.width, .height = shape.height, .channels = shape.channels});
  const std::size_t plane = static_cast<std::size_t>(shape.width) * static_cast<std::size_t>(shape.height);
  for (int y = 0; y < shape.height; ++y) {
    auto* const row = raster.row<std::uint8_t>(y);
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) {
        const float v = picture[static_cast<std::size_t>(c) * plane + static_cast<std::size_t>(y) * static_cast<std::size_t>(shape.width) + static_cast<std::size_t>(x)];
        row[x * shape.channels + c] = static_cast<std::uint8_t>(std::clamp(std::nearbyint(v * 255.0f), 0.0f, 255.0f));
      }
  }
  return raster;
}

void put_augmented(const ImageData& data, std::size_t item, const PictureRecipe* recipe, std::uint64_t seed, std::uint64_t visit, std::span<float> out) {
  if (!recipe) {
    std::ranges::copy(data.of(item), out.begin());
    return;
  }
  const Raster raster = raster_of(data.of(item), data.shape);
  const Raster made = recipe->made(raster.view(), {.seed = seed, .epoch = visit, .sample = data.ids[item], .copy = 1}, data.classes[data.labels[item]]);
  standardise(made.view(), {}, data.shape, out);
}

Raster grid_of(std::span<const float> pictures, const InputShape& shape, std::size_t columns) {
  const std::size_t count = pictures.size() / shape.values(), rows = (count + columns - 1) / columns;
  const int step_x = shape.width + 1, step_y = shape.height + 1;
  Raster grid(RasterShape{.width = static_cast<int>(columns) * step_x - 1, .height = static_cast<int>(rows) * step_y - 1, .channels = shape.channels});
  std::memset(grid.data(), 128, static_cast<std::size_t>(grid.stride()) * static_cast<std::size_t>(grid.shape().height));
  for (std::size_t i = 0; i < count; ++i) {
    const Raster one = raster_of(pictures.subspan(i * shape.values(), shape.values()), shape);
    const int left = static_cast<int>(i % columns) * step_x, top = static_cast<int>(i / columns) * step_y;
    for (int y = 0; y < shape.height; ++y) std::memcpy(grid.row<std::uint8_t>(top + y) + left * shape.channels, one.row<std::uint8_t>(y), static_cast<std::size_t>(one.stride()));
  }
  return grid;
}

}  // namespace leaven::learn
