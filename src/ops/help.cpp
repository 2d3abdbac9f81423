#include "ops/help.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace leaven::ops {

namespace {

constexpr std::size_t kColumns = 100;

// Code points, so that √ and − count as one column each.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string wrapped(std::string_view text, std::size_t indent) {
  std::istringstream words{std::string(text)};
  std::string result, line, word;
  const std::string margin(indent, ' ');
  while (words >> word) {
    if (!line.empty() && indent + width_of(line) + 1 + width_of(word) > kColumns)
      result += margin + line + "\n", line.clear();
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? result : result + margin + line + "\n";
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width > width_of(text) ? width - width_of(text) : 1, ' ');
}

std::string unit_after(const FieldInfo& f) {
  return f.facts.unit.empty() || f.facts.unit == "1" ? std::string() : " " + std::string(f.facts.unit);
}

// "a number in [0, 32] px", "one of keep, fit", "true or false", "1 to 4 numbers in [0, 1]".
std::string kind_text(const FieldInfo& f) {
  const FieldDoc& d = f.facts;
  const std::string range = "in [" + to_text(d.lo) + ", " + to_text(d.hi) + "]" + unit_after(f);
  switch (f.type) {
    case FieldType::number: return "a number " + range;
    case FieldType::integer: return "a whole number " + range;
    case FieldType::boolean: return "true or false";
    case FieldType::text: return "text";
    case FieldType::numbers: {
      const std::string most = std::to_string(d.max_count);
      return (d.min_count == d.max_count ? most : std::to_string(d.min_count) + " to " + most) + " numbers " + range;
    }
    case FieldType::choice: break;
  }
  std::string names;
  for (const auto choice : d.choices) names += (names.empty() ? "one of " : ", ") + std::string(choice);
  return names;
}

// What stands in the recipe when the field does not.
std::string default_text(const OpInfo& info, const FieldInfo& f) {
  if (f.facts.resolved) return info.domain == Domain::raster ? "drawn to fit the image" : "drawn for each copy";
  if (f.facts.draw) return law_text(f.facts.draw);
  const OpValue op(info);
  return to_text(f.get(op.data()));
}

std::string strength_text(const FieldInfo& f) {
  if (std::isnan(f.facts.neutral)) return {};
  return to_text(f.facts.neutral) + " changes nothing, " + to_text(f.facts.strong) + " is strong";
}

std::string label_text(const OpInfo& info) {
  if (info.domain == Domain::series && info.labels == LabelRule::moves) return "Marks along the series move with time.";
  if (info.domain == Domain::series && info.labels == LabelRule::mixes) return "Classes count by the shares of the series that are joined.";
  switch (info.labels) {
    case LabelRule::keeps: return "Labels stay as they are.";
    case LabelRule::moves: return "Masks, boxes and points move with the pixels.";
    case LabelRule::hides: return "Masks, boxes and points stay; what is covered counts as less visible.";
    case LabelRule::splits: return "Masks move with the pixels; boxes, outlines and points that are cut apart become one for each piece.";
    case LabelRule::mixes:
      return "Masks, boxes and points of all pictures are joined; classes count as much as is seen of their pictures.";
    case LabelRule::loses: return "Masks, boxes and points cannot follow: samples that have some are refused.";
  }
  return {};
}

std::string channel_text(const OpInfo& info) {
  return info.joins_channels ? "Works on the channels together: pictures of more than four are refused." : "";
}

// Families in order of their first op.
std::vector<std::string_view> families_of(const OpTable& table) {
  std::vector<std::string_view> families;
  for (const auto& info : table.all())
    if (std::find(families.begin(), families.end(), info->family) == families.end()) families.push_back(info->family);
  return families;
}

// A bar would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
  return text;
}

}  // namespace

std::string law_text(const Law& law) {
  std::vector<double> numbers{law.a, law.b};
  const bool cut =
      law.kind == Law::Kind::truncated_normal || (law.kind == Law::Kind::beta && (law.lo != 0 || law.hi != 1));
  if (cut) numbers.insert(numbers.end(), {law.lo, law.hi});
  return "{" + std::string(name_of(law.kind)) + ": " + to_text(Value(numbers)) + "}";
}

std::string op_list_text(const OpTable& table) {
  std::size_t widest = 0;
  for (const auto& info : table.all()) widest = std::max(widest, info->name.size());
  std::string text;
  for (const auto family : families_of(table)) {
    text += (text.empty() ? "" : "\n") + std::string(family) + "\n";
    for (const auto& info : table.all())
      if (info->family == family) text += "  " + padded(info->name, widest + 2) + std::string(info->summary) + "\n";
  }
  return text;
}

std::string op_help_text(const OpInfo& info) {
  std::string text = std::string(info.name) + ": " + std::string(info.summary) + "\n\n" + wrapped(info.detail, 2);
  text += wrapped(label_text(info), 2);
  text += wrapped(channel_text(info), 2);
  if (info.fit) text += wrapped("Fitted: one pass over train comes first.", 2);
  if (!info.fields.empty()) text += "\nFields\n";
  for (const FieldInfo& f : info.fields) {
    text += "  " + std::string(f.name) + "\n" + wrapped(std::string(f.facts.doc) + ".", 6);
    text += wrapped(kind_text(f) + "; when left out: " + default_text(info, f), 6);
    if (const std::string strength = strength_text(f); !strength.empty()) text += wrapped(strength, 6);
  }
  return text + "\nExample\n  - " + std::string(info.example) + "\n\n  family " + std::string(info.family) +
         ", works on " + std::string(samples_of(info.domain)) + ", node " +
         std::string(name_of(info.node)) + ", version " + std::to_string(info.version) + "\n";
}

std::string op_markdown(const OpInfo& info) {
  std::string text = "# " + std::string(info.name) + "\n\n" + std::string(info.summary) + ".\n\n" +
                     std::string(info.detail) + "\n\n" + label_text(info) + (info.joins_channels ? "\n\n" + channel_text(info) : "") + "\n\n```yaml\n- " +
                     std::string(info.example) + "\n```\n";
  if (!info.fields.empty()) text += "\n| field | meaning | legal | when left out | strength |\n|---|---|---|---|---|\n";
  for (const FieldInfo& f : info.fields)
    text += "| `" + std::string(f.name) + "` | " + cell(std::string(f.facts.doc)) + " | " + cell(kind_text(f)) + " | " +
            cell(default_text(info, f)) + " | " + strength_text(f) + " |\n";
  return text + "\nFamily " + std::string(info.family) + "; works on " +
         std::string(samples_of(info.domain)) + "; node kind " + std::string(name_of(info.node)) +
         "; version " + std::to_string(info.version) + ".\n";
}

}  // namespace leaven::ops
