#include "core/interruption.hpp"

#include "core/error.hpp"

namespace leaven {

namespace {

thread_local const std::function<bool()>* asked = nullptr;

}  // namespace

Interruption::Interruption(const std::function<bool()>& keep_going) : outer_(asked) { asked = &keep_going; }
Interruption::~Interruption() { asked = outer_; }

void Interruption::look() {
  if (asked && *asked && !(*asked)()) throw Error(Fault::interrupted, "interrupted before it was made");
}

}  // namespace leaven
