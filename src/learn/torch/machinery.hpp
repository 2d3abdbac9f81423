// What trainings with libtorch depend on besides their data.
#pragma once

#include <string>

namespace leaven::learn {

/// Versions of the libraries and CPU features. One thread does all, so that results depend on no number of threads.
std::string machinery();

}  // namespace leaven::learn
