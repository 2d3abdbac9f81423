// One exception type for everything that can go wrong, with enough context to help the person who reads it.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace leaven {

/// Whose fault it is; decides the exit code and the exception type in Python.
enum class Fault {
  usage,        ///< the recipe or the command line is wrong (exit 2)
  data,         ///< a sample is broken; set aside, not the end of the run (exit 1 when too many)
  environment,  ///< disk full, permission, missing library (exit 3)
  refused,      ///< the gate said no (exit 12)
  interrupted,  ///< Ctrl-C (exit 130)
  bug,          ///< our mistake, please report (exit 70)
};

/// Thrown by the whole library. Wording: subject first, rule, then value, then help; no full stop at the end.
/// Context (place, step, sample) is added by the callers that know it, each field once: the first writer wins.
class Error : public std::exception {
 public:
  Error(Fault fault, std::string message);

  Error& with_op(std::string_view name);
  Error& with_field(std::string_view name);
  Error& with_step(std::string_view path);
  Error& with_sample(std::string_view id);
  Error& with_place(std::string_view file_line_column);
  Error& with_hint(std::string_view text);

  Fault fault() const { return fault_; }
  const std::string& message() const { return message_; }
  const std::string& op() const { return op_; }
  const std::string& field() const { return field_; }
  const std::string& step() const { return step_; }
  const std::string& sample() const { return sample_; }
  const std::string& place() const { return place_; }
  const std::string& hint() const { return hint_; }

  /// "place: sample: op: message (hint)", empty parts left out.
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  Error& set(std::string& part, std::string_view text);
  void compose();

  Fault fault_;
  std::string message_, op_, field_, step_, sample_, place_, hint_, text_;
};

Error usage_error(std::string message);
Error data_error(std::string message);
Error environment_error(std::string message);
Error bug(std::string message);

/// Exit code of the program for a fault: 2, 1, 3, 12, 130, 70.
int exit_code(Fault fault);

}  // namespace leaven
