// An adversarial generator of numbers (Gulrajani et al. 2017, WGAN-GP), for columns such as a price or a quantity. It makes places on a
// scale on which the column looks most like a normal law; which cells are missing or hold a frequent number is not learnt but counted.
// The critic judges packs of rows of one class (Lin et al. 2018), in the order of their first number, so that it sees how they are
// spread however they were drawn.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "core/value.hpp"
#include "learn/generate/token_patterns.hpp"
#include "learn/torch/coded_rows.hpp"
#include "learn/torch/step_loop.hpp"
#include "learn/torch/table_kinds.hpp"

namespace leaven::learn {

namespace {

constexpr std::int64_t kPack = 10, kPacks = 32, kBatch = kPack * kPacks, kNoise = 16, kHidden = 64;
constexpr std::uint32_t kSteps = 2000, kLooks = 20, kJudgeSteps = 2;
constexpr double kPaintRate = 1e-3, kJudgeRate = 1e-3, kPenalty = 10, kSlope = 0.2, kDecay = 0.998, kLoudness = 2;
constexpr std::int64_t kLookedAt = 2000;      // new rows, at least, that are held against those that are not shown

class Wgan final : public CodedRowModel {
 public:
  explicit Wgan(std::uint64_t seed) : Wgan(KeyMaker({.seed = seed}).key("generate", "wgan")) {}
  std::string kind() const override { return "wgan"; }

  void fit(const RowFit& f) {
    require_numbers(f.train);
    begin_fit(f);
    begin();
    count_patterns();
    std::vector<std::uint32_t> spared = of_places(shown(), shown() + unseen());
    for (const std::uint32_t item : of_places(0, shown())) items_[label_of(item)].push_back(item);
    if (std::ranges::all_of(items_, [](const auto& items) { return items.empty(); })) return f.notes.push_back("every number is a frequent one: all are drawn by how often they are");
    learn(f, spared);
    say_what_is_unlike(f);
  }

  void load(const SavedGenerator& from) {
    begin_load(from);
    begin();
    load_weights(from);
    std::vector<bool> with_rows;
    for (std::uint32_t label = 0; label < labels().size(); ++label) with_rows.push_back(class_counts()[label] >= TableModel::kLeastClass);
    patterns_ = TokenPatterns::load(from.tensors, with_rows, column_tokens());
  }
  void save(SavedGenerator& to) const override {
    CodedRowModel::save(to);
    patterns_.save(to.tensors);
  }

 protected:
  RawRows raw(Key key, std::uint64_t row, const torch::Tensor& labels) const override {
    constexpr double kNever = -1e4;
    const std::int64_t count = labels.size(0);
    const Key which = key_for(key, "pattern");
    torch::Tensor tokens = torch::empty({count, columns()}, torch::kLong);
    std::vector<std::int32_t> drawn(static_cast<std::size_t>(columns()));
    for (std::int64_t i = 0; i < count; ++i) {
      patterns_.draw(static_cast<std::uint32_t>(labels.data_ptr<std::int64_t>()[i]), which, row + static_cast<std::uint64_t>(i), drawn);
      for (std::int64_t j = 0; j < columns(); ++j) tokens.data_ptr<std::int64_t>()[i * columns() + j] = spans()[static_cast<std::size_t>(j)].first + drawn[static_cast<std::size_t>(j)];
    }
    return {torch::full({count, this->tokens()}, kNever).scatter_(1, tokens, 0.0), painted(normals(key_for(key, "noise"), row * static_cast<std::uint64_t>(kNoise), {count, kNoise}), tokens, labels)};
  }
  torch::Tensor place_deviation() const override { return torch::zeros({places()}); }

 private:
  explicit Wgan(Key key) : CodedRowModel(key, NumberCode::scale), judge_(key_for(key, "judge")) {}

  static void require_numbers(const TableData& train) {
    bool any = false;
    for (const TableColumn& column : train.columns) {
      any = any || column.role == TableColumn::Role::number;
      if (column.role == TableColumn::Role::word && !column.target)
        throw usage_error("column " + column.name + " holds words, and wgan makes numbers alone, of classes where the target says them").with_hint("--kind ctgan makes both");
    }
    if (!any) throw usage_error("no column holds numbers, and wgan makes nothing else").with_hint("--kind ctgan makes words");
  }

