#include "flow/sample_cache.hpp"

#include <unistd.h>

#include <array>
#include <cstring>
#include <system_error>
#include <type_traits>

#include "core/error.hpp"
#include "io/atomic_file.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kExtension = ".pixels";
/// Changes when the layout of these files or the meaning of decoded pixels does.
constexpr std::array<char, 8> kMagic{'l', 'e', 'a', 'v', 'e', 'n', 'p', '1'};

/// In front of the rows.
struct Head {
  std::array<char, 8> magic{kMagic};
  std::int32_t width{}, height{}, channels{};
  std::uint8_t dtype{}, alpha{}, bounded{}, half{};
  std::array<std::uint8_t, 40> unused{};  ///< rows begin at 64 bytes
  friend bool operator==(const Head&, const Head&) = default;
};
static_assert(sizeof(Head) == 64 && std::is_trivially_copyable_v<Head>);

Head head_of(const RasterShape& shape) {
  Head head;
  head.width = shape.width, head.height = shape.height, head.channels = shape.channels;
  head.dtype = static_cast<std::uint8_t>(shape.dtype);
  head.alpha = shape.alpha;
  head.bounded = shape.bounded;
  head.half = shape.half;
  return head;
}

}  // namespace

SampleCache::SampleCache(fs::path folder, std::uint64_t most) : folder_(std::move(folder)), most_(most) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw environment_error(io::printable(folder_.native()) + ": cannot be made: " + io::reason_of(error.value()));
  for (const fs::directory_entry& file : fs::directory_iterator(folder_, error)) {
    const std::string name = file.path().filename().native();
    if (name.ends_with(io::kTemporarySuffix)) continue;  // another process is writing it, or was killed
    if (file.path().extension() != kExtension)
      throw usage_error(io::printable(folder_.native()) + ": is no cache: it holds " + io::printable(name)).with_hint("a cache needs a folder of its own");
    std::error_code gone;  // somebody may empty the cache meanwhile
    const std::uintmax_t size = file.file_size(gone);
    if (!gone) bytes_ += size;
  }
  if (error) throw environment_error(io::printable(folder_.native()) + ": cannot be read: " + io::reason_of(error.value()));
}

std::optional<Raster> SampleCache::read(const std::string& digest, const RasterShape& whole, const Region& region) const {
  try {
    const io::InputFile file(folder_ / (digest + std::string(kExtension)));
    Head head;
    if (file.size() != sizeof head + whole.bytes()) return std::nullopt;
    file.read(0, std::as_writable_bytes(std::span(&head, 1)));
    if (head != head_of(whole)) return std::nullopt;
    RasterShape shape = whole;
    shape.height = region.height;
    Raster rows(shape);
    rows.origin_y = region.y;
    file.read(sizeof head + static_cast<std::uint64_t>(region.y) * whole.row_bytes(), {rows.data(), shape.bytes()});
    return rows;
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    return std::nullopt;
  }
}

void SampleCache::keep(const std::string& digest, const RasterView& picture) {
  const Head head = head_of(picture.shape);
  const std::size_t row = picture.shape.row_bytes();
  io::Bytes file(sizeof head + picture.shape.bytes());
  if (bytes_.fetch_add(file.size()) + file.size() > most_) {
    bytes_ -= file.size();
    return;
  }
  std::memcpy(file.data(), &head, sizeof head);
  for (int y = 0; y < picture.shape.height; ++y)
    std::memcpy(file.data() + sizeof head + row * static_cast<std::size_t>(y), picture.row<std::byte>(y), row);
  try {
    // Workers that were forked share nothing but the folder, not even a counter.
    static std::atomic<std::uint64_t> counter{};
    io::AtomicTree(folder_, std::to_string(::getpid()) + "-" + std::to_string(counter++)).write(digest + std::string(kExtension), file);
  } catch (const Error& error) {
    if (error.fault() != Fault::environment) throw;
    bytes_ = most_;
  }
}

}  // namespace leaven::flow
