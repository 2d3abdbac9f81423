// An op of one's own as a shared library:
//   c++ -std=c++17 -shared -fPIC -O2 -I include examples/custom_op/fade.cpp -o libfade.so
//   LEAVEN_OPS=./libfade.so leaven augment photos -o more --recipe fade.yaml      # steps: [custom.fade: {amount: 0.3}]
//   leaven.load_ops("libfade.so")                                                 # the same in Python
#include <leaven/op_library.hpp>

#include <cstdio>
#include <limits>

namespace {

/// The level that is white: 255, 65535 or 1.
template <class T>
void fade_rows(const LeavenCall& call, T white, T* out) {
  for (int y = 0; y < call.height; ++y) {
    const T* row = reinterpret_cast<const T*>(static_cast<const char*>(call.data) + call.stride * y);
    for (int x = 0; x < call.width; ++x)
      for (int c = 0; c < call.channels; ++c, ++row, ++out) {
        const bool is_alpha = call.alpha != 0 && c == call.channels - 1;
        *out = is_alpha ? *row : static_cast<T>(*row + (white - *row) * call.values[0]);
      }
  }
}

int fade(const LeavenCall* call, void* out, char* error, std::size_t error_size) {
  if (call->bounded == 0) {
    std::snprintf(error, error_size, "values outside [0, 1] have no white to fade to");
    return 1;
  }
  if (call->type == LEAVEN_U8) fade_rows<std::uint8_t>(*call, std::numeric_limits<std::uint8_t>::max(), static_cast<std::uint8_t*>(out));
  else if (call->type == LEAVEN_U16) fade_rows<std::uint16_t>(*call, std::numeric_limits<std::uint16_t>::max(), static_cast<std::uint16_t*>(out));
  else fade_rows<float>(*call, 1.0F, static_cast<float*>(out));
  return 0;
}

const LeavenField kFields[] = {{"amount", "Share of the way to white", "fraction", 0.5, 0, 1, 0}};
const LeavenOp kOps[] = {{"fade", "Bring every value nearer to white", LEAVEN_LABELS_KEEP, 1, kFields, 1, fade}};

}  // namespace

extern "C" const LeavenOpLibrary leaven_op_library = {LEAVEN_OP_LIBRARY_VERSION, kOps, 1};
