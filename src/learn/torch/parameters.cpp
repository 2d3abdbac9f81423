#include "learn/torch/parameters.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "core/exact_math.hpp"

namespace leaven::learn {

namespace {

template <class F>
torch::Tensor filled(Key key, std::uint64_t first, std::vector<std::int64_t> shape, F&& value) {
  torch::Tensor t = torch::empty(std::move(shape));
  float* const values = t.data_ptr<float>();
  const auto count = static_cast<std::uint64_t>(t.numel());
  std::array<std::uint32_t, 4> block{};
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = first + i;
    if (i == 0 || at % 4 == 0) block = random_block(key, at / 4);
    values[i] = static_cast<float>(value((block[at % 4] + 0.5) / 4294967296.0));
  }
  return t;
}

const std::vector<float>& finite_floats(const Tensors& from, const std::string& name, std::int64_t count) {
  const std::vector<float>& values = from.floats(name, static_cast<std::size_t>(count));
  if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); })) throw data_error("tensor " + name + " of the generator's file has a value that is not finite");
  return values;
}

}  // namespace

torch::Tensor normals(Key key, std::uint64_t first, std::vector<std::int64_t> shape) { return filled(key, first, std::move(shape), exact::normal_quantile); }
torch::Tensor uniforms(Key key, std::uint64_t first, std::vector<std::int64_t> shape) {
  return filled(key, first, std::move(shape), [](double u) { return u; });
}

Key Parameters::key_of(const std::string& purpose) const { return KeyMaker({.seed = key_.low, .epoch = key_.high}).key(purpose, {}); }

std::size_t Parameters::add(const std::string& name, torch::Tensor begun) {
  names_.push_back(name);
  tensors_.push_back(begun.set_requires_grad(true));
  return tensors_.size() - 1;
}

std::size_t Parameters::add_layer(const std::string& name, std::vector<std::int64_t> shape) {
  const std::int64_t out = shape.front(), fan_in = std::accumulate(shape.begin() + 1, shape.end(), std::int64_t{1}, std::multiplies<>());
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  const std::size_t first = add(name + ".weight", (2 * uniforms(key_of(name + "/weight"), 0, std::move(shape)) - 1) * bound);
  add(name + ".bias", (2 * uniforms(key_of(name + "/bias"), 0, {out}) - 1) * bound);
  return first;
}

void Parameters::save(Tensors& to) const {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const torch::Tensor flat = tensors_[i].detach().contiguous();
    std::vector<std::uint64_t> shape;
    for (const std::int64_t side : flat.sizes()) shape.push_back(static_cast<std::uint64_t>(side));
    to.add(names_[i], std::vector<float>(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()), shape);
  }
}

void Parameters::load(const Tensors& from) {
  const torch::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < tensors_.size(); ++i) std::ranges::copy(finite_floats(from, names_[i], tensors_[i].numel()), tensors_[i].data_ptr<float>());
}

void Parameters::begin_from(const Beginning& from) {
  const torch::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    torch::Tensor own = tensors_[i];
    const auto part = classes_of_.find(i);
    std::vector<std::int64_t> shape = own.sizes().vec();
    if (part != classes_of_.end()) shape[static_cast<std::size_t>(part->second.dim)] += static_cast<std::int64_t>(from.classes_there) - static_cast<std::int64_t>(from.classes.size());
    const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    const torch::Tensor there = torch::from_blob(const_cast<float*>(finite_floats(from.tensors, names_[i], count).data()), shape);
    if (part == classes_of_.end()) {
      own.copy_(there);
      continue;
    }
    const auto [dim, first] = part->second;
    own.narrow(dim, 0, first).copy_(there.narrow(dim, 0, first));
    const torch::Tensor of_classes = there.narrow(dim, first, static_cast<std::int64_t>(from.classes_there)), mean = of_classes.mean(dim, true);
    for (std::size_t c = 0; c < from.classes.size(); ++c)
      own.narrow(dim, first + static_cast<std::int64_t>(c), 1).copy_(from.classes[c] ? of_classes.narrow(dim, static_cast<std::int64_t>(*from.classes[c]), 1) : mean);
  }
}

std::vector<torch::Tensor> Parameters::values() const {
  std::vector<torch::Tensor> copies;
  for (const torch::Tensor& t : tensors_) copies.push_back(t.detach().clone());
  return copies;
}

void Parameters::set_values(const std::vector<torch::Tensor>& values) {
  const torch::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < tensors_.size(); ++i) tensors_[i].copy_(values[i]);
}

void Parameters::carry(Carried& state, const std::string& name) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) learn::carry(state, name + "." + names_[i], tensors_[i]);
}

void carry(Carried& state, const std::string& name, torch::Tensor& t) {
  if (!t.is_contiguous() || t.scalar_type() != torch::kFloat) throw bug("tensor " + name + " is no row of floats");
  state.values(name, std::span(t.data_ptr<float>(), static_cast<std::size_t>(t.numel())));
}

void carry(Carried& state, const std::string& name, std::vector<torch::Tensor>& tensors) {
  for (std::size_t i = 0; i < tensors.size(); ++i) carry(state, name + "." + std::to_string(i), tensors[i]);
}

}  // namespace leaven::learn
