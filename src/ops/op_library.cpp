// Shared libraries of ops.
#include "leaven/op_library.hpp"

#include <dlfcn.h>

#include <array>

#include "core/error.hpp"
#include "leaven/custom_op.hpp"

namespace leaven {

namespace {

constexpr std::size_t kErrorBytes = 512;

static_assert(static_cast<int>(PixelType::u8) == LEAVEN_U8 && static_cast<int>(PixelType::u16) == LEAVEN_U16 &&
              static_cast<int>(PixelType::f32) == LEAVEN_F32);

CustomOp op_of(const LeavenOp& given) {
  const auto text = [](const char* s) { return std::string(s ? s : ""); };
  CustomOp op;
  op.name = text(given.name);
  op.summary = text(given.summary);
  op.labels = given.labels == LEAVEN_LABELS_KEEP ? CustomLabels::keep : CustomLabels::lose;
  op.version = given.version;
  for (std::size_t i = 0; i < given.field_count; ++i) {
    const LeavenField& f = given.fields[i];
    op.fields.push_back({text(f.name), text(f.doc), text(f.unit), f.usual, f.low, f.high, f.whole != 0});
  }
  if (given.work)
    op.work = [work = given.work, name = op.name](const CustomCall& call, void* out) {
      const ImageView& image = call.image;
      const LeavenCall plain{image.data, image.stride, image.width, image.height, image.channels, static_cast<int>(image.type),
                             image.alpha, image.bounded, call.values.data(), call.seed};
      std::array<char, kErrorBytes> error{};
      if (work(&plain, out, error.data(), error.size()) == 0) return;
      error.back() = 0;
      throw data_error(error[0] ? error.data() : "failed without a word").with_op("custom." + name);
    };
  return op;
}

}  // namespace

void load_op_library(const std::filesystem::path& library) {
  // A bare name would be looked for elsewhere.
  const std::string path = std::filesystem::absolute(library).string();
  void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw environment_error(std::string("cannot open a library of ops: ") + ::dlerror());
  const auto* ops = static_cast<const LeavenOpLibrary*>(::dlsym(handle, "leaven_op_library"));
  if (!ops) throw usage_error(path + " is no library of ops: it exports no leaven_op_library");
  if (ops->version != LEAVEN_OP_LIBRARY_VERSION)
    throw usage_error(path + " was built for version " + std::to_string(ops->version) + " of leaven/op_library.hpp, and this is version " +
                      std::to_string(int{LEAVEN_OP_LIBRARY_VERSION}));
  // Never closed: recipes hold its functions.
  for (std::size_t i = 0; i < ops->op_count; ++i) add_custom_op(op_of(ops->ops[i]));
}

}  // namespace leaven
