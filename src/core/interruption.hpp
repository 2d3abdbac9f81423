// Work that may be given up half done: who waits for it is asked now and then, on the thread that works.
#pragma once

#include <functional>

namespace leaven {

/// While it lives, Interruption::look() on this thread asks `keep_going`. They nest: the innermost is asked.
class Interruption {
 public:
  /// The function must outlive it.
  explicit Interruption(const std::function<bool()>& keep_going);
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// For loops whose rounds take from some microseconds to some milliseconds. Throws Error(interrupted) when nobody wants
  /// the result any more.
  static void look();

 private:
  const std::function<bool()>* outer_;
};

}  // namespace leaven