  /// Layers and ends of the places.
  void begin() {
    const std::int64_t told = (columns() > 1 ? tokens() : 0) + classes();
    paint_1_ = parameters_.add_layer("painter.0", {kHidden, kNoise + told});
    paint_2_ = parameters_.add_layer("painter.1", {kHidden, kHidden});
    painted_ = parameters_.add_layer("painter.2", {places(), kNoise + 2 * kHidden});
    std::vector<float> lo, hi;
    for (const std::int64_t j : place_columns()) {
      const NumberScale& scale = *code().columns()[static_cast<std::size_t>(j)].scale;
      lo.push_back(static_cast<float>(scale.place(scale.lo))), hi.push_back(static_cast<float>(scale.place(scale.hi)));
    }
    lo_ = torch::tensor(lo), hi_ = torch::tensor(hi);
    items_.resize(static_cast<std::size_t>(classes()));
  }
  void add_judge() {
    judge_1_ = judge_.add_layer("0", {kHidden, kPack * (places() + (columns() > 1 ? tokens() : 0)) + classes()});
    judge_2_ = judge_.add_layer("1", {kHidden, kHidden});
    judged_ = judge_.add_layer("2", {1, kHidden});
  }

  std::vector<std::int64_t> column_tokens() const {
    std::vector<std::int64_t> counts;
    for (const auto& span : spans()) counts.push_back(span.second);
    return counts;
  }
  void count_patterns() {
    std::vector<std::uint32_t> all(shown() + unseen());
    std::iota(all.begin(), all.end(), 0U);
    const RowBatch rows = batch(all);
    std::vector<std::int32_t> tokens;
    std::vector<std::uint32_t> labels;
    for (std::int64_t i = 0; i < rows.labels.size(0); ++i) {
      labels.push_back(static_cast<std::uint32_t>(rows.labels.data_ptr<std::int64_t>()[i]));
      for (std::int64_t j = 0; j < columns(); ++j) tokens.push_back(static_cast<std::int32_t>(rows.tokens.data_ptr<std::int64_t>()[i * columns() + j] - spans()[static_cast<std::size_t>(j)].first));
    }
    patterns_ = TokenPatterns::fit(tokens, labels, static_cast<std::size_t>(classes()), column_tokens());
  }

  /// 1 where a row's token has a place.
  torch::Tensor has_place(const torch::Tensor& tokens) const {
    std::vector<torch::Tensor> parts;
    for (const std::int64_t column : place_columns()) parts.push_back(tokens.select(1, column).ge(first_mode(column)).to(torch::kFloat));
    return parts.empty() ? torch::zeros({tokens.size(0), 0}) : torch::stack(parts, 1);
  }
  /// Those items in [begin, end) that have a place.
  std::vector<std::uint32_t> of_places(std::size_t begin, std::size_t end) const {
    std::vector<std::uint32_t> all(end - begin), kept;
    std::iota(all.begin(), all.end(), static_cast<std::uint32_t>(begin));
    if (all.empty() || places() == 0) return kept;
    const torch::Tensor any = has_place(batch(all).tokens).sum(1).contiguous();
    for (std::size_t i = 0; i < all.size(); ++i)
      if (any.data_ptr<float>()[i] > 0) kept.push_back(all[i]);
    return kept;
  }

  void learn(const RowFit& f, const std::vector<std::uint32_t>& spared) {
    add_judge();
    StepLoop loop(f.steps > 0 ? f.steps : kSteps, kLooks, f.stop, f.checkpoint);
    Rivals rivals(parameters_, judge_, {kPaintRate, kJudgeRate}, kDecay);
    const RowBatch looked_at = batch(spared);
    std::function<double()> score;
    if (!spared.empty()) score = [&] { return unseen_distance(looked_at); };
    rivals.are_carried_by(loop, judge_);
    while (loop.goes_on()) {
      double loss = 0;
      for (std::uint32_t i = 0; i < kJudgeSteps; ++i) {
        const torch::Tensor judged = judge_loss(kJudgeSteps * loop.step() + i);
        rivals.judge_down(judged, loop.rate());
        loss = judged.item<double>();
      }
      rivals.painter_down(paint_loss(loop.step()), loop);
      if (loop.ends_with(loss) && !rivals.go_on(loop, score, f.watch, nullptr)) break;
    }
    rivals.end(loop, f.notes);
  }

  /// Rows of one class for each pack; classes are taken by the root of how many rows they have.
  RowBatch choose(std::uint64_t step) const {
    const Key key = parameters_.key_of("chosen");
    std::vector<double> weights;
    for (const auto& items : items_) weights.push_back(std::sqrt(static_cast<double>(items.size())));
    std::vector<std::uint32_t> items;
    for (std::int64_t p = 0; p < kPacks; ++p) {
      const std::uint64_t element = (step * static_cast<std::uint64_t>(kPacks) + static_cast<std::uint64_t>(p)) * static_cast<std::uint64_t>(kPack + 1);
      const auto& of_class = items_[draw_weighted(weights, key, element)];
      for (std::int64_t i = 0; i < kPack; ++i) items.push_back(of_class[draw_below(key, of_class.size(), element + 1 + static_cast<std::uint64_t>(i))]);
    }
    return batch(items);
  }

