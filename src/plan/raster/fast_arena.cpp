#include "plan/raster/fast_arena.hpp"

#include <algorithm>

#include "core/block_store.hpp"
#include "core/error.hpp"

namespace leaven::plan::fast {

namespace {
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kFirstChunk = std::size_t{1} << 20;
constexpr std::size_t kMostKept = std::size_t{64} << 20;  ///< a thread keeps no more than this between images
}  // namespace

Arena& Arena::of_thread() {
  thread_local Arena arena;
  return arena;
}

void Arena::Free::operator()(std::byte* p) const { give_block(p); }

void Arena::add_chunk(std::size_t size) {
  std::byte* const memory = take_block(size);
  if (!memory) throw environment_error("out of memory for " + std::to_string(size) + " bytes of an image's rows");
  chunks_.push_back({std::unique_ptr<std::byte[], Free>(memory), size});
}

std::byte* Arena::bytes(std::size_t count) {
  const std::size_t size = (count + 2 * kAlignment - 1) / kAlignment * kAlignment;
  while (chunk_ < chunks_.size() && used_ + size > chunks_[chunk_].size) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) add_chunk(std::max(size, chunks_.empty() ? kFirstChunk : 2 * chunks_.back().size));
  std::byte* start = chunks_[chunk_].memory.get() + used_;
  used_ += size;
  return start;
}

Arena::Scope::~Scope() {
  arena_.chunk_ = chunk_;
  arena_.used_ = used_;
  if (--arena_.depth_ > 0) return;
  // The last chunk is the largest; an image like this one will fit into it or nearly so.
  auto& chunks = arena_.chunks_;
  while (!chunks.empty() && chunks.back().size > kMostKept) chunks.pop_back();
  if (chunks.size() > 1) chunks.erase(chunks.begin(), chunks.end() - 1);
}

}  // namespace leaven::plan::fast
