// An adversarial generator of rows (Xu et al. 2019, CTGAN): training by sampling, a critic that judges packs of rows (Lin et
// al. 2018), Wasserstein loss with gradient penalty. Unlike the paper's, the condition names the row's class always and one
// token of another column beside it, so that rows of a class can be asked for.
#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/torch/coded_rows.hpp"
#include "learn/torch/step_loop.hpp"
#include "learn/torch/table_kinds.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kPack = 10, kPacks = 24, kBatch = kPack * kPacks, kNoise = 64, kHidden = 128;
constexpr std::uint32_t kSteps = 2500, kLooks = 10;
constexpr double kPaintRate = 1e-3, kJudgeRate = 1e-3, kPenalty = 10, kTemperature = 0.2, kSlope = 0.2, kDropout = 0.25, kDecay = 0.998;
constexpr double kLoudness = 4;

class Ctgan final : public CodedRowModel {
 public:
  explicit Ctgan(std::uint64_t seed) : CodedRowModel(KeyMaker({.seed = seed}).key("generate", "ctgan")), judge_(key_for(KeyMaker({.seed = seed}).key("generate", "ctgan"), "judge")) {}
  std::string kind() const override { return "ctgan"; }

  void fit(const RowFit& f) {
    begin_fit(f);
    add_layers();
    count_tokens();
    add_judge();
    StepLoop loop(f.steps > 0 ? f.steps : kSteps, kLooks, f.stop, f.checkpoint);
    Rivals rivals(parameters_, judge_, {kPaintRate, kJudgeRate}, kDecay);
    std::vector<std::uint32_t> spared(unseen());
    for (std::size_t i = 0; i < spared.size(); ++i) spared[i] = static_cast<std::uint32_t>(shown() + i);
    const RowBatch looked_at = batch(spared);
    std::function<double()> score;
    if (!spared.empty()) score = [&] { return unseen_distance(looked_at); };
    rivals.are_carried_by(loop, judge_);
    while (loop.goes_on()) {
      const Chosen chosen = choose(loop.step());
      const torch::Tensor loss = judge_loss(chosen, loop.step());
      rivals.judge_down(loss, loop.rate());
      rivals.painter_down(paint_loss(chosen, loop.step()), loop);
      if (loop.ends_with(loss.item<double>()) && !rivals.go_on(loop, score, f.watch, nullptr)) break;
    }
    rivals.end(loop, f.notes);
    say_what_is_unlike(f);
  }

  void load(const SavedGenerator& from) {
    begin_load(from);
    add_layers();
    load_weights(from);
    const std::vector<double>& counts = from.tensors.doubles("condition.counts", static_cast<std::size_t>(classes() * tokens()));
    if (!std::ranges::all_of(counts, [](double c) { return c >= 0 && std::isfinite(c); })) throw data_error("the generator's file has a broken condition");
    counts_ = counts;
  }
  void save(SavedGenerator& to) const override {
    CodedRowModel::save(to);
    to.tensors.add("condition.counts", counts_);
  }

 protected:
  RawRows raw(Key key, std::uint64_t row, const torch::Tensor& labels) const override {
    torch::Tensor condition = torch::zeros({labels.size(0), tokens()});
    const Key which = key_for(key, "condition");
    const std::vector<std::int64_t> able = conditions();
    for (std::int64_t i = 0; i < labels.size(0) && !able.empty(); ++i) {
      const std::uint64_t element = 2 * (row + static_cast<std::uint64_t>(i));
      const auto [at, count] = spans()[static_cast<std::size_t>(able[static_cast<std::size_t>(draw_below(which, able.size(), element))])];
      const auto* const first = counts_.data() + labels.data_ptr<std::int64_t>()[i] * tokens() + at;
      std::vector<double> weights(first, first + count);
      if (std::ranges::all_of(weights, [](double w) { return w == 0; })) continue;
      condition.data_ptr<float>()[i * tokens() + at + static_cast<std::int64_t>(draw_weighted(weights, which, element + 1))] = 1;
    }
    return painted(normals(key_for(key, "noise"), row * static_cast<std::uint64_t>(kNoise), {labels.size(0), kNoise}), condition, one_hot(labels, classes(), kLoudness));
  }
  torch::Tensor place_deviation() const override { return torch::zeros({places()}); }

 private:
  /// Real rows, the condition that each of them meets, and which token that names.
  struct Chosen {
    RowBatch rows{};
    torch::Tensor condition{}, columns{}, classes{};
  };

