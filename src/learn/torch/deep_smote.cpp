// DeepSMOTE (Dablain et al. 2022): an autoencoder that learns to make a picture of a class from the code of another one of
// it, and SMOTE (Chawla et al. 2002) between the codes of a class.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/torch/conv_coder.hpp"
#include "learn/torch/image_kinds.hpp"
#include "learn/torch/step_loop.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kBatch = 64, kDrawAtOnce = 64, kLatent = 32;
constexpr std::uint32_t kSteps = 1500, kLooks = 10;
constexpr double kRate = 1e-3;
constexpr double kOther = 0.2;               // weight of the picture made from another one's code
constexpr std::int64_t kNeighbours = 5, kMostCodes = 2000;  // kMostCodes: of a class, evenly among its pictures

class DeepSmote final : public ImageModel {
 public:
  DeepSmote(const InputShape& shape, std::uint32_t classes, std::uint64_t seed)
      : shape_(shape), classes_(classes), parameters_(KeyMaker({.seed = seed}).key("generate", "deep_smote")), coder_(parameters_, shape, 0, kLatent, kLatent) {}

  void fit(const ImageFit& f) {
    torch::set_num_threads(1);
    if (f.from) parameters_.begin_from(*f.from);
    StepLoop loop(f.steps > 0 ? f.steps : kSteps, kLooks, f.stop, f.checkpoint);
    Descent descent(parameters_, kRate);
    ShownPictures shown(f, kBatch);
    BestLook best(parameters_);
    loop.carries("weights", parameters_);
    loop.carries("descent", descent);
    loop.carries("best", best);
    while (loop.goes_on()) {
      const torch::Tensor loss = misfit(shown.at(loop.step()));
      descent.down(loss, loop.rate());
      if (!loop.ends_with(loss.item<double>())) continue;
      take_codes(f.train);
      const torch::NoGradGuard no_gradients;
      std::optional<double> score;
      if (shown.has_unseen()) score = misfit(shown.unseen()).item<double>();
      f.watch({loop.step(), loop.steps(), loop.mean_loss(), score, this});
      if (!best.goes_on(score, loop.step())) break;
    }
    best.put_back(loop.step(), loop.steps(), f.notes);
    take_codes(f.train);
    for (std::size_t label = 0; label < codes_.size(); ++label)
      if (codes_[label].size(0) == 1) f.notes.push_back(fmt::format("class {} has 1 picture: there is nothing to interpolate, and all its new pictures are that one", f.train.classes[label]));
  }

  std::vector<float> draw(std::uint32_t label, std::uint64_t seed, std::uint64_t first, std::size_t count) const override {
    const torch::Tensor& own = codes_.at(label);
    if (own.size(0) == 0) throw data_error("class " + std::to_string(label) + " had no picture to learn from");
    const Key key = picture_key(seed, label);
    return drawn_in_batches(shape_, first, count, kDrawAtOnce, [&](std::uint64_t from) {
      torch::Tensor z = torch::empty({kDrawAtOnce, kLatent});
      for (std::int64_t i = 0; i < kDrawAtOnce; ++i) z[i] = between(own, key, 3 * (from + static_cast<std::uint64_t>(i)));
      return torch::sigmoid(coder_.decode(z, nothing(kDrawAtOnce)));
    });
  }

  /// Straight, from one new code to another.
  std::vector<float> walk(std::uint32_t label, std::uint64_t seed, std::size_t count) const override {
    const torch::Tensor& own = codes_.at(label);
    if (own.size(0) == 0) return {};
    const Key key = picture_key(seed, label);
    return drawn_in_batches(shape_, 0, count, count, [&](std::uint64_t) {
      const torch::Tensor along = torch::linspace(0, 1, static_cast<std::int64_t>(count)).view({-1, 1});
      const torch::Tensor z = (1 - along) * between(own, key, 0).view({1, kLatent}) + along * between(own, key, 3).view({1, kLatent});
      return torch::sigmoid(coder_.decode(z, nothing(static_cast<std::int64_t>(count))));
    });
  }

