// Partners that were decoded a moment ago, for other copies that draw them too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "plan/draw_program.hpp"

namespace leaven::flow {

/// By entry; what was asked for longest ago goes first. A partner is the same whether it comes from here or is read again.
/// Thread-safe.
class PartnerCache {
 public:
  /// `most`: bytes of pixels that are kept.
  explicit PartnerCache(std::size_t most) : most_(most) {}
  std::optional<plan::Partner> find(std::uint32_t entry);
  void keep(std::uint32_t entry, const plan::Partner& partner);

 private:
  struct Kept {
    std::uint32_t entry{};
    plan::Partner partner{};
  };
  std::size_t most_, bytes_{};
  std::mutex mutex_{};
  std::list<Kept> kept_{};  ///< latest first
  std::unordered_map<std::uint32_t, std::list<Kept>::iterator> by_entry_{};
};

}  // namespace leaven::flow
