// A variational autoencoder of rows (Xu et al. 2019, TVAE), which is told the class on both sides.
#include "learn/torch/coded_rows.hpp"
#include "learn/torch/step_loop.hpp"
#include "learn/torch/table_kinds.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kBatch = 256, kHidden = 128, kLatent = 64;
constexpr std::uint32_t kSteps = 4000, kLooks = 20;
constexpr double kRate = 2e-3, kWarmUp = 0.05, kLoudness = 4;
constexpr double kCells = 2;  // weight of what the cells are off, beside the divergence, as in the paper

class Tvae final : public CodedRowModel {
 public:
  explicit Tvae(std::uint64_t seed) : CodedRowModel(KeyMaker({.seed = seed}).key("generate", "tvae")) {}
  std::string kind() const override { return "tvae"; }

  void fit(const RowFit& f) {
    begin_fit(f);
    add_layers();
    StepLoop loop(f.steps > 0 ? f.steps : kSteps, kLooks, f.stop, f.checkpoint);
    Descent descent(parameters_, kRate);
    ItemOrder order(shown(), f.seed);
    BestLook best(parameters_);
    const Key noise = parameters_.key_of("noise");
    std::vector<std::uint32_t> items(kBatch), spared(unseen());
    for (std::size_t i = 0; i < spared.size(); ++i) spared[i] = static_cast<std::uint32_t>(shown() + i);
    const RowBatch looked_at = batch(spared);
    loop.carries("weights", parameters_);
    loop.carries("descent", descent);
    loop.carries("best", best);
    while (loop.goes_on()) {
      const auto at = static_cast<std::uint64_t>(loop.step()) * static_cast<std::uint64_t>(kBatch);
      for (std::size_t i = 0; i < items.size(); ++i) items[i] = order.at(at + i);
      const torch::Tensor loss = bound(batch(items), noise, at, std::min(1.0, (loop.step() + 1) / (kWarmUp * loop.steps())));
      descent.down(loss, loop.rate());
      if (!loop.ends_with(loss.item<double>())) continue;
      const torch::NoGradGuard no_gradients;
      std::optional<double> score;
      if (!spared.empty()) score = bound(looked_at, parameters_.key_of("unseen"), 0, 1).item<double>();
      f.watch({loop.step(), loop.steps(), loop.mean_loss(), score});
      if (!best.goes_on(score, loop.step())) break;
    }
    best.put_back(loop.step(), loop.steps(), f.notes);
    say_what_is_unlike(f);
  }

  void load(const SavedGenerator& from) {
    begin_load(from);
    add_layers();
    load_weights(from);
  }

 protected:
  RawRows raw(Key key, std::uint64_t row, const torch::Tensor& labels) const override {
    return decoded(normals(key_for(key, "code"), row * static_cast<std::uint64_t>(kLatent), {labels.size(0), kLatent}), one_hot(labels, classes(), kLoudness));
  }
  torch::Tensor place_deviation() const override { return log_deviation().exp(); }

 private:
  void add_layers() {
    const std::int64_t cells = tokens() + places();
    see_1_ = parameters_.add_layer("encoder.0", {kHidden, cells + classes()});
    see_2_ = parameters_.add_layer("encoder.1", {kHidden, kHidden});
    code_of_ = parameters_.add_layer("encoder.2", {2 * kLatent, kHidden});
    make_1_ = parameters_.add_layer("decoder.0", {kHidden, kLatent + classes()});
    make_2_ = parameters_.add_layer("decoder.1", {kHidden, kHidden});
    made_ = parameters_.add_layer("decoder.2", {cells, kHidden});
    deviation_ = parameters_.add("deviation", torch::full({places()}, -2.0));
  }
  torch::Tensor log_deviation() const { return parameters_.w(deviation_).clamp(-6, 0); }

  RawRows decoded(const torch::Tensor& z, const torch::Tensor& c) const {
    const torch::Tensor h = torch::relu(parameters_.linear(torch::relu(parameters_.linear(torch::cat({z, c}, 1), make_1_)), make_2_));
    const torch::Tensor all = parameters_.linear(h, made_);
    return {all.slice(1, 0, tokens()), torch::tanh(all.slice(1, tokens()))};
  }

  /// The bound on the likelihood, turned round; `weight`: of the divergence.
  torch::Tensor bound(const RowBatch& rows, Key noise, std::uint64_t row, double weight) const {
    const torch::Tensor c = one_hot(rows.labels, classes(), kLoudness);
    const torch::Tensor h = torch::relu(parameters_.linear(torch::relu(parameters_.linear(torch::cat({as_input(rows), c}, 1), see_1_)), see_2_));
    const torch::Tensor both = parameters_.linear(h, code_of_), mean = both.slice(1, 0, kLatent), log_variance = both.slice(1, kLatent).clamp(-12, 12);
    const torch::Tensor z = mean + torch::exp(log_variance / 2) * normals(noise, row * static_cast<std::uint64_t>(kLatent), {rows.labels.size(0), kLatent});
    const RawRows said = decoded(z, c);
    torch::Tensor misfit = -said.logits.gather(1, rows.tokens).sum(1);
    for (const auto& [at, count] : spans()) misfit = misfit + said.logits.slice(1, at, at + count).logsumexp(1);
    if (places() > 0) {
      // A place counts where the row's token has one: those are its column's last.
      const torch::Tensor deviation = log_deviation();
      const torch::Tensor off = ((rows.places - said.places) / deviation.exp()).pow(2) / 2 + deviation;
      misfit = misfit + (off * has_place(rows)).sum(1);
    }
    const torch::Tensor divergence = -0.5 * (1 + log_variance - mean.pow(2) - log_variance.exp()).sum(1);
    return (kCells * misfit + weight * divergence).mean();
  }

  torch::Tensor has_place(const RowBatch& rows) const {
    std::vector<torch::Tensor> parts;
    for (const std::int64_t column : place_columns()) parts.push_back(rows.tokens.select(1, column).ge(first_mode(column)).to(torch::kFloat));
    return torch::stack(parts, 1);
  }

  std::size_t see_1_{}, see_2_{}, code_of_{}, make_1_{}, make_2_{}, made_{}, deviation_{};
};

}  // namespace

TableKind tvae_kind() { return network_kind<Tvae>("tvae", "a variational autoencoder of rows, told the class"); }

}  // namespace leaven::learn
