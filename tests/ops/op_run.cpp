#include "tests/ops/op_run.hpp"

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "plan/lower_step.hpp"
#include "plan/raster/mixing.hpp"

namespace leaven::ops {

Key key_number(std::uint64_t number) { return {number * 0x9e3779b97f4a7c15ULL + 1, ~number}; }

OpValue make_op(std::string_view name, Settings settings) {
  OpValue op(op_table().at(name));
  for (const auto& [field, value] : settings) op.set(field, value);
  return op;
}

OpValue drawn_op(const OpInfo& info, Key key) {
  OpValue op(info);
  std::uint64_t element = 0;
  for (const FieldInfo& f : info.fields) {
    ++element;
    if (f.facts.file && f.name == "path")
      op.set(f.name, std::string(info.name == "remap" ? "map.npy" : "any.png"));
    else if (f.facts.draw)
      op.set(f.name, draw(f.facts.draw, key, element));
    else if (f.type == FieldType::integer && as_number(op.get(f.name)) > 64)
      op.set(f.name, std::int64_t{f.name == "width" ? 31 : f.name == "size" ? 48 : 27});
  }
  return op;
}

static OpValue at_end(const OpInfo& info, Key key, double FieldDoc::*end) {
  OpValue op = drawn_op(info, key);
  for (const FieldInfo& f : info.fields)
    if (!std::isnan(f.facts.*end)) op.set(f.name, f.facts.*end);
  return op;
}
OpValue neutral_op(const OpInfo& info, Key key) { return at_end(info, key, &FieldDoc::neutral); }
OpValue strong_op(const OpInfo& info, Key key) { return at_end(info, key, &FieldDoc::strong); }

bool has_strength(const OpInfo& info) {
  for (const FieldInfo& f : info.fields)
    if (!std::isnan(f.facts.neutral)) return true;
  return false;
}

plan::Partner test_partner(const RasterShape& kind, int number) {
  const RasterShape shape = plan::conformed({19 + 7 * number, 40 - 9 * number, 1}, kind);
  auto marks = std::make_shared<Annotations>();
  marks->instances.emplace_back().outlines.push_back({{4, 3}, {17, 5}, {12, 11}});
  auto pixels = std::make_shared<Raster>(noise_picture(shape, static_cast<std::uint64_t>(1000 + number)));
  return {"partner " + std::to_string(number), {}, {}, shape, std::move(pixels), std::move(marks)};
}

std::vector<ProgramPartner> named_partners(const OpInfo& info) {
  std::vector<ProgramPartner> partners;
  for (int i = 1; i <= info.partners; ++i) partners.push_back({"partner " + std::to_string(i), {}, {}, {}});
  return partners;
}

plan::FindPartner partner_finder(const RasterShape& kind) {
  return [kind](const ProgramPartner& partner) { return test_partner(kind, partner.source.back() - '0'); };
}

namespace {

class TestFiles : public OpenedFiles {
 public:
  TestFiles() {
    keep("any.png", noise_picture({9, 7, 3}, 7));
    Raster map({6, 5, 2, Dtype::f32, false, false});
    for (int y = 0; y < 5; ++y)
      for (int x = 0; x < 6; ++x) set_value(map, x, y, 0, 0.02 * std::sin(x + y)), set_value(map, x, y, 1, 0.02 * std::cos(x));
    keep("map.npy", std::move(map));
  }
  void keep(const std::string& path, Raster image) {
    std::string digest = digest_of(image.data(), image.shape().bytes());
    images_[path] = std::make_shared<const OpenedImage>(OpenedImage{std::move(image), std::move(digest)});
  }
  std::shared_ptr<const OpenedImage> image(const std::string& path) override {
    if (const auto found = images_.find(path); found != images_.end()) return found->second;
    throw usage_error("nobody kept " + path);
  }
  std::shared_ptr<const OpenedFile> file(const std::string& path) override {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw usage_error("there is no " + path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    OpenedFile opened;
    opened.bytes.resize(text.size());
    std::memcpy(opened.bytes.data(), text.data(), text.size());
    opened.digest = digest_of(text.data(), text.size());
    return std::make_shared<const OpenedFile>(std::move(opened));
  }

 private:
  std::map<std::string, std::shared_ptr<const OpenedImage>> images_;
};

TestFiles& files() {
  static TestFiles all;
  return all;
}

}  // namespace

OpenedFiles& test_files() { return files(); }
void keep_test_image(const std::string& path, Raster image) { files().keep(path, std::move(image)); }

std::shared_ptr<const Annotations> test_marks(Size size) {
  auto marks = std::make_shared<Annotations>();
  const double w = size.width, h = size.height;
  marks->instances.emplace_back().outlines.push_back({{w * 0.35, h * 0.3}, {w * 0.7, h * 0.45}, {w * 0.5, h * 0.7}});
  Raster mask = filled_picture({size.width, size.height, 1}, 0);
  set_value(mask, size.width / 2, size.height / 2, 0, 1);
  marks->masks.push_back({"mask", std::move(mask)});
  return marks;
}

std::vector<std::vector<ProgramStep>> named_inside(const OpValue& op, const RasterShape& shape) {
  std::vector<std::vector<ProgramStep>> inside;
  Site site;
  site.image = shape;
  if (const auto shapes = op.info().inside)
    for (std::size_t i = 0; i < shapes(op.data(), site).size(); ++i)
      inside.push_back({{.path = "invert", .op = make_op("invert"), .key = {}, .on = {}, .partners = {}, .inside = {}}});
  return inside;
}

Chain lower_chain(const RasterShape& source, std::vector<OpValue> ops, Key key, const Annotations* marks) {
  Chain chain{source, source, std::move(ops), {}, {}};
  for (std::size_t i = 0; i < chain.ops.size(); ++i) {
    Site site;
    site.image = chain.out;
    site.key = {key.low + i, key.high};
    chain.keys.push_back(site.key);
    std::vector<PartnerSite> partners;
    std::vector<std::shared_ptr<const Raster>> pictures;
    for (int p = 1; p <= chain.ops[i].info().partners; ++p) {
      const plan::Partner partner = test_partner(chain.out, p);
      partners.push_back({partner.shape, true, {{0, partner.annotations->instances.front()}}});
      pictures.push_back(partner.pixels);
    }
    site.partners = partners;
    site.source = source.size();
    site.files = &test_files();
    const std::shared_ptr<const Annotations> own = marks ? nullptr : test_marks(chain.out.size());
    if (chain.ops[i].info().reads == Reads::marks) site.marks = marks ? marks : own.get();
    chain.ops[i].resolve(site);
    std::vector<std::vector<plan::LoweredStep>> inside;
    if (const auto shapes = chain.ops[i].info().inside)
      inside.resize(shapes(chain.ops[i].data(), site).size(), {{"invert", {Table::all({.form = Curve::Form::affine, .a = -1, .b = 1, .table = {}})}}});
    plan::LoweredStep step = plan::lower_step(std::string(chain.ops[i].info().name), chain.ops[i], site, inside, [&] { return pictures; });
    for (const Node& node : step.nodes) chain.out = shape_after(node, chain.out);
    chain.steps.push_back(std::move(step));
  }
  return chain;
}

Chain lower_chain(const RasterShape& source, OpValue op, Key key) {
  return lower_chain(source, std::vector<OpValue>{std::move(op)}, key);
}

Raster run(const Chain& chain, const Raster& image, bool fuse) {
  return plan::run_reference(chain.plan(fuse), image.view());
}
Raster run(const OpValue& op, const Raster& image, Key key) { return run(lower_chain(image.shape(), op, key), image); }
Raster run(std::string_view name, Settings settings, const Raster& image) {
  return run(make_op(name, settings), image);
}

double level_at(const Raster& image, int x, int y, int channel) {
  const int i = x * image.shape().channels + channel;
  switch (image.shape().dtype) {
    case Dtype::u8: return image.row<std::uint8_t>(y)[i];
    case Dtype::u16: return image.row<std::uint16_t>(y)[i];
    case Dtype::f32: return static_cast<double>(image.row<float>(y)[i]);
  }
  return 0;
}

double value_at(const Raster& image, int x, int y, int channel) {
  return level_at(image, x, y, channel) / full_scale(image.shape().dtype);
}

void set_value(Raster& image, int x, int y, int channel, double value) {
  const int i = x * image.shape().channels + channel;
  switch (image.shape().dtype) {
    case Dtype::u8: image.row<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(std::nearbyint(value * 255)); break;
    case Dtype::u16: image.row<std::uint16_t>(y)[i] = static_cast<std::uint16_t>(std::nearbyint(value * 65535)); break;
    case Dtype::f32: image.row<float>(y)[i] = static_cast<float>(value); break;
  }
}

template <class Value>
static Raster made_of(const RasterShape& shape, const Value& value) {
  Raster image(shape);
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      for (int c = 0; c < shape.channels; ++c) set_value(image, x, y, c, value(x, y, c));
  return image;
}

Raster picture(int width, int height, int channels, std::initializer_list<int> levels) {
  const RasterShape shape{width, height, channels};
  return made_of(shape, [&](int x, int y, int c) { return levels.begin()[(y * width + x) * channels + c] / 255.0; });
}

std::vector<int> levels_of(const Raster& image) {
  std::vector<int> levels;
  const RasterShape& s = image.shape();
  for (int y = 0; y < s.height; ++y)
    for (int x = 0; x < s.width; ++x)
      for (int c = 0; c < s.channels; ++c) levels.push_back(static_cast<int>(level_at(image, x, y, c)));
  return levels;
}

Raster noise_picture(const RasterShape& shape, std::uint64_t seed) {
  const Key key = key_number(seed);
  return made_of(shape, [&](int x, int y, int c) {
    return draw_unit(key, static_cast<std::uint64_t>((y * shape.width + x) * shape.channels + c));
  });
}

Raster smooth_picture(const RasterShape& shape) {
  return made_of(shape, [&](int x, int y, int c) {
    if (shape.alpha && c == shape.channels - 1) return 1.0;
    return 0.5 + 0.22 * std::sin(0.31 * x + 0.9 * c) + 0.22 * std::cos(0.23 * y - 0.07 * x + c);
  });
}

Raster filled_picture(const RasterShape& shape, double value) {
  return made_of(shape, [&](int, int, int) { return value; });
}

std::vector<RasterShape> law_shapes() {
  std::vector<RasterShape> shapes;
  for (const Size size : {Size{1, 1}, Size{1, 7}, Size{5, 3}, Size{33, 17}})
    for (int channels = 1; channels <= 4; ++channels)
      for (const Dtype dtype : {Dtype::u8, Dtype::u16, Dtype::f32})
        shapes.push_back({size.width, size.height, channels, dtype, channels % 2 == 0, true});
  return shapes;
}

}  // namespace leaven::ops
