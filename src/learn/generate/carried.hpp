// What a training carries from one step to the next, as tensors by name. Each thing that has such state walks through it in one
// function, which writes or reads, so that what comes back is what was there, bit for bit.
#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "learn/generate/safetensors.hpp"

namespace leaven::learn {

class Carried {
 public:
  /// Writes.
  Carried() = default;
  /// Reads what another one wrote. Its functions throw Error(data) where a tensor is missing, of another size, or has a value that
  /// cannot be.
  explicit Carried(Tensors from) : tensors_(std::move(from)), reads_(true) {}
  bool reads() const { return reads_; }

  void value(const std::string& name, double& v);
  /// Up to 2⁵³.
  template <std::integral T>
  void value(const std::string& name, T& v) {
    auto number = static_cast<double>(v);
    value(name, number);
    if (!reads_) return;
    if (number != std::floor(number) || number < static_cast<double>(std::numeric_limits<T>::min()) || number > static_cast<double>(std::numeric_limits<T>::max()) || std::abs(number) > 0x1p53)
      throw data_error("tensor " + name + " holds a number that cannot be");
    v = static_cast<T>(number);
  }
  /// As many as there are.
  void values(const std::string& name, std::vector<double>& v);
  void values(const std::string& name, std::span<float> v);

  /// What was written.
  const Tensors& tensors() const { return tensors_; }
  /// Of what is read. Throws Error(data) where not all of it was.
  void end() const;

 private:
  Tensors tensors_{};
  bool reads_{};
  std::size_t read_{};
};

/// Anything that says by a member carry() what it carries; numbers by themselves.
template <class T>
void carry(Carried& state, const std::string& name, T& what) {
  if constexpr (std::is_arithmetic_v<T>)
    state.value(name, what);
  else
    what.carry(state, name);
}

}  // namespace leaven::learn
