#include "flow/statistics_glance.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/error.hpp"

namespace leaven::flow {

namespace {

/// The JSON string that starts behind `at`, up to its closing quote.
std::string_view raw_text(std::string_view line, std::size_t at) {
  std::size_t end = at;
  while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
  return line.substr(at, std::min(end, line.size()) - at);
}

/// The text of a key in `head`; empty when it is not there. Within a JSON string every quote has a backslash before it,
/// so `"key":"` is found nowhere but at a key.
std::string text_at(std::string_view head, std::string_view pattern) {
  const std::size_t at = head.find(pattern);
  if (at == std::string_view::npos) return {};
  const std::string_view raw = raw_text(head, at + pattern.size());
  if (raw.find('\\') == std::string_view::npos) return std::string(raw);
  const auto text = nlohmann::json::parse("\"" + std::string(raw) + "\"", nullptr, false);
  return text.is_string() ? text.get<std::string>() : std::string(raw);
}

std::uint64_t number_at(std::string_view head, std::string_view pattern) {
  std::uint64_t number = 0;
  if (const std::size_t at = head.find(pattern); at != std::string_view::npos)
    std::from_chars(head.data() + at + pattern.size(), head.data() + head.size(), number);
  return number;
}

}  // namespace

void glance_at(std::string_view line, Glance& glance) {
  constexpr std::string_view kSteps = "\"steps\":[", kOp = "{\"op\":\"";
  const std::size_t steps = line.find(kSteps);
  const std::string_view head = line.substr(0, steps);
  if (steps == std::string_view::npos || head.find("\"copy\":") == std::string_view::npos || line.back() != '}')
    throw data_error("malformed lineage line");
  glance.source = text_at(head, "\"source\":\"");
  glance.label = text_at(head, "\"label\":\"");
  glance.split = text_at(head, "\"split\":\"");
  glance.copy = number_at(head, "\"copy\":");
  glance.attempt = number_at(head, "\"attempt\":");
  glance.annotated = head.find("\"instances\":{") != std::string_view::npos;
  glance.instances = number_at(head, "\"kept\":");
  glance.dropped = number_at(head, "\"dropped\":");
  // Behind the steps, whose fields come first; the last key of that name is the line's own.
  constexpr std::string_view kCopied = "\"encoding\":\"copied\"";
  const std::size_t encoding = line.rfind("\"encoding\":");
  glance.copied = encoding != std::string_view::npos && line.substr(encoding).starts_with(kCopied);
  glance.generated = line.find("],\"synthetic\":true,\"generated\":{", steps) != std::string_view::npos;
  glance.ops.clear();
  for (std::size_t at = line.find(kOp, steps); at != std::string_view::npos; at = line.find(kOp, at + 1))
    // A step stands behind '[' or ','; behind ':' it would be a field called op.
    if (line[at - 1] != ':') glance.ops.push_back(raw_text(line, at + kOp.size()));
}

}  // namespace leaven::flow