  /// Numbers beyond an end lie as far inside of it.
  torch::Tensor folded(const torch::Tensor& x) const {
    const torch::Tensor above_lo = x + 2 * torch::relu(lo_ - x);
    return torch::minimum(torch::maximum(above_lo - 2 * torch::relu(above_lo - hi_), lo_), hi_);
  }
  torch::Tensor painted(const torch::Tensor& z, const torch::Tensor& tokens, const torch::Tensor& labels) const {
    std::vector<torch::Tensor> told{z, one_hot(labels, classes(), kLoudness)};
    if (columns() > 1) told.push_back(token_places(tokens));
    const auto layer = [&](const torch::Tensor& x, std::size_t which) { return torch::leaky_relu(parameters_.linear(x, which), kSlope); };
    const torch::Tensor h = layer(torch::cat(told, 1), paint_1_);
    return folded(parameters_.linear(torch::cat({z, h, layer(h, paint_2_)}, 1), painted_)) * has_place(tokens);
  }
  torch::Tensor token_places(const torch::Tensor& tokens) const { return torch::zeros({tokens.size(0), this->tokens()}).scatter_(1, tokens, 1.0); }

  /// What the critic sees of rows: a pack a line.
  torch::Tensor packs_of(const torch::Tensor& places, const RowBatch& rows) const {
    const torch::Tensor cells = (columns() > 1 ? torch::cat({places, token_places(rows.tokens)}, 1) : places).view({kPacks, kPack, -1});
    const torch::Tensor order = std::get<1>(cells.select(2, 0).sort(1)).unsqueeze(2).expand_as(cells);
    const torch::Tensor labels = rows.labels.view({kPacks, kPack}).select(1, 0);
    return torch::cat({cells.gather(1, order).reshape({kPacks, -1}), one_hot(labels, classes(), kLoudness)}, 1);
  }
  torch::Tensor made_packs(const RowBatch& rows, const char* purpose, std::uint64_t step) const {
    return packs_of(painted(normals(parameters_.key_of(purpose), step * static_cast<std::uint64_t>(kBatch * kNoise), {kBatch, kNoise}), rows.tokens, rows.labels), rows);
  }
  torch::Tensor judged(const torch::Tensor& packs) const {
    const auto layer = [&](const torch::Tensor& x, std::size_t which) { return torch::leaky_relu(judge_.linear(x, which), kSlope); };
    return judge_.linear(layer(layer(packs, judge_1_), judge_2_), judged_);
  }

  torch::Tensor judge_loss(std::uint64_t step) const {
    const RowBatch rows = choose(step);
    torch::Tensor made;
    {
      const torch::NoGradGuard no_gradients;
      made = made_packs(rows, "judged noise", step);
    }
    const torch::Tensor real = packs_of(rows.places, rows), along = uniforms(judge_.key_of("between"), step * static_cast<std::uint64_t>(kPacks), {kPacks, 1});
    const torch::Tensor between = (real + along * (made - real)).set_requires_grad(true);
    const torch::Tensor gradient = torch::autograd::grad({judged(between).sum()}, {between}, {}, true, true).front();
    const torch::Tensor off = ((gradient.pow(2).sum(1) + 1e-12).sqrt() - 1).pow(2).mean();
    return judged(made).mean() - judged(real).mean() + kPenalty * off;
  }
  torch::Tensor paint_loss(std::uint64_t step) const { return -judged(made_packs(choose(step * kJudgeSteps), "noise", step)).mean(); }

  /// Energy distance (Székely and Rizzo 2013) between rows that are not shown and new ones like them, with their classes.
  double unseen_distance(const RowBatch& looked_at) const {
    const torch::NoGradGuard no_gradients;
    const std::int64_t count = looked_at.labels.size(0), times = (kLookedAt + count - 1) / count;
    const torch::Tensor tokens = looked_at.tokens.repeat({times, 1}), labels = looked_at.labels.repeat({times});
    const auto seen = [&](const torch::Tensor& places, const torch::Tensor& of, const torch::Tensor& in) { return torch::cat({places, token_places(of), one_hot(in, classes(), kLoudness)}, 1); };
    const torch::Tensor real = seen(looked_at.places, looked_at.tokens, looked_at.labels);
    const torch::Tensor made = seen(painted(normals(parameters_.key_of("unseen"), 0, {times * count, kNoise}), tokens, labels), tokens, labels);
    return 2 * torch::cdist(real, made).mean().item<double>() - torch::cdist(made, made).mean().item<double>() - torch::cdist(real, real).mean().item<double>();
  }

  Parameters judge_;
  TokenPatterns patterns_{};
  std::vector<std::vector<std::uint32_t>> items_{};  ///< while fitting: shown rows of each class that have a place
  torch::Tensor lo_{}, hi_{};                        ///< ends of the places
  std::size_t paint_1_{}, paint_2_{}, painted_{}, judge_1_{}, judge_2_{}, judged_{};
};

}  // namespace

TableKind wgan_kind() { return network_kind<Wgan>("wgan", "an adversarial generator of numbers, such as one column of prices"); }

}  // namespace leaven::learn
