// The weights of a network that draws nothing from torch's generator, which all threads share, but everything from its key.
#pragma once

#include <torch/torch.h>

#include <map>
#include <string>
#include <vector>

#include "core/key.hpp"
#include "learn/generate/beginning.hpp"
#include "learn/generate/carried.hpp"

namespace leaven::learn {

class Parameters {
 public:
  explicit Parameters(Key key) : key_(key) {}

  /// A weight, uniform in ±1/√fan_in as torch's own layers begin, and a bias: two numbers for w(), of which the first is given.
  std::size_t add_layer(const std::string& name, std::vector<std::int64_t> shape);
  std::size_t add(const std::string& name, torch::Tensor begun);
  /// Along `dim` of this weight, numbers from `first` on belong to the classes, one to each.
  void belongs_to_classes(std::size_t index, std::int64_t dim, std::int64_t first) { classes_of_[index] = {dim, first}; }
  const torch::Tensor& w(std::size_t index) const { return tensors_[index]; }
  const std::vector<torch::Tensor>& all() const { return tensors_; }

  torch::Tensor linear(const torch::Tensor& x, std::size_t layer) const { return torch::linear(x, w(layer), w(layer + 1)); }
  torch::Tensor conv(const torch::Tensor& x, std::size_t layer, std::int64_t stride = 1) const { return torch::conv2d(x, w(layer), w(layer + 1), stride, w(layer).size(2) / 2); }

  void save(Tensors& to) const;
  /// Throws Error(data) where a tensor is missing, of another size or not finite.
  void load(const Tensors& from);
  /// The numbers of a generator of other classes: those of a class that is there too are taken as they are, a new class begins as
  /// the mean of all that are there. Throws Error(data) as load().
  void begin_from(const Beginning& from);
  /// A copy of all values, to come back to.
  std::vector<torch::Tensor> values() const;
  void set_values(const std::vector<torch::Tensor>& values);
  void carry(Carried& state, const std::string& name);

  Key key_of(const std::string& purpose) const;

 private:
  struct ClassPart {
    std::int64_t dim{}, first{};
  };
  Key key_;
  std::vector<std::string> names_{};
  std::vector<torch::Tensor> tensors_{};
  std::map<std::size_t, ClassPart> classes_of_{};
};

/// `t` has its shape already.
void carry(Carried& state, const std::string& name, torch::Tensor& t);
/// Several, told apart by number.
void carry(Carried& state, const std::string& name, std::vector<torch::Tensor>& tensors);

/// Standard normal numbers from blocks of the key, beginning with number `first`.
torch::Tensor normals(Key key, std::uint64_t first, std::vector<std::int64_t> shape);
/// Uniform in [0, 1).
torch::Tensor uniforms(Key key, std::uint64_t first, std::vector<std::int64_t> shape);

}  // namespace leaven::learn
