#include "io/png_chunks.hpp"

#include <optional>

#include "core/error.hpp"

namespace leaven::io::png {

namespace {

constexpr std::size_t kSignature = 8, kLengthAndName = 8, kChecksum = 4;

struct Chunk {
  std::string_view name;
  BytesView data, whole;
};

/// Takes the first chunk off `rest`; nothing when it is not whole.
std::optional<Chunk> next_chunk(BytesView& rest) {
  if (rest.size() < kLengthAndName) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | std::to_integer<std::size_t>(rest[i]);
  if (rest.size() - kLengthAndName < length + kChecksum) return std::nullopt;
  const Chunk chunk{{reinterpret_cast<const char*>(rest.data()) + 4, 4}, rest.subspan(kLengthAndName, length),
                    rest.first(kLengthAndName + length + kChecksum)};
  rest = rest.subspan(kLengthAndName + length + kChecksum);
  return chunk;
}

std::optional<Chunk> find(BytesView file, std::string_view name) {
  if (file.size() < kSignature) return std::nullopt;
  BytesView rest = file.subspan(kSignature);
  while (const auto chunk = next_chunk(rest))
    if (chunk->name == name) return chunk;
  return std::nullopt;
}

}  // namespace

BytesView find_chunk(BytesView file, std::string_view name) {
  const auto chunk = find(file, name);
  return chunk ? chunk->data : BytesView{};
}

void walk_chunks(BytesView file, const std::function<void(std::string_view name, BytesView whole)>& visit) {
  if (!reaches_end(file)) throw data_error("truncated PNG: no IEND chunk");
  visit("", file.first(kSignature));
  BytesView rest = file.subspan(kSignature);
  for (bool end = false; !end;) {
    const Chunk chunk = *next_chunk(rest);
    visit(chunk.name, chunk.whole);
    end = chunk.name == "IEND";
  }
}

bool reaches_end(BytesView file) { return find(file, "IEND").has_value(); }

}  // namespace leaven::io::png
