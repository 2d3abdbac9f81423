#include "core/error.hpp"

#include <utility>

namespace leaven {

Error::Error(Fault fault, std::string message) : fault_(fault), message_(std::move(message)) { compose(); }

Error& Error::set(std::string& part, std::string_view text) {
  if (part.empty()) {
    part = text;
    compose();
  }
  return *this;
}

Error& Error::with_op(std::string_view name) { return set(op_, name); }
Error& Error::with_field(std::string_view name) { return set(field_, name); }
Error& Error::with_step(std::string_view path) { return set(step_, path); }
Error& Error::with_sample(std::string_view id) { return set(sample_, id); }
Error& Error::with_place(std::string_view file_line_column) { return set(place_, file_line_column); }
Error& Error::with_hint(std::string_view text) { return set(hint_, text); }

void Error::compose() {
  text_.clear();
  const auto lead = [&](const std::string& part) {
    if (!part.empty()) text_ += part + ": ";
  };
  lead(place_);
  lead(sample_);
  lead(op_);
  text_ += message_;
  if (!hint_.empty()) text_ += " (" + hint_ + ")";
}

Error usage_error(std::string message) { return {Fault::usage, std::move(message)}; }
Error data_error(std::string message) { return {Fault::data, std::move(message)}; }
Error environment_error(std::string message) { return {Fault::environment, std::move(message)}; }
Error bug(std::string message) { return {Fault::bug, std::move(message) + "; this is our mistake, please report it"}; }

int exit_code(Fault fault) {
  switch (fault) {
    case Fault::usage: return 2;
    case Fault::data: return 1;
    case Fault::environment: return 3;
    case Fault::refused: return 12;
    case Fault::interrupted: return 130;
    case Fault::bug: return 70;
  }
  return 70;
}

}  // namespace leaven
