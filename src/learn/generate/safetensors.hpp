// Named arrays of numbers in one file: 8 bytes with the length of a JSON header, the header, the arrays one after another
// (the safetensors format of Hugging Face). Readable by everything that reads such files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace leaven::learn {

/// One array; exactly one of the vectors is used.
struct Tensor {
  std::string name{};
  std::vector<std::uint64_t> shape{};
  std::vector<float> floats{};          ///< F32
  std::vector<double> doubles{};        ///< F64
  std::vector<std::int32_t> integers{}; ///< I32
};

class Tensors {
 public:
  void add(std::string name, std::vector<float> values, std::vector<std::uint64_t> shape = {});
  void add(std::string name, std::vector<double> values, std::vector<std::uint64_t> shape = {});
  void add(std::string name, std::vector<std::int32_t> values, std::vector<std::uint64_t> shape = {});

  const std::vector<Tensor>& all() const { return tensors_; }
  /// Throws Error(data) when there is none of this name and kind, or it has another number of values than `size`
  /// (kAnySize: any).
  const std::vector<float>& floats(std::string_view name, std::size_t size = kAnySize) const;
  const std::vector<double>& doubles(std::string_view name, std::size_t size = kAnySize) const;
  const std::vector<std::int32_t>& integers(std::string_view name, std::size_t size = kAnySize) const;
  static constexpr std::size_t kAnySize = static_cast<std::size_t>(-1);

 private:
  const Tensor& find(std::string_view name) const;
  std::vector<Tensor> tensors_{};
};

/// Texts by name that a file holds beside its tensors.
using Metadata = std::map<std::string, std::string>;
/// Equal tensors give equal bytes.
std::string to_safetensors(const Tensors& tensors, const Metadata& metadata = {});
/// Believes nothing: lengths, kinds, shapes and places are held against the bytes before memory is taken. Kinds other than
/// F32, F64 and I32 are refused. Throws Error(data).
Tensors from_safetensors(std::string_view bytes);
/// Throws Error(data).
Metadata metadata_of_safetensors(std::string_view bytes);

}  // namespace leaven::learn
