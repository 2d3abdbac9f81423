#include "learn/generate/carried.hpp"

#include <algorithm>

namespace leaven::learn {

namespace {

template <class T>
void require_finite(const std::string& name, const std::vector<T>& values) {
  if (!std::ranges::all_of(values, [](T v) { return std::isfinite(v); })) throw data_error("tensor " + name + " has a value that is not finite");
}

}  // namespace

void Carried::value(const std::string& name, double& v) {
  std::vector<double> one{v};
  values(name, one);
  if (one.size() != 1) throw data_error("tensor " + name + " holds " + std::to_string(one.size()) + " numbers instead of one");
  v = one.front();
}

void Carried::values(const std::string& name, std::vector<double>& v) {
  if (!reads_) {
    tensors_.add(name, v);
    return;
  }
  const std::vector<double>& there = tensors_.doubles(name);
  require_finite(name, there);
  v = there;
  ++read_;
}

void Carried::values(const std::string& name, std::span<float> v) {
  if (!reads_) {
    tensors_.add(name, std::vector<float>(v.begin(), v.end()));
    return;
  }
  const std::vector<float>& there = tensors_.floats(name, v.size());
  require_finite(name, there);
  std::ranges::copy(there, v.begin());
  ++read_;
}

void Carried::end() const {
  if (reads_ && read_ != tensors_.all().size()) throw data_error("holds tensors of another training");
}

}  // namespace leaven::learn
