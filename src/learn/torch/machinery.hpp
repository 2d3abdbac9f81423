// What trainings with libtorch depend on besides their data.
#pragma once

#include <exception>
#include <string>

namespace leaven::learn {

/// Versions of the libraries and CPU features. One thread does all, so that results depend on no number of threads.
std::string machinery();

/// Of this process from now on: large blocks that were given back are kept for the next ones. Trainings take and give back the same
/// blocks again and again, and from the kernel each would come empty, page by page.
void keep_freed_memory();

/// Throws Error(environment) where `threads` trainings side by side would find no room for what OpenBLAS works in: it asks for that again and
/// again, without end, where a limit (ulimit -v) says no. 0: as many as there are cores.
void require_room_to_train(int threads);

/// Whether it is libtorch's way to say that memory ran out, which is none of std::bad_alloc.
bool says_memory_ran_out(const std::exception& error);

}  // namespace leaven::learn
