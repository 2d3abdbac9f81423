// The same work for many items on a few threads.
#pragma once

#include <cstddef>
#include <functional>

namespace leaven {

/// Cores that this process may use, control groups considered.
int available_threads();

/// work(0) … work(count − 1), each once, in any order, on `threads` threads (0: available_threads()), of which the
/// calling one is the first; it alone asks keep_going() before each of its items. Returns false when keep_going() said
/// no: items that had begun are finished, the rest left out. Of several exceptions that of the lowest item is thrown.
/// Threads live for one call, so that a process forked in between has them too.
bool for_each_item(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                   const std::function<bool()>& keep_going = {});

}  // namespace leaven
