#include "flow/recipe_files.hpp"

#include <algorithm>
#include <filesystem>
#include <list>
#include <map>
#include <mutex>

#include "core/error.hpp"
#include "core/lineage.hpp"
#include "core/op.hpp"
#include "io/codec.hpp"
#include "io/file.hpp"
#include "io/npy.hpp"
#include "io/pixel_block.hpp"
#include "io/tree_walk.hpp"
#include "recipe/files_beside.hpp"

namespace leaven::flow {

namespace {

constexpr std::size_t kMostBytes = std::size_t{512} << 20;  // of pixels that stay in memory

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
  const bool flat = sides.size() == 2, deep = sides.size() == 3 && sides[2] >= 1 && sides[2] <= static_cast<std::uint64_t>(kMostChannels);
  if ((!flat && !deep) || header.fortran || sides[0] == 0 || sides[1] == 0 || sides[0] > kMostPixels ||
      sides[1] > kMostPixels / sides[0])
    throw usage_error("an array must be rows × columns or rows × columns × channels (1 to " + std::to_string(kMostChannels) + "), in C order");
  io::PixelBlock block;
  block.element = element_of(header);
  block.big_endian = header.big_endian;
  block.offset = header.data_offset;
  block.shape = {static_cast<int>(sides[1]), static_cast<int>(sides[0]), flat ? 1 : static_cast<int>(sides[2])};
  block.shape.dtype = io::dtype_of(block.element);
  block.shape.bounded = block.shape.dtype != Dtype::f32;
  return io::read_pixels(io::InputFile(path), block, block.offset);
}

/// The names of the images, fonts and arrays in a folder. Their sizes are in the digest, so that most changes of a picture change it.
OpenedFile listing_of(const std::string& folder) {
  std::string names, sizes;
  for (const std::string& name : io::list_named_files(folder)) {
    std::error_code ignored;
    names += name + "\n";
    sizes += name + " " + std::to_string(std::filesystem::file_size(std::filesystem::path(folder) / name, ignored)) + "\n";
  }
  const auto* const bytes = reinterpret_cast<const std::byte*>(names.data());
  return {{bytes, bytes + names.size()}, digest_of(sizes.data(), sizes.size())};
}

/// A broken sample is data; a file that the recipe names is the recipe's matter.
template <class Open>
auto opened(const std::string& path, const Open& open) {
  try {
    return open();
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    throw usage_error(error.message().starts_with(path) ? error.message() : path + ": " + error.message());
  }
}

class RecipeFiles : public OpenedFiles {
 public:
  std::shared_ptr<const OpenedFile> file(const std::string& path) override {
    const std::lock_guard lock(opening_);
    auto& found = files_[path];
    if (!found) found = std::make_shared<const OpenedFile>(opened(path, [&] { return path.ends_with('/') ? listing_of(path) : bytes_of(path); }));
    return found;
  }

  std::shared_ptr<const OpenedImage> image(const std::string& path) override {
    if (auto known = known_image(path)) return known;
    try {
      return kept(path, std::make_shared<const OpenedImage>(opened(path, [&] {
        const OpenedFile file = bytes_of(path);
        return OpenedImage{is_numpy(file.bytes) ? array_of(path, file.bytes) : io::decode(file.bytes, io::read_header(file.bytes)), file.digest};
      })));
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;
      const std::lock_guard lock(opening_);
      unreadable_.emplace(path, error);
      throw;
    }
  }

  /// What was tried below `folder` in vain, each with the reason.
  void add_unreadable(const std::string& folder, std::vector<std::string>& to) {
    const std::lock_guard lock(opening_);
    for (auto at = unreadable_.lower_bound(folder); at != unreadable_.end() && at->first.starts_with(folder); ++at) to.push_back(at->second.message());
  }

 private:
  struct Kept {
    std::string path{};
    std::shared_ptr<const OpenedImage> image{};
  };

  static OpenedFile bytes_of(const std::string& path) {
    io::Bytes bytes = io::read_file(path);
    std::string digest = digest_of(bytes.data(), bytes.size());
    return {std::move(bytes), std::move(digest)};
  }

  std::shared_ptr<const OpenedImage> known_image(const std::string& path) {
    const std::lock_guard lock(opening_);
    if (const auto found = unreadable_.find(path); found != unreadable_.end()) throw Error(found->second);
    const auto found = images_.find(path);
    if (found == images_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->image;
  }

  /// Of two threads that opened it at once the first one's stays.
  std::shared_ptr<const OpenedImage> kept(const std::string& path, std::shared_ptr<const OpenedImage> image) {
    const std::lock_guard lock(opening_);
    if (const auto found = images_.find(path); found != images_.end()) return found->second->image;
    bytes_ += image->pixels.shape().bytes();
    order_.push_front({path, image});
    images_[path] = order_.begin();
    for (; bytes_ > kMostBytes && order_.size() > 1; order_.pop_back()) {
      bytes_ -= order_.back().image->pixels.shape().bytes();
      images_.erase(order_.back().path);
    }
    return image;
  }

  std::mutex opening_;
  std::map<std::string, std::shared_ptr<const OpenedFile>> files_;
  std::list<Kept> order_;  ///< what was used last comes first
  std::map<std::string, std::list<Kept>::iterator> images_;
  std::size_t bytes_{};
  std::map<std::string, Error> unreadable_;
};

RecipeFiles& files_of_process() {
  static RecipeFiles files;
  return files;
}

/// Opens every picture of a folder.
void try_all(const std::string& folder) {
  for (const std::string& name : io::list_tree(folder).images) {
    try {
      recipe_files().image(folder + name);
    } catch (const Error& error) {
      if (error.fault() != Fault::usage) throw;
    }
  }
}

const FieldInfo* field_of_file(const OpInfo& op) {
  const auto found = std::ranges::find_if(op.fields, [](const FieldInfo& field) { return field.facts.file; });
  return found == op.fields.end() ? nullptr : &*found;
}

/// Opens what each step names as its op would on a usual photo.
void open_as_ops_do(const std::vector<recipe::Step>& steps, OpenedFiles& files) {
  const Site site{.image = {.width = 640, .height = 480, .channels = 3}, .files = &files};
  for (const recipe::Step& step : steps) {
    recipe::Step own = step;
    own.steps.clear();
    if (const FieldInfo* field = step.op ? field_of_file(*step.op) : nullptr) {
      std::vector<std::string> paths = recipe::named_files({own});
      if (paths.empty()) paths.emplace_back();  // as the op has it when nothing is said
      try {
        for (const std::string& path : paths) {
          OpValue op(*step.op);
          op.set(field->name, path);
          op.resolve(site);
        }
      } catch (Error& error) {
        throw error.with_op(step.op->name).with_place(step.place.text());
      }
    }
    open_as_ops_do(step.steps, files);
  }
}

}  // namespace

OpenedFiles& recipe_files() { return files_of_process(); }

void require_named_files(const recipe::Recipe& recipe) {
  recipe::FilesBeside files(recipe_files(), recipe.file);
  open_as_ops_do(recipe.steps, files);
}

std::vector<std::string> unreadable_pictures(const recipe::Recipe& recipe, bool look) {
  std::vector<std::string> found;
  for (const std::string& path : recipe::named_files(recipe.steps)) {
    if (!path.ends_with('/')) continue;
    const std::string folder = (std::filesystem::path(recipe.file).parent_path() / path).string();
    if (look) try_all(folder);
    files_of_process().add_unreadable(folder, found);
  }
  std::ranges::sort(found);
  found.erase(std::ranges::unique(found).begin(), found.end());
  return found;
}

}  // namespace leaven::flow