  void add_layers() {
    paint_1_ = parameters_.add_layer("painter.0", {kHidden, kNoise + tokens() + classes()});
    paint_2_ = parameters_.add_layer("painter.1", {kHidden, kHidden});
    painted_ = parameters_.add_layer("painter.2", {tokens() + places(), 2 * kHidden});
  }
  void add_judge() {
    judge_1_ = judge_.add_layer("0", {kHidden, kPack * (2 * tokens() + places() + classes())});
    judge_2_ = judge_.add_layer("1", {kHidden, kHidden});
    judged_ = judge_.add_layer("2", {1, kHidden});
  }

  /// Columns that a condition may name.
  std::vector<std::int64_t> conditions() const {
    std::vector<std::int64_t> able;
    for (std::int64_t j = 0; j < columns(); ++j)
      if (spans()[static_cast<std::size_t>(j)].second > 1) able.push_back(j);
    return able;
  }

  /// How often each class has each token, and which rows have it.
  void count_tokens() {
    counts_.assign(static_cast<std::size_t>(classes() * tokens()), 0);
    rows_of_.assign(static_cast<std::size_t>(tokens()), {});
    std::vector<std::uint32_t> all(shown());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint32_t>(i);
    const RowBatch rows = batch(all);
    for (std::int64_t i = 0; i < rows.tokens.size(0); ++i)
      for (std::int64_t j = 0; j < columns(); ++j) {
        const std::int64_t token = rows.tokens.data_ptr<std::int64_t>()[i * columns() + j];
        rows_of_[static_cast<std::size_t>(token)].push_back(static_cast<std::uint32_t>(i));
        counts_[static_cast<std::size_t>(rows.labels.data_ptr<std::int64_t>()[i] * tokens() + token)] += 1;
      }
  }

  /// Training by sampling: a column at random, one of its tokens by the logarithm of how often it is, a row that has it.
  Chosen choose(std::uint32_t step) const {
    const Key key = parameters_.key_of("chosen");
    const std::vector<std::int64_t> able = conditions();
    std::vector<std::uint32_t> items;
    Chosen chosen{.condition = torch::zeros({kBatch, tokens()}), .columns = torch::full({kBatch}, -1, torch::kLong)};
    for (std::int64_t i = 0; i < kBatch; ++i) {
      const std::uint64_t element = 3 * (static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(kBatch) + static_cast<std::uint64_t>(i));
      if (able.empty()) {
        items.push_back(static_cast<std::uint32_t>(draw_below(key, shown(), element)));
        continue;
      }
      const std::int64_t column = able[static_cast<std::size_t>(draw_below(key, able.size(), element))];
      const auto [at, count] = spans()[static_cast<std::size_t>(column)];
      std::vector<double> weights;
      for (std::int64_t token = at; token < at + count; ++token) weights.push_back(std::log1p(static_cast<double>(rows_of_[static_cast<std::size_t>(token)].size())));
      const std::int64_t token = at + static_cast<std::int64_t>(draw_weighted(weights, key, element + 1));
      const std::vector<std::uint32_t>& rows = rows_of_[static_cast<std::size_t>(token)];
      items.push_back(rows[static_cast<std::size_t>(draw_below(key, rows.size(), element + 2))]);
      chosen.condition.data_ptr<float>()[i * tokens() + token] = 1;
      chosen.columns.data_ptr<std::int64_t>()[i] = column;
    }
    chosen.rows = batch(items);
    chosen.classes = one_hot(chosen.rows.labels, classes(), kLoudness);
    return chosen;
  }

  RawRows painted(const torch::Tensor& z, const torch::Tensor& condition, const torch::Tensor& c) const {
    const auto layer = [&](const torch::Tensor& x, std::size_t which) { return torch::relu(torch::layer_norm(parameters_.linear(x, which), {kHidden})); };
    const torch::Tensor h = layer(torch::cat({z, condition, c}, 1), paint_1_);
    const torch::Tensor all = parameters_.linear(torch::cat({h, layer(h, paint_2_)}, 1), painted_);
    return {all.slice(1, 0, tokens()), torch::tanh(all.slice(1, tokens()))};
  }

  /// Tokens drawn so that gradients pass (Jang et al. 2017).
  torch::Tensor softly_drawn(const RawRows& said, const char* purpose, std::uint64_t step) const {
    const torch::Tensor u = uniforms(parameters_.key_of(purpose), step * static_cast<std::uint64_t>(kBatch * tokens()), {kBatch, tokens()}).clamp(1e-7, 1 - 1e-7);
    const torch::Tensor logits = (said.logits - torch::log(-torch::log(u))) / kTemperature;
    std::vector<torch::Tensor> parts;
    for (const auto& [at, count] : spans()) parts.push_back(torch::softmax(logits.slice(1, at, at + count), 1));
    parts.push_back(said.places);
    return torch::cat(parts, 1);
  }

