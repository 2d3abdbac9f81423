// The libFuzzer side: one program a target, whose name the build gives as LEAVEN_FUZZ_TARGET.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace leaven;
  static const fuzz::Target target = *std::ranges::find(fuzz::targets(), LEAVEN_FUZZ_TARGET, &fuzz::Target::name);
  target.run(io::BytesView(reinterpret_cast<const std::byte*>(data), size));
  return 0;
}
