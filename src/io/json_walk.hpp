// JSON files of any size, element by element: where things stand, without a tree of them all.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "io/file.hpp"

namespace leaven::io {

/// One behind the value that begins at `at`, by its brackets and quotes alone; npos when the text ends before it does.
std::size_t end_of_json_value(std::string_view text, std::size_t at);
/// Calls visit(key, value) for the members of an object, texts as they stand, the key without quotes. False when the
/// text is no object.
bool skim_members(std::string_view object, const std::function<void(std::string_view, std::string_view)>& visit);

/// How deep brackets lie in each other: writers of JSON trees go down by calls.
std::size_t depth_of_json(std::string_view text);

/// Goes through the members of a file's one object, and through the elements of those that are lists.
class JsonWalk {
 public:
  explicit JsonWalk(const InputFile& file);

  /// The next member's key; false at the object's end. Throws Error(data) naming file and byte for what is no JSON.
  bool next_member(std::string& key);
  /// Whether the member's value is a list; elements follow, or next_value().
  bool at_list();
  /// The value as it stands, valid until the next call.
  std::string_view next_value();
  /// The list's next element and where it stands in the file; false at its end.
  bool next_element(std::string_view& text, std::uint64_t& offset);
  /// How far it has come.
  std::uint64_t offset() const { return base_ + at_; }

 private:
  char peek();
  void expect(char c);
  bool refill();
  [[noreturn]] void fail(const std::string& what) const;

  const InputFile& file_;
  std::string buffer_{};
  std::uint64_t base_{};  ///< of the buffer in the file
  std::size_t at_{};
  bool first_{true}, in_list_{};
};

}  // namespace leaven::io
