#include "fuzz/target.hpp"

#include "core/error.hpp"

namespace leaven::fuzz {

bool expect_orderly(const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    if (error.fault() != Fault::usage && error.fault() != Fault::data) throw;
    if (error.message().empty()) throw BrokenPromise("an error that says nothing");
    return false;
  }
}

io::Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string_view text_of(io::BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace leaven::fuzz