  void save(SavedGenerator& to) const override {
    parameters_.save(to.tensors);
    std::vector<float> codes;
    std::vector<std::int32_t> counts;
    for (const torch::Tensor& own : codes_) {
      const torch::Tensor flat = own.contiguous();
      codes.insert(codes.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
      counts.push_back(static_cast<std::int32_t>(own.size(0)));
    }
    to.tensors.add("codes", codes, {codes.size() / static_cast<std::size_t>(kLatent), static_cast<std::uint64_t>(kLatent)});
    to.tensors.add("codes.of_class", counts);
  }

  void load(const SavedGenerator& from) {
    torch::set_num_threads(1);
    parameters_.load(from.tensors);
    const std::vector<std::int32_t>& counts = from.tensors.integers("codes.of_class", classes_);
    std::size_t all = 0;
    for (const std::int32_t count : counts) {
      if (count < 0 || count > kMostCodes) throw data_error("the generator's file has a broken number of codes");
      all += static_cast<std::size_t>(count);
    }
    const std::vector<float>& codes = from.tensors.floats("codes", all * static_cast<std::size_t>(kLatent));
    if (!std::ranges::all_of(codes, [](float v) { return std::isfinite(v); })) throw data_error("the generator's file has a code that is not finite");
    const float* at = codes.data();
    for (const std::int32_t count : counts) {
      codes_.push_back(torch::from_blob(const_cast<float*>(at), {count, kLatent}).clone());
      at += count * kLatent;
    }
  }

 private:
  static torch::Tensor nothing(std::int64_t rows) { return torch::empty({rows, 0}); }

  /// Of each picture made from its own code, and from that of the next one of its class in the batch.
  torch::Tensor misfit(const PictureBatch& batch) const {
    const torch::Tensor x = batch.pictures.flatten(1), told = nothing(x.size(0)), z = coder_.encode(x, told);
    const torch::Tensor other = z.index_select(0, next_of_class(batch.labels));
    const auto off = [&](const torch::Tensor& code) { return torch::binary_cross_entropy_with_logits(coder_.decode(code, told), x, {}, {}, at::Reduction::Mean); };
    return off(z) + kOther * off(other);
  }
  torch::Tensor next_of_class(const torch::Tensor& labels) const {
    torch::Tensor next = torch::arange(labels.size(0), torch::kLong);
    std::vector<std::vector<std::int64_t>> places(static_cast<std::size_t>(classes_));
    for (std::int64_t i = 0; i < labels.size(0); ++i) places[static_cast<std::size_t>(labels.data_ptr<std::int64_t>()[i])].push_back(i);
    for (const auto& own : places)
      for (std::size_t i = 0; i < own.size(); ++i) next.data_ptr<std::int64_t>()[own[i]] = own[(i + 1) % own.size()];
    return next;
  }

  /// A place on the way from a code to one of its nearest.
  static torch::Tensor between(const torch::Tensor& own, Key key, std::uint64_t element) {
    const auto base = static_cast<std::int64_t>(draw_below(key, static_cast<std::uint64_t>(own.size(0)), element));
    const std::int64_t near = std::min(kNeighbours, own.size(0) - 1);
    if (near == 0) return own[base];
    torch::Tensor apart = (own - own[base]).pow(2).sum(1);
    apart[base] = -1;  // itself is first, equal codes or not
    const torch::Tensor nearest = std::get<1>(apart.topk(near + 1, 0, false, true));
    const std::int64_t partner = nearest[1 + static_cast<std::int64_t>(draw_below(key, static_cast<std::uint64_t>(near), element + 1))].item<std::int64_t>();
    return own[base] + draw_unit(key, element + 2) * (own[partner] - own[base]);
  }

  void take_codes(const ImageData& train) {
    const torch::NoGradGuard no_gradients;
    codes_.clear();
    for (std::uint32_t label = 0; label < static_cast<std::uint32_t>(classes_); ++label) {
      std::vector<std::uint32_t> items;
      for (std::uint32_t i = 0; i < train.size(); ++i)
        if (train.labels[i] == label) items.push_back(i);
      const auto count = std::min<std::int64_t>(static_cast<std::int64_t>(items.size()), kMostCodes), values = static_cast<std::int64_t>(shape_.values());
      torch::Tensor own = torch::empty({count, kLatent});
      for (std::int64_t from = 0; from < count; from += kBatch) {
        const std::int64_t rows = std::min(kBatch, count - from);
        torch::Tensor pictures = torch::empty({rows, values});
        for (std::int64_t i = 0; i < rows; ++i) std::ranges::copy(train.of(items[static_cast<std::size_t>(from + i) * items.size() / static_cast<std::size_t>(count)]), pictures.data_ptr<float>() + i * values);
        own.slice(0, from, from + rows).copy_(coder_.encode(pictures, nothing(rows)));
      }
      codes_.push_back(own);
    }
  }

  InputShape shape_;
  std::int64_t classes_;
  Parameters parameters_;
  ConvCoder coder_;
  std::vector<torch::Tensor> codes_{};  ///< of each class's pictures
};

}  // namespace

ImageKind deep_smote_kind() {
  return {"deep_smote", "pictures between two of a class, in the codes of an autoencoder",
          [](const ImageFit& fit) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<DeepSmote>(fit.train.shape, static_cast<std::uint32_t>(fit.train.classes.size()), fit.seed);
            model->fit(fit);
            return model;
          },
          [](const SavedGenerator& saved, const InputShape& shape, std::uint32_t classes) -> std::unique_ptr<ImageModel> {
            auto model = std::make_unique<DeepSmote>(shape, classes, 0);
            model->load(saved);
            return model;
          }};
}

}  // namespace leaven::learn
