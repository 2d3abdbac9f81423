#include "flow/partner_cache.hpp"

namespace leaven::flow {

std::optional<plan::Partner> PartnerCache::find(std::uint32_t entry) {
  const std::lock_guard lock(mutex_);
  const auto found = by_entry_.find(entry);
  if (found == by_entry_.end()) return std::nullopt;
  kept_.splice(kept_.begin(), kept_, found->second);
  return found->second->partner;
}

void PartnerCache::keep(std::uint32_t entry, const plan::Partner& partner) {
  const std::size_t size = partner.shape.bytes();
  const std::lock_guard lock(mutex_);
  if (size > most_ || by_entry_.contains(entry)) return;
  kept_.push_front({entry, partner});
  by_entry_[entry] = kept_.begin();
  for (bytes_ += size; bytes_ > most_; kept_.pop_back()) {
    bytes_ -= kept_.back().partner.shape.bytes();
    by_entry_.erase(kept_.back().entry);
  }
}

}  // namespace leaven::flow
