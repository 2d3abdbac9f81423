// The memory of pictures. malloc keeps what large blocks leave behind in each of its arenas, and twice as much as the largest
// that was ever freed; so blocks of pictures come from the system, and go back to it or to the next picture on any thread.
#pragma once

#include <cstddef>
#include <memory>

namespace leaven {

/// Uninitialised memory, aligned to 64 bytes; null when there is none left.
std::byte* take_block(std::size_t bytes);
void give_block(std::byte* block) noexcept;
/// Bytes of large blocks that wait for the next picture.
std::size_t bytes_waiting();

struct GiveBlock {
  void operator()(std::byte* block) const noexcept { give_block(block); }
};
using PixelBlock = std::unique_ptr<std::byte[], GiveBlock>;

}  // namespace leaven
