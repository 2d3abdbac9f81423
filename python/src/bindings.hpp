// leaven._core: the public C++ API as Python sees it. Everything that a person would call nice is in leaven/*.py.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "leaven/leaven.hpp"

namespace leaven::python {

namespace nb = nanobind;

struct CountedRecipe {
  Recipe recipe;
  std::atomic<std::uint64_t> calls{};  ///< calls without a key so far
};

/// How far a long call is, and the wish to end it; read and written by any thread.
struct Progress {
  std::atomic<std::uint64_t> done{}, total{};
  std::atomic<bool> stop{};
};

/// keep_going() of a call that the GIL was released for: looks for Ctrl-C about fifty times a second. A handler's
/// exception is left for the caller to throw.
class SignalWatch {
 public:
  bool operator()();

 private:
  std::chrono::steady_clock::time_point last_{std::chrono::steady_clock::now()};
};

/// work(), given up half done at Ctrl-C: then throws what the signal's handler raised.
void hearing_signals(const std::function<void()>& work);
/// The same without the GIL.
void without_gil(const std::function<void()>& work);

void bind_recipe(nb::module_& m);
void bind_marks(nb::module_& m);
void bind_custom(nb::module_& m);
void bind_dataset(nb::module_& m);
void bind_feed(nb::module_& m);
void bind_job(nb::module_& m);
void bind_series(nb::module_& m);
void bind_series_feed(nb::module_& m);
void bind_strength(nb::module_& m);

}  // namespace leaven::python
