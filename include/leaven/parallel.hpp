// The same work for many items on a few threads.
#pragma once

#include <cstddef>
#include <functional>

namespace leaven {

/// Cores that this process may use, control groups considered.
int available_threads();

/// work(), which asks keep_going() on this thread between the rows and the steps of its pictures. Returns false when it said
/// no: what was to be made is half made then.
bool interruptible(const std::function<void()>& work, const std::function<bool()>& keep_going);

/// work(0) … work(count − 1), each once, in any order, on `threads` threads (0: available_threads()), of which the
/// calling one is the first; it alone asks keep_going(), before and inside its items. Returns false when keep_going() said
/// no: items that had begun are given up, the rest left out. Of several exceptions that of the lowest item is thrown.
/// Calls may nest and come from any thread, also of a process that was forked.
bool for_each_item(std::size_t count, int threads, const std::function<void(std::size_t)>& work,
                   const std::function<bool()>& keep_going = {});

}  // namespace leaven