  /// Between rows that are not shown and as many new ones of their classes, cells and classes side by side.
  double unseen_distance(const RowBatch& looked_at) const {
    const torch::NoGradGuard no_gradients;
    const std::int64_t count = looked_at.labels.size(0);
    const Key key = parameters_.key_of("unseen");
    const RawRows said = raw(key, 0, looked_at.labels);
    const torch::Tensor u = uniforms(key_for(key, "tokens"), 0, {count, tokens()}).clamp(1e-7, 1 - 1e-7), loud = said.logits - torch::log(-torch::log(u));
    RowBatch made{torch::empty({count, columns()}, torch::kLong), said.places.clone(), looked_at.labels};
    for (std::size_t j = 0; j < spans().size(); ++j) {
      const auto [at, tokens_here] = spans()[j];
      made.tokens.select(1, static_cast<std::int64_t>(j)).copy_(loud.slice(1, at, at + tokens_here).argmax(1) + at);
    }
    for (std::int64_t p = 0; p < places(); ++p) {  // a place counts where its token has one
      const std::int64_t column = place_columns()[static_cast<std::size_t>(p)];
      made.places.select(1, p).mul_(made.tokens.select(1, column).ge(first_mode(column)));
    }
    const torch::Tensor classes = one_hot(looked_at.labels, this->classes(), 1);
    return cubic_discrepancy(torch::cat({as_input(looked_at), classes}, 1), torch::cat({as_input(made), classes}, 1));
  }

  torch::Tensor judged(const torch::Tensor& packs, std::uint64_t step, const char* purpose) const {
    torch::Tensor h = packs;
    for (const std::size_t layer : {judge_1_, judge_2_}) {
      const torch::Tensor kept = uniforms(judge_.key_of(std::string(purpose) + std::to_string(layer)), step * static_cast<std::uint64_t>(kPacks * kHidden), {kPacks, kHidden}).ge(kDropout).to(torch::kFloat);
      h = torch::leaky_relu(judge_.linear(h, layer), kSlope) * kept / (1 - kDropout);
    }
    return judge_.linear(h, judged_);
  }
  torch::Tensor packs_of(const torch::Tensor& cells, const Chosen& chosen) const { return torch::cat({cells, chosen.condition, chosen.classes}, 1).view({kPacks, -1}); }
  RawRows paint(const Chosen& chosen, const char* purpose, std::uint64_t step) const {
    return painted(normals(parameters_.key_of(purpose), step * static_cast<std::uint64_t>(kBatch * kNoise), {kBatch, kNoise}), chosen.condition, chosen.classes);
  }

  torch::Tensor judge_loss(const Chosen& chosen, std::uint64_t step) const {
    torch::Tensor made;
    {
      const torch::NoGradGuard no_gradients;
      made = packs_of(softly_drawn(paint(chosen, "judged noise", step), "judged tokens", step), chosen);
    }
    const torch::Tensor real = packs_of(as_input(chosen.rows), chosen), along = uniforms(judge_.key_of("between"), step * static_cast<std::uint64_t>(kPacks), {kPacks, 1});
    const torch::Tensor between = (real + along * (made - real)).set_requires_grad(true);
    const torch::Tensor gradient = torch::autograd::grad({judged(between, step, "between").sum()}, {between}, {}, true, true).front();
    const torch::Tensor off = ((gradient.pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean();
    return judged(made, step, "made").mean() - judged(real, step, "real").mean() + kPenalty * off;
  }

  torch::Tensor paint_loss(const Chosen& chosen, std::uint64_t step) const {
    const RawRows said = paint(chosen, "noise", step);
    torch::Tensor loss = -judged(packs_of(softly_drawn(said, "tokens", step), chosen), step, "painted").mean();
    // The condition must be met: cross entropy of its token.
    torch::Tensor missed = -(said.logits * chosen.condition).sum(1);
    for (std::size_t j = 0; j < spans().size(); ++j) {
      const auto [at, count] = spans()[j];
      missed = missed + said.logits.slice(1, at, at + count).logsumexp(1) * chosen.columns.eq(static_cast<std::int64_t>(j)).to(torch::kFloat);
    }
    return loss + missed.mean();
  }

  Parameters judge_;
  std::size_t paint_1_{}, paint_2_{}, painted_{}, judge_1_{}, judge_2_{}, judged_{};
  std::vector<double> counts_{};  ///< by class and token
  std::vector<std::vector<std::uint32_t>> rows_of_{};
};

}  // namespace

TableKind ctgan_kind() { return network_kind<Ctgan>("ctgan", "an adversarial generator of rows, trained by sampling, with packs"); }

}  // namespace leaven::learn
