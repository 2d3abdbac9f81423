#include "learn/batches.hpp"

#include <algorithm>

#include "learn/cluster_mix.hpp"
#include "learn/dynamic_strength.hpp"
#include "learn/inner_learner.hpp"

namespace leaven::learn {

namespace {

constexpr std::size_t kTogetherValues = 512 * 1024;  // two megabytes, as measured: half as many cost a tenth more an item

}  // namespace

Batches::Batches(Supply& supply, const Schedule& schedule, Learner& learner, DynamicStrength* dynamic, const ClusterMix* mix)
    : supply_(supply), learner_(learner), dynamic_(dynamic), mix_(mix), views_(schedule.agrees ? Inside::kViews : 1), whole_(schedule.whole), number_(supply.classes() == 0), size_(whole_ ? supply.epoch_size() : schedule.batch), values_(supply.shape().values()),
      together_(whole_ || dynamic ? 1 : std::max<std::size_t>(1, kTogetherValues / (views_ * size_ * values_))), left_(schedule.most_steps()) {}

double Batches::train(double rate) {
  if (next_ == made_) fill();
  const auto of = [&](const auto& items, std::size_t each = 1) { return items.empty() ? std::span(items) : std::span(items).subspan(next_ * size_ * each, size_ * each); };
  if (mix_) mix_->choose(batches_, of(entries_), of(labels_), partners_, shares_);
  ++batches_;
  const Batch batch{of(pixels_, views_ * values_), of(labels_), of(targets_), of(weights_)};
  if (!whole_) ++next_;
  if (!mix_ && views_ == 1) return learner_.train(batch, rate);
  return dynamic_cast<InnerLearner&>(learner_).train_inside(batch, {partners_, shares_, views_}, rate);
}

void Batches::fill() {
  made_ = whole_ ? 1 : std::clamp<std::size_t>(left_, 1, together_);  // none that is not trained on
  left_ -= std::min(left_, made_);
  next_ = 0;
  const std::size_t slots = made_ * size_;
  pixels_.resize(views_ * slots * values_);
  entries_.resize(slots);
  weights_.resize(slots);
  (number_ ? targets_.resize(slots) : labels_.resize(slots));
  for (std::size_t i = 0; i < slots; ++i) {
    if (dynamic_ && position_ > 0 && position_ % dynamic_->pass() == 0) dynamic_->next_pass(learner_, batches_);
    if (i + 1 < slots) fetch_ahead(i + 1);
    const Answer answer = show(i);
    entries_[i] = answer.entry;
    weights_[i] = answer.weight;
    ++position_;
    if (number_)
      targets_[i] = answer.target;
    else
      labels_[i] = answer.label;
  }
}

/// Where an item's view is put; the views of a batch lie together.
std::span<float> Batches::place(std::size_t slot, std::uint32_t view) {
  return std::span(pixels_).subspan(((slot / size_ * views_ + view) * size_ + slot % size_) * values_, values_);
}

/// Memory that training has driven out of the cache comes back while the item before is made.
void Batches::fetch_ahead(std::size_t slot) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  const std::span<const float> next = place(slot, 0);
  for (std::size_t i = 0; i < next.size(); i += kLine) __builtin_prefetch(next.data() + i, 1);
}

/// The next item, in all its views.
Answer Batches::show(std::size_t slot) {
  if (views_ == 1) return supply_.put(position_, place(slot, 0));
  for (std::uint32_t view = 1; view < views_; ++view) supply_.put_view(position_, view, place(slot, view));
  return supply_.put_view(position_, 0, place(slot, 0));
}

}  // namespace leaven::learn
