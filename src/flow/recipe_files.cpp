#include "flow/recipe_files.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "io/codec.hpp"
#include "io/file.hpp"
#include "io/npy.hpp"
#include "io/pixel_block.hpp"

namespace leaven::flow {

namespace {

constexpr std::uint64_t kMostChannels = 4;

bool is_numpy(io::BytesView bytes) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  return bytes.size() > kMagic.size() &&
         std::ranges::equal(bytes.first(kMagic.size()), kMagic, [](std::byte b, char c) { return b == std::byte(c); });
}

io::Element element_of(const io::NpyHeader& header) {
  if (header.kind == 'u' && header.item_bytes == 1) return io::Element::u8;
  if (header.kind == 'u' && header.item_bytes == 2) return io::Element::u16;
  if (header.kind == 'f' && header.item_bytes == 2) return io::Element::f16;
  if (header.kind == 'f' && header.item_bytes == 4) return io::Element::f32;
  if (header.kind == 'f' && header.item_bytes == 8) return io::Element::f64;
  throw usage_error("an array must hold uint8, uint16 or floats");
}

/// An array of rows × columns (× channels).
Raster array_of(const std::string& path, io::BytesView bytes) {
  const io::NpyHeader header = io::parse_npy_header(bytes);
  const std::vector<std::uint64_t>& sides = header.shape;
  const bool flat = sides.size() == 2, deep = sides.size() == 3 && sides[2] >= 1 && sides[2] <= kMostChannels;
  if ((!flat && !deep) || header.fortran || sides[0] == 0 || sides[1] == 0 || sides[0] > kMostPixels ||
      sides[1] > kMostPixels / sides[0])
    throw usage_error("an array must be rows × columns or rows × columns × channels (1 to 4), in C order");
  io::PixelBlock block;
  block.element = element_of(header);
  block.big_endian = header.big_endian;
  block.offset = header.data_offset;
  block.shape = {static_cast<int>(sides[1]), static_cast<int>(sides[0]), flat ? 1 : static_cast<int>(sides[2])};
  block.shape.dtype = io::dtype_of(block.element);
  block.shape.bounded = block.shape.dtype != Dtype::f32;
  return io::read_pixels(io::InputFile(path), block, block.offset);
}

class RecipeFiles : public OpenedFiles {
 public:
  std::shared_ptr<const OpenedFile> file(const std::string& path) override {
    return kept(files_, path, [&] {
      io::Bytes bytes = io::read_file(path);
      std::string digest = digest_of(bytes.data(), bytes.size());
      return OpenedFile{std::move(bytes), std::move(digest)};
    });
  }
  std::shared_ptr<const OpenedImage> image(const std::string& path) override {
    return kept(images_, path, [&] {
      const io::Bytes bytes = io::read_file(path);
      std::string digest = digest_of(bytes.data(), bytes.size());
      return OpenedImage{is_numpy(bytes) ? array_of(path, bytes) : io::decode(bytes, io::read_header(bytes)), std::move(digest)};
    });
  }

 private:
  template <class Kept, class Open>
  std::shared_ptr<const Kept> kept(std::map<std::string, std::shared_ptr<const Kept>>& all, const std::string& path,
                                   const Open& open) {
    const std::lock_guard lock(opening_);
    auto& found = all[path];
    if (found) return found;
    try {
      return found = std::make_shared<const Kept>(open());
    } catch (const Error& error) {
      // A broken sample is data; a file that the recipe names is the recipe's matter.
      if (error.fault() != Fault::data) throw;
      throw usage_error(error.message().starts_with(path) ? error.message() : path + ": " + error.message());
    }
  }

  std::mutex opening_;
  std::map<std::string, std::shared_ptr<const OpenedFile>> files_;
  std::map<std::string, std::shared_ptr<const OpenedImage>> images_;
};

}  // namespace

OpenedFiles& recipe_files() {
  static RecipeFiles files;
  return files;
}

}  // namespace leaven::flow
