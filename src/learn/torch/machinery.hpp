// What trainings with libtorch depend on besides their data.
#pragma once

#include <string>

namespace leaven::learn {

/// Versions of the libraries and CPU features. One thread does all, so that results depend on no number of threads.
std::string machinery();

/// Of this process from now on: large blocks that were given back are kept for the next ones. Trainings take and give back the same
/// blocks again and again, and from the kernel each would come empty, page by page.
void keep_freed_memory();

}  // namespace leaven::learn
