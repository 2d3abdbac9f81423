#include "learn/trees/boosted_trees.hpp"

#include <fmt/format.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.hpp"

namespace leaven::learn {

namespace {

constexpr std::uint32_t kRounds = 100;
/// Chen and Guestrin 2016; the usual depth, and steps small enough that a hundred do not overfit a small table.
constexpr double kRate = 0.1;

void require(int status) {
  if (status != 0) throw bug(std::string("XGBoost: ") + XGBGetLastError());
}

class Matrix {
 public:
  Matrix(std::span<const float> values, std::size_t columns) {
    require(XGDMatrixCreateFromMat(values.data(), values.size() / columns, columns, std::numeric_limits<float>::quiet_NaN(), &handle_));
  }
  ~Matrix() { XGDMatrixFree(handle_); }
  Matrix(const Matrix&) = delete;
  Matrix& operator=(const Matrix&) = delete;
  DMatrixHandle get() const { return handle_; }

 private:
  DMatrixHandle handle_{};
};

class BoostedTrees final : public Learner {
 public:
  BoostedTrees(const InputShape& input, std::uint32_t classes, Key key) : columns_(input.values()), classes_(classes), seed_(key.low & 0x7fffffff) {}
  ~BoostedTrees() override {
    if (booster_) XGBoosterFree(booster_);
  }
  BoostedTrees(const BoostedTrees&) = delete;
  BoostedTrees& operator=(const BoostedTrees&) = delete;

  double train(const Batch& batch, double rate) override {
    if (!items_) take(batch);
    set("eta", fmt::format("{}", kRate * rate));
    const double loss = loss_now();
    require(XGBoosterUpdateOneIter(booster_, round_++, items_->get()));
    return loss;
  }

  std::vector<float> predict(std::span<const float> values) override {
    if (values.empty()) return {};
    const Matrix items(values, columns_);
    const char* const how = R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": true})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* out = nullptr;
    require(XGBoosterPredictFromDMatrix(booster_, items.get(), how, &shape, &dimensions, &out));
    const std::size_t count = values.size() / columns_;
    if (classes_ != 2) return {out, out + count * std::max(1U, classes_)};
    std::vector<float> both;
    for (std::size_t i = 0; i < count; ++i) both.push_back(1 - out[i]), both.push_back(out[i]);
    return both;
  }

  /// The model's bytes, one to a float: as floats' own bits some would be NaN, which nothing is equal to.
  std::vector<float> weights() const override {
    bst_ulong length = 0;
    const char* bytes = nullptr;
    require(XGBoosterSerializeToBuffer(booster_, &length, &bytes));
    const auto* const begin = reinterpret_cast<const unsigned char*>(bytes);
    return {begin, begin + length};
  }
  void set_weights(std::span<const float> weights) override {
    std::string bytes;
    for (const float value : weights) bytes += static_cast<char>(static_cast<unsigned char>(value));
    if (!booster_) require(XGBoosterCreate(nullptr, 0, &booster_));
    require(XGBoosterUnserializeFromBuffer(booster_, bytes.data(), bytes.size()));
  }

 private:
  void take(const Batch& batch) {
    items_ = std::make_unique<Matrix>(batch.values, columns_);
    truth_.assign(batch.targets.begin(), batch.targets.end());
    for (const std::uint32_t label : batch.labels) truth_.push_back(static_cast<float>(label));
    require(XGDMatrixSetFloatInfo(items_->get(), "label", truth_.data(), truth_.size()));
    // What repeats a row shares its weight out: else leaves would be larger beside their penalty the more often rows come.
    if (!batch.weights.empty()) require(XGDMatrixSetFloatInfo(items_->get(), "weight", batch.weights.data(), batch.weights.size()));
    const DMatrixHandle handle = items_->get();
    if (!booster_) require(XGBoosterCreate(&handle, 1, &booster_));
    set("nthread", "1");
    set("seed", std::to_string(seed_));
    set("verbosity", "0");
    set("tree_method", "hist");
    set("max_depth", "6");
    // All rows in each tree: chance would leave out fewer of those that come several times.
    set("subsample", "1");
    set("colsample_bytree", "0.8");
    if (classes_ > 2) set("num_class", std::to_string(classes_));
    set("objective", classes_ == 0 ? "reg:squarederror" : classes_ == 2 ? "binary:logistic" : "multi:softprob");
    set("eval_metric", classes_ == 0 ? "rmse" : classes_ == 2 ? "logloss" : "mlogloss");
  }
  void set(const char* name, const std::string& value) { require(XGBoosterSetParam(booster_, name, value.c_str())); }

  /// Of the training items, before the round.
  double loss_now() {
    DMatrixHandle items[]{items_->get()};
    const char* names[]{"train"};
    const char* text = nullptr;
    require(XGBoosterEvalOneIter(booster_, round_, items, names, 1, &text));
    const char* const colon = std::strrchr(text, ':');
    const double loss = colon ? std::strtod(colon + 1, nullptr) : std::numeric_limits<double>::quiet_NaN();
    return classes_ == 0 ? loss * loss : loss;
  }

  std::size_t columns_;
  std::uint32_t classes_;
  std::uint64_t seed_;
  std::unique_ptr<Matrix> items_{};
  std::vector<float> truth_{};
  BoosterHandle booster_{};
  int round_{};
};

}  // namespace

LearnerKind boosted_trees() {
  int major = 0, minor = 0, patch = 0;
  XGBoostVersion(&major, &minor, &patch);
  return {"trees", fmt::format("XGBoost, trees of depth 6 at a rate of {:g}, all rows by their weights and four fifths of columns each", kRate),
          fmt::format("XGBoost {}.{}.{}, 1 thread a training", major, minor, patch),
          [](const InputShape& input, std::uint32_t classes, Key key) -> std::unique_ptr<Learner> { return std::make_unique<BoostedTrees>(input, classes, key); }, kRounds};
}

}  // namespace leaven::learn
