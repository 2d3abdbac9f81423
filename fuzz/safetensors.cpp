#include "fuzz/safetensors.hpp"

#include <string>

#include "learn/generate/network_weights.hpp"

namespace leaven::fuzz {

namespace {

void check(const learn::Tensors& tensors) {
  for (const learn::Tensor& tensor : tensors.all()) {
    std::uint64_t count = 1;
    for (const std::uint64_t side : tensor.shape) count *= side;
    if (tensor.floats.size() + tensor.doubles.size() + tensor.integers.size() != count) throw BrokenPromise("a tensor of another size than its shape says");
  }
}

}  // namespace

bool run_safetensors(io::BytesView input) {
  const std::string_view bytes = text_of(input);
  const bool exact = expect_orderly([&] {
    const learn::Tensors tensors = learn::from_safetensors(bytes);
    check(tensors);
    check(learn::from_safetensors(learn::to_safetensors(tensors)));
  });
  expect_orderly([&] { learn::metadata_of_safetensors(bytes); });
  const bool weights = expect_orderly([&] { check(learn::weights_from_safetensors(bytes)); });
  if (exact && !weights) throw BrokenPromise("read exactly, and refused where less is asked");
  return weights;
}

std::vector<io::Bytes> safetensors_seeds() {
  learn::Tensors tensors;
  tensors.add("a.weight", std::vector<float>{1.5f, -2, 3, 4, 5, 6}, {2, 3});
  tensors.add("b", std::vector<double>{0.1});
  tensors.add("c", std::vector<std::int32_t>{-7, 8});
  std::string half = R"({"__metadata__":{"format":"pt"},"h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},"n":{"dtype":"I64","shape":[],"data_offsets":[6,14]}})";
  std::string bytes(8, '\0');
  bytes[0] = static_cast<char>(half.size());
  return {bytes_of(learn::to_safetensors(tensors)), bytes_of(bytes + half + std::string(14, '\1')), bytes_of(learn::to_safetensors({}))};
}

}  // namespace leaven::fuzz
