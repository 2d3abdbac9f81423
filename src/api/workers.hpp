// Threads that outlive a call: a batch of small pictures takes a millisecond, and a new thread would begin each with no
// memory of its own kept.
#pragma once

#include <cstddef>
#include <functional>

namespace leaven {

/// work() on this thread and `others` more at the same time; returns when all are through. On the others work() must not throw. Threads
/// that wait are taken before new ones begin, and end when nobody asked for them in a few seconds. Calls may nest and come
/// from any thread; a forked process has threads of its own.
void on_threads(std::size_t others, const std::function<void()>& work);

}  // namespace leaven
