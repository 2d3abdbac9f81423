#include "tests/learn/small_data.hpp"

#include <atomic>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "core/value.hpp"
#include "io/codec.hpp"
#include "learn/inner_learner.hpp"

namespace leaven::learn {

namespace fs = std::filesystem;

namespace {

class Softmax final : public InnerLearner {
 public:
  Softmax(std::size_t values, std::size_t classes, Key key, double rate) : values_(values), classes_(classes), rate_(rate), w_((values + 1) * classes) {
    for (std::size_t i = 0; i < w_.size(); ++i) w_[i] = static_cast<float>(0.01 * (draw_unit(key, i) - 0.5));
  }

  double train_inside(const Batch& batch, const Inside& inside, double rate) override {
    const std::vector<float> values = mixed(batch, inside), p = predict(values);
    const std::size_t items = batch.size() * inside.views;
    std::vector<double> gradient(w_.size());
    double loss = 0;
    for (std::size_t i = 0; i < items; ++i)
      for (std::size_t c = 0; c < classes_; ++c) {
        const bool right = batch.labels[i % batch.size()] == c;
        const double error = p[i * classes_ + c] - (right ? 1.0 : 0.0);
        if (right) loss -= std::log(static_cast<double>(p[i * classes_ + c]));
        for (std::size_t v = 0; v < values_; ++v) gradient[c * (values_ + 1) + v] += error * values[i * values_ + v];
        gradient[c * (values_ + 1) + values_] += error;
      }
    const double count = static_cast<double>(items);
    for (std::size_t i = 0; i < w_.size(); ++i) w_[i] -= static_cast<float>(rate_ * rate * gradient[i] / count);
    return loss / count;
  }

  std::vector<float> predict(std::span<const float> pixels) override {
    std::vector<float> all;
    for (std::size_t i = 0; i < pixels.size() / values_; ++i) {
      std::vector<double> score(classes_);
      double most = -INFINITY, sum = 0;
      for (std::size_t c = 0; c < classes_; ++c) {
        score[c] = w_[c * (values_ + 1) + values_];
        for (std::size_t v = 0; v < values_; ++v) score[c] += static_cast<double>(w_[c * (values_ + 1) + v]) * pixels[i * values_ + v];
        most = std::max(most, score[c]);
      }
      for (double& s : score) sum += s = std::exp(s - most);
      for (const double s : score) all.push_back(static_cast<float>(s / sum));
    }
    return all;
  }
  std::vector<float> weights() const override { return w_; }
  void set_weights(std::span<const float> weights) override { w_.assign(weights.begin(), weights.end()); }

 private:
  /// Its features are the values themselves; views are learned as items of their own.
  std::vector<float> mixed(const Batch& batch, const Inside& inside) const {
    std::vector<float> values(batch.values.begin(), batch.values.end());
    for (std::size_t i = 0; i < inside.partners.size(); ++i)
      for (std::size_t v = 0; v < values_; ++v)
        values[i * values_ + v] += inside.shares[i] * (batch.values[inside.partners[i] * values_ + v] - batch.values[i * values_ + v]);
    return values;
  }

  std::size_t values_, classes_;
  double rate_;
  std::vector<float> w_;
};

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name = (fs::temp_directory_path() / "leaven_learn_XXXXXX").string();
  path_ = mkdtemp(name.data());
}
ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Raster bar_picture(bool right, int number) {
  Raster picture(RasterShape{12, 12, 1});
  const Key key = KeyMaker({.seed = static_cast<std::uint64_t>(number), .copy = right ? 1U : 0U}).key("bar", {});
  for (int y = 0; y < 12; ++y)
    for (int x = 0; x < 12; ++x) {
      const bool bar = right ? x >= 8 : x < 4;
      const double value = (bar ? 110 : 80) + 120 * (draw_unit(key, static_cast<std::uint64_t>(12 * y + x)) - 0.5);
      picture.row<std::uint8_t>(y)[x] = static_cast<std::uint8_t>(value);
    }
  return picture;
}

Raster disc_picture(bool bright, int number) {
  Raster picture(RasterShape{16, 16, 1});
  const Key key = KeyMaker({.seed = static_cast<std::uint64_t>(number), .copy = bright ? 1U : 0U}).key("disc", {});
  for (int y = 0; y < 16; ++y)
    for (int x = 0; x < 16; ++x) {
      const bool inside = (2 * x - 15) * (2 * x - 15) + (2 * y - 15) * (2 * y - 15) < 144;
      const double value = (bright ? 150 : 100) + 30 * (draw_unit(key, static_cast<std::uint64_t>(16 * y + x)) - 0.5);
      picture.row<std::uint8_t>(y)[x] = inside ? static_cast<std::uint8_t>(value) : std::uint8_t{0};
    }
  return picture;
}

void write_png(const fs::path& file, const Raster& picture) {
  fs::create_directories(file.parent_path());
  const io::Bytes bytes = io::encode(picture.view(), {});
  std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void write_text(const fs::path& file, std::string_view text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

std::string read_text(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

namespace {
std::string numbered_png(int number) {
  std::string name = std::to_string(number);
  name.insert(0, 3 - name.size(), '0');
  return name + ".png";
}
}  // namespace

void write_bars(const fs::path& folder, int count) {
  for (int i = 0; i < count; ++i)
    for (const bool right : {false, true}) write_png(folder / (right ? "right" : "left") / numbered_png(i), bar_picture(right, i));
}

void write_discs(const fs::path& folder, int count) {
  for (int i = 0; i < count; ++i)
    for (const bool bright : {false, true}) write_png(folder / (bright ? "bright" : "dark") / numbered_png(i), disc_picture(bright, i));
}

io::DatasetIndex made_index(const std::vector<std::string>& ids) {
  io::DatasetIndex index;
  index.label_kind = io::LabelKind::category;
  std::map<std::string, std::uint32_t> labels;
  for (const std::string& id : ids) labels.emplace(id.substr(0, id.find('/')), 0);
  for (auto& [label, number] : labels) {
    number = static_cast<std::uint32_t>(index.labels.size());
    index.labels.push_back(label);
  }
  for (const std::string& id : ids) index.entries.push_back({.id = id, .label = labels.at(id.substr(0, id.find('/')))});
  return index;
}

LearnerKind softmax_learner(const SoftmaxOptions& options) {
  return {"softmax", "for tests", "none", [options](const InputShape& input, std::uint32_t classes, Key key) -> std::unique_ptr<Learner> {
            if (options.made) ++*options.made;
            return std::make_unique<Softmax>(input.values(), classes, key, options.rate);
          }};
}

namespace {
class Constant final : public Learner {
 public:
  Constant(std::size_t values, std::uint32_t classes) : values_(values), classes_(classes) {}
  double train(const Batch&, double) override { return 1; }
  std::vector<float> predict(std::span<const float> values) override {
    return std::vector<float>(values.size() / values_ * std::max(1U, classes_), classes_ > 0 ? 1 / static_cast<float>(classes_) : 0.0f);
  }
  std::vector<float> weights() const override { return {1}; }
  void set_weights(std::span<const float>) override {}

 private:
  std::size_t values_;
  std::uint32_t classes_;
};
}  // namespace

LearnerKind constant_learner() {
  LearnerKind kind;
  kind.name = kind.summary = kind.machinery = "constant";
  kind.make = [](const InputShape& shape, std::uint32_t classes, Key) -> std::unique_ptr<Learner> { return std::make_unique<Constant>(shape.values(), classes); };
  return kind;
}

}  // namespace leaven::learn
