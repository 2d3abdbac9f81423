#include "leaven/dataset.hpp"

#include <numeric>
#include <set>

#include "api/bodies.hpp"
#include "core/error.hpp"
#include "core/value.hpp"
#include "flow/sample_task.hpp"
#include "io/codec.hpp"
#include "io/packed_labels.hpp"

namespace leaven {

struct Encoded::Body {
  flow::LoadedSource source{};
};

namespace {

static_assert(static_cast<int>(LabelKind::number) == static_cast<int>(io::LabelKind::number) &&
              static_cast<int>(LabelKind::categories) == static_cast<int>(io::LabelKind::categories));

Encoded encoded(flow::LoadedSource source) {
  return Encoded(std::make_shared<const Encoded::Body>(Encoded::Body{std::move(source)}));
}

}  // namespace

namespace api {

std::vector<std::string> classes_of(const io::DatasetIndex& index) {
  if (index.label_kind != io::LabelKind::category && index.label_kind != io::LabelKind::categories) return {};
  if (index.label_kind == io::LabelKind::category) {
    std::vector<std::string> names = index.labels;
    std::erase(names, "");
    return names;
  }
  std::set<std::string> parts;
  for (const std::string& label : index.labels)
    for (std::string& part : io::PackedLabels::parts_of(label)) parts.insert(std::move(part));
  return {parts.begin(), parts.end()};
}

}  // namespace api

Encoded Encoded::from_bytes(std::vector<std::byte> file) { return encoded(flow::load_source_bytes(std::move(file))); }
Encoded Encoded::from_file(const std::filesystem::path& file) { return encoded(flow::load_source_file(file)); }

ImageView Encoded::shape() const { return api::view_of(body_->source.shape()); }

Image Encoded::decode() const {
  return api::image_of(flow::decode_whole(body_->source).view());
}

void Encoded::run(const Prepared& prepared, void* out, Layout layout) const {
  const Prepared::Body& made = prepared.body();
  if (made.source != body_->source.shape())
    throw usage_error("this was prepared for " + describe(made.source) + ", and the image is " + describe(body_->source.shape()));
  flow::run_plan(body_->source, made.plan, {static_cast<std::byte*>(out), static_cast<plan::Layout>(layout)});
}

Dataset::Dataset(const std::filesystem::path& in, const Options& options)
    : body_(std::make_shared<const Body>(Body{io::open_dataset(
          in, {options.format, options.path_column, options.label_column, options.split_column, options.limit})})) {}

std::size_t Dataset::size() const { return body_->reader->index().entries.size(); }

Dataset::Sample Dataset::operator[](std::size_t index) const {
  const io::DatasetIndex& all = body_->reader->index();
  const io::Entry& entry = all.entries.at(index);
  return {entry.id, all.labels.at(entry.label), entry.label, io::name_of(entry.split)};
}

LabelKind Dataset::label_kind() const { return static_cast<LabelKind>(body_->reader->index().label_kind); }
const std::vector<std::string>& Dataset::labels() const { return body_->reader->index().labels; }
std::vector<Dataset::NoSample> Dataset::no_samples() const {
  std::vector<NoSample> found;
  for (const io::NotASample& one : body_->reader->index().broken) found.push_back({one.path, one.reason});
  return found;
}

const std::string& Dataset::description() const { return body_->reader->index().description; }

Encoded Dataset::read(std::size_t index) const {
  return encoded(flow::load_source(*body_->reader, body_->reader->index().entries.at(index)));
}

std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed, std::uint64_t epoch) {
  const Key key = KeyMaker({.seed = seed, .epoch = epoch}).key("shuffle", {});
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  // Fisher and Yates, from the back.
  for (std::uint32_t left = count; left > 1; --left) std::swap(order[left - 1], order[draw_below(key, left, left)]);
  return order;
}

}  // namespace leaven
