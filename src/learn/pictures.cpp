#include "learn/pictures.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "flow/report_text.hpp"
#include "flow/sample_task.hpp"
#include "leaven/parallel.hpp"
#include "learn/engine.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 30;

template <class T>
void lay_over_white(const RasterView& from, Raster& to) {
  const int colours = to.shape().channels;
  const auto full = static_cast<float>(full_scale(to.shape().dtype));
  for (int y = 0; y < to.shape().height; ++y) {
    const T* in = from.row<T>(y);
    T* out = to.row<T>(y);
    for (int x = 0; x < to.shape().width; ++x, in += colours + 1, out += colours) {
      const float alpha = static_cast<float>(in[colours]) / full;
      for (int c = 0; c < colours; ++c) {
        const float value = alpha * static_cast<float>(in[c]) + (1 - alpha) * full;
        out[c] = static_cast<T>(to.shape().dtype == Dtype::f32 ? value : value + 0.5f);
      }
    }
  }
}

int longer_side(const RasterShape& shape) { return std::max(shape.width, shape.height); }

}  // namespace

Raster over_white(Raster image) {
  if (!image.shape().alpha) return image;
  RasterShape shape = image.shape();
  --shape.channels;
  shape.alpha = false;
  Raster made(shape);
  switch (shape.dtype) {
    case Dtype::u8: lay_over_white<std::uint8_t>(image.view(), made); break;
    case Dtype::u16: lay_over_white<std::uint16_t>(image.view(), made); break;
    case Dtype::f32: lay_over_white<float>(image.view(), made); break;
  }
  return made;
}

Pictures::Pictures(const io::DatasetReader& reader, const std::vector<std::uint32_t>& entries, const Options& options)
    : index_(reader.index()), pixels_(index_.entries.size()), seen_(index_.entries.size()), digests_(index_.entries.size()) {
  read(reader, entries, options);
  resize_all(options.threads);
}

std::vector<std::string> Pictures::notes() const {
  std::vector<std::string> notes;
  const auto of_all = [&](std::size_t count) { return flow::count_text(count) + " of " + flow::count_text(read_, "picture", "pictures"); };
  if (alpha_ > 0) notes.push_back(of_all(alpha_) + (alpha_ == 1 ? " has transparency: it is" : " have transparency: they are") + " laid over white");
  if (grey_ > 0 && grey_ < read_) notes.push_back(of_all(grey_) + (grey_ == 1 ? " is grey, the others are coloured: it is" : " are grey, the others are coloured: they are") + " seen as colours of three equal channels");
  if (many_channels_ > 0) notes.push_back(of_all(many_channels_) + (many_channels_ == 1 ? " has" : " have") + " two channels or more than three: only the first, or the first three, are seen");
  return notes;
}

void Pictures::resize_all(int threads) {
  PictureRecipe nothing("plain", recipe::Recipe{});
  nothing.end_in(shape_.width, shape_.height);
  for_each_item(pixels_.size(), threads, [&](std::size_t e) {
    const Raster& whole = pixels_[e];
    if (whole.empty() || (whole.shape().width == shape_.width && whole.shape().height == shape_.height)) return;
    seen_[e] = nothing.made(whole.view(), {}, {});
  });
}

void Pictures::read(const io::DatasetReader& reader, const std::vector<std::uint32_t>& entries, const Options& options) {
  // Whatever the learner sees, what is read is at most twice the usual side, unless a larger one was asked for.
  const int most = 2 * (options.side ? options.side : kUsualSide);
  const PictureRecipe shrink("shrink", "leaven: 1\nsteps: [longest_max_size: {size: " + std::to_string(most) + ", enlarge: false}]");
  std::mutex mutex;
  std::map<std::pair<int, int>, std::size_t> sizes;
  std::size_t bytes = 0;
  for_each_item(entries.size(), options.threads, [&](std::size_t i) {
    const std::uint32_t e = entries[i];
    const io::Entry& entry = index_.entries[e];
    try {
      const flow::LoadedSource source = flow::load_source(reader, entry);
      Raster pixels = flow::decode_whole(source);
      const RasterShape whole = pixels.shape();
      const int colours = whole.colour_channels();
      pixels = over_white(std::move(pixels));
      if (longer_side(whole) > most) pixels = shrink.made(pixels.view(), {.sample = entry.id}, {});
      digests_[e] = digest_of(pixels.data(), pixels.shape().bytes());
      pixels_[e] = std::move(pixels);
      const std::lock_guard lock(mutex);
      ++sizes[{whole.width, whole.height}];
      largest_side_ = std::max(largest_side_, longer_side(whole));
      ++read_, alpha_ += whole.alpha ? 1 : 0, grey_ += colours < 3 ? 1 : 0, many_channels_ += colours == 2 || colours > 3 ? 1 : 0, deep_ += whole.dtype != Dtype::u8 ? 1 : 0;
      shape_.channels = std::max(shape_.channels, pixels_[e].shape().channels >= 3 ? 3 : 1);
      bytes += pixels_[e].shape().bytes();
      if (bytes > kMostBytes)
        throw usage_error("the pictures take more than 4 GB of memory").with_hint("take fewer with --per-class, or smaller ones with --size");
    } catch (const Error& error) {
      if (error.fault() != Fault::data) throw;
      const std::lock_guard lock(mutex);
      broken_.emplace(entry.id, error.what());
    }
  });
  const bool own = sizes.size() == 1 && largest_side_ <= kOwnSide;
  const int side = options.side ? options.side : kUsualSide;
  shape_.width = own && !options.side ? sizes.begin()->first.first : side;
  shape_.height = own && !options.side ? sizes.begin()->first.second : side;
  resized_ = read_ - sizes[{shape_.width, shape_.height}];
}

}  // namespace leaven::learn
