#include "io/json_walk.hpp"

#include <algorithm>
#include <span>

#include "core/error.hpp"
#include "io/number_text.hpp"

namespace leaven::io {

namespace {

constexpr std::size_t kChunk = 1 << 20;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at])) ++at;
  return at;
}

std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

}  // namespace

std::size_t end_of_json_value(std::string_view text, std::size_t at) {
  if (at >= text.size()) return std::string_view::npos;
  if (text[at] == '"') return end_of_string(text, at);
  if (text[at] != '{' && text[at] != '[') return text.find_first_of(",]} \t\r\n", at);
  std::size_t depth = 0;
  while (at < text.size()) {
    switch (text[at]) {
      case '"':
        at = end_of_string(text, at);
        if (at == std::string_view::npos) return at;
        continue;
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (--depth == 0) return at + 1;
        break;
      default: break;
    }
    ++at;
  }
  return std::string_view::npos;
}

std::size_t depth_of_json(std::string_view text) {
  std::size_t depth = 0, deepest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"') {
      at = std::min(end_of_string(text, at), text.size());
      continue;
    }
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if ((c == '}' || c == ']') && depth > 0) --depth;
    ++at;
  }
  return deepest;
}

bool skim_members(std::string_view object, const std::function<void(std::string_view, std::string_view)>& visit) {
  std::size_t at = skip_spaces(object, 0);
  if (at >= object.size() || object[at] != '{') return false;
  at = skip_spaces(object, at + 1);
  while (at < object.size() && object[at] == '"') {
    const std::size_t key_end = end_of_string(object, at);
    if (key_end == std::string_view::npos) return false;
    const std::string_view key = object.substr(at + 1, key_end - at - 2);
    at = skip_spaces(object, key_end);
    if (at >= object.size() || object[at] != ':') return false;
    at = skip_spaces(object, at + 1);
    const std::size_t end = end_of_json_value(object, at);
    if (end == std::string_view::npos) return false;
    visit(key, object.substr(at, end - at));
    at = skip_spaces(object, end);
    if (at < object.size() && object[at] == ',') at = skip_spaces(object, at + 1);
  }
  return at < object.size() && object[at] == '}';
}

JsonWalk::JsonWalk(const InputFile& file) : file_(file) {
  refill();
  at_ = buffer_.size() - without_bom(buffer_).size();
  expect('{');
}

void JsonWalk::fail(const std::string& what) const {
  throw data_error(what + " at byte " + std::to_string(offset()))
      .with_place(printable(file_.path().filename().native()));
}

/// Drops what is behind and reads on; false at the file's end.
bool JsonWalk::refill() {
  buffer_.erase(0, at_);
  base_ += at_;
  at_ = 0;
  const std::size_t have = buffer_.size();
  // Twice as much each time, so that a long value is looked through twice at most.
  buffer_.resize(have + std::max(kChunk, have));
  const std::size_t got = file_.read_some(base_ + have, std::as_writable_bytes(std::span(buffer_).subspan(have)));
  buffer_.resize(have + got);
  return got > 0;
}

char JsonWalk::peek() {
  while (true) {
    at_ = skip_spaces(buffer_, at_);
    if (at_ < buffer_.size()) return buffer_[at_];
    if (!refill()) fail("the JSON ends too early");
  }
}

void JsonWalk::expect(char c) {
  if (peek() != c) fail(std::string("JSON with a '") + c + "' is expected");
  ++at_;
}

bool JsonWalk::next_member(std::string& key) {
  if (peek() == '}') return false;
  if (!first_) {
    expect(',');
    if (peek() == '}') return false;  // a comma too many hurts nobody
  }
  first_ = false;
  in_list_ = false;
  if (peek() != '"') fail("JSON with a name in quotes is expected");
  const std::string_view text = next_value();
  key = text.substr(1, text.size() - 2);
  expect(':');
  return true;
}

bool JsonWalk::at_list() { return peek() == '['; }

std::string_view JsonWalk::next_value() {
  peek();
  std::size_t end = end_of_json_value(buffer_, at_);
  while (end == std::string_view::npos) {
    if (!refill()) fail("the JSON ends too early");
    end = end_of_json_value(buffer_, at_);
  }
  if (end == at_) fail("JSON with a value is expected");
  const std::string_view text = std::string_view(buffer_).substr(at_, end - at_);
  at_ = end;
  return text;
}

bool JsonWalk::next_element(std::string_view& text, std::uint64_t& offset) {
  if (!in_list_) {
    expect('[');
    in_list_ = true;
  } else if (peek() == ',') {
    ++at_;
  } else if (peek() != ']') {
    fail("JSON with a ',' or ']' is expected");
  }
  if (peek() == ']') {
    ++at_;
    in_list_ = false;
    return false;
  }
  const std::uint64_t begin = this->offset();
  text = next_value();
  offset = begin;
  return true;
}

}  // namespace leaven::io
