#include "flow/explain_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "flow/html.hpp"
#include "flow/report_text.hpp"

namespace leaven::flow {

namespace {

/// "repeat@2/rotate#2" → "repeat/rotate#2": rounds of a repeat share their steps.
std::string without_rounds(std::string_view path) {
  std::string plain;
  bool skipping = false;
  for (const char c : path) {
    if (c == '@')
      skipping = true;
    else if (c == '/')
      skipping = false;
    if (!skipping) plain += c;
  }
  return plain;
}

/// The recipe's step of this path (see plan/recipe_walk.hpp); null when the recipe is another one.
const recipe::Step* step_at(const std::vector<recipe::Step>& steps, std::string_view path) {
  const std::string_view first = path.substr(0, path.find('/'));
  const std::string_view name = first.substr(0, first.find('#'));
  const std::string ordinal =
      first.find('#') == std::string_view::npos ? "1" : std::string(first.substr(first.find('#') + 1));
  std::size_t like_named = 0;
  for (const recipe::Step& step : steps) {
    if ((step.op ? step.op->name : recipe::name_of(step.container)) != name) continue;
    if (std::to_string(++like_named) != ordinal) continue;
    return first.size() == path.size() ? &step : step_at(step.steps, path.substr(first.size() + 1));
  }
  return nullptr;
}

/// True when the recipe draws this field, by its own law or the op's, or leaves it to the op to choose.
bool is_drawn(const FieldInfo& field, const recipe::Step* step) {
  const Setting* setting = step ? step->find(field) : nullptr;
  if (field.facts.resolved && !setting) return true;
  const auto* path = setting ? std::get_if<std::string>(&setting->fixed) : nullptr;
  if (field.facts.file && path && path->ends_with('/')) return true;  // one of a folder
  return step ? step->draws(field) : static_cast<bool>(field.facts.draw);
}

std::string value_text(const FieldInfo& field, const Value& value) {
  const bool word = std::holds_alternative<bool>(value) || std::holds_alternative<std::string>(value);
  std::string text = std::holds_alternative<double>(value) ? number_text(std::get<double>(value)) : to_text(value);
  if (const auto* list = std::get_if<std::vector<double>>(&value)) {
    text = "[";
    for (std::size_t i = 0; i < list->size(); ++i) text += (i > 0 ? ", " : "") + number_text((*list)[i]);
    text += "]";
  }
  return word ? text : text + unit_suffix(field.facts.unit);
}

std::string partner_text(const ProgramPartner& partner) {
  std::string text = "With " + partner.source;
  if (!partner.label.empty()) text += ", class " + partner.label;
  std::string steps;
  for (const ProgramStep& step : partner.steps) steps += (steps.empty() ? "" : ", ") + std::string(step.op.info().name);
  return text + (steps.empty() ? "" : ", after " + steps) + ".";
}

void write_values(HtmlWriter& page, const std::vector<ToldValue>& values) {
  if (values.empty()) return;
  page.element("ul", {{"class", "values"}}, [&] {
    for (const ToldValue& value : values)
      page.element("li", [&] {
        page.text(value.name + " ");
        page.element("span", {{"class", value.drawn ? "drawn" : "fixed"}}, value.text);
      });
  });
}

/// What ran on the pictures from this one on, up to the first where it was something else.
struct Alike {
  std::size_t first{}, last{};
  const std::vector<ToldStep>* steps{};
};

bool same(const std::vector<ToldStep>& a, const std::vector<ToldStep>& b) {
  const auto text_of_step = [](const ToldStep& step) {
    std::string text = step.name;
    for (const ToldValue& value : step.values) text += "\n" + value.name + " " + value.text;
    return text;
  };
  return std::ranges::equal(a, b, {}, text_of_step, text_of_step);
}

std::vector<Alike> alike_pictures(const std::vector<std::vector<ToldStep>>& inside) {
  std::vector<Alike> groups;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (!groups.empty() && same(*groups.back().steps, inside[i])) groups.back().last = i;
    else groups.push_back({i, i, &inside[i]});
  }
  return groups;
}

/// "Inside", "Inside, on picture 3", "Inside, on pictures 4 to 6".
std::string inside_text(const Alike& group, std::size_t pictures) {
  if (pictures == 1) return "Inside";
  if (group.first == group.last) return fmt::format("Inside, on picture {}", group.first + 1);
  return fmt::format("Inside, on pictures {} to {}", group.first + 1, group.last + 1);
}

void write_inside(HtmlWriter& page, const ToldStep& step) {
  for (const Alike& group : alike_pictures(step.inside)) {
    page.element("p", inside_text(group, step.inside.size()) + (group.steps->empty() ? ": nothing." : ":"));
    if (group.steps->empty()) continue;
    page.element("ol", [&] {
      for (const ToldStep& inner : *group.steps)
        page.element("li", [&] {
          page.text(inner.name + ". " + inner.sentence);
          write_values(page, inner.values);
          write_inside(page, inner);
        });
    });
  }
}

/// "sigma 3 px, by 1.2*".
std::string values_of(const ToldStep& step, bool& any_drawn) {
  std::string values;
  for (const ToldValue& value : step.values) {
    values += fmt::format("{}{} {}{}", values.empty() ? "" : ", ", value.name, value.text, value.drawn ? "*" : "");
    any_drawn = any_drawn || value.drawn;
  }
  return values;
}

std::string inside_lines(const ToldStep& step, const std::string& indent, bool& any_drawn) {
  std::string text;
  for (const Alike& group : alike_pictures(step.inside)) {
    text += indent + inside_text(group, step.inside.size()) + (group.steps->empty() ? ": nothing\n" : ":\n");
    for (const ToldStep& inner : *group.steps) {
      const std::string values = values_of(inner, any_drawn);
      text += fmt::format("{}- {}{}\n", indent, inner.name, values.empty() ? "" : "  " + values);
      text += inside_lines(inner, indent + "  ", any_drawn);
    }
  }
  return text;
}

void write_card(HtmlWriter& page, const std::string& picture, auto&& words) {
  page.element("section", {{"class", "step"}}, [&] {
    page.element("div", words);
    page.element("figure", [&] { page.markup(picture); });
  });
}

}  // namespace

ToldStep tell_step(const ProgramStep& step, const recipe::Recipe& recipe) {
  const OpInfo& op = step.op.info();
  ToldStep told{std::string(op.name), std::string(op.summary) + ".", {}, {}, {}, {}};
  const recipe::Step* wanted = step_at(recipe.steps, without_rounds(step.path));
  for (const FieldInfo& field : op.fields)
    told.values.push_back(
        {std::string(field.name), value_text(field, step.op.get(field.name)), is_drawn(field, wanted)});
  for (const ProgramPartner& partner : step.partners) told.partners.push_back(partner_text(partner));
  for (const std::vector<ProgramStep>& steps : step.inside) {
    told.inside.emplace_back();
    for (const ProgramStep& inner : steps) told.inside.back().push_back(tell_step(inner, recipe));
  }
  return told;
}

std::string origin_text(const LineageRecord& record) {
  std::string text =
      record.copy == 0 ? "The original " + record.source : fmt::format("Copy {} of {}", record.copy, record.source);
  if (!record.label.empty()) text += ", class " + record.label;
  for (std::size_t i = 0; i < record.weights.size(); ++i)
    text += (i == 0 ? ", now counted as " : " and ") + fmt::format("{} {}", record.weights[i].first, number_text(record.weights[i].second));
  if (!record.split.empty()) text += ", in " + record.split;
  if (record.attempt > 0)
    text += fmt::format(", drawn {} times because a label would have been lost", record.attempt + 1);
  return text;
}

std::string page_of(const Told& told, const std::vector<std::string>& pictures) {
  HtmlWriter page;
  page.element("h1", told.id).element("p", {{"class", "lead"}}, told.origin);
  write_card(page, pictures.front(), [&] {
    page.element("h2", "The source");
    page.element("p", {{"class", "soft"}}, told.source_shape);
    if (told.copied)
      page.element("p", "Its bytes were copied as they are.");
    else if (told.steps.empty())
      page.element("p", "No step of the recipe ran for this copy.");
    else
      page.element("p", {{"class", "soft"}}, "Marked values were drawn for this copy alone.");
  });
  for (std::size_t i = 0; i < told.steps.size(); ++i) {
    const ToldStep& step = told.steps[i];
    write_card(page, pictures[i + 1], [&] {
      page.element("h2", fmt::format("{}. {}", i + 1, step.name)).element("p", step.sentence);
      write_values(page, step.values);
      write_inside(page, step);
      for (const std::string& partner : step.partners) page.element("p", partner);
      if (!step.shape.empty()) page.element("p", {{"class", "soft"}}, "Then " + step.shape + ".");
    });
  }
  page.element("section", [&] {
    page.element("h2", "The result");
    page.element("p", told.result).element("p", {{"class", told.same ? "soft" : "warn"}}, told.verdict);
    page.element("p", "The same file again:").element("pre", told.command);
    page.element("p", {{"class", "soft"}}, "Digest (XXH3-128) " + told.digest);
  });
  page.element("footer", "Made by leaven " LEAVEN_VERSION);
  return html_page(told.id, page.take());
}

std::string text_of(const Told& told) {
  std::string text = fmt::format("{}\n{}\n\nsource  {}\n", told.id, told.origin, told.source_shape);
  bool any_drawn = false;
  for (std::size_t i = 0; i < told.steps.size(); ++i) {
    const ToldStep& step = told.steps[i];
    text += fmt::format("{}. {}  {}\n", i + 1, step.name, step.sentence);
    if (const std::string values = values_of(step, any_drawn); !values.empty()) text += "   " + values + "\n";
    text += inside_lines(step, "   ", any_drawn);
    for (const std::string& partner : step.partners) text += "   " + partner + "\n";
    if (!step.shape.empty()) text += "   then " + step.shape + "\n";
  }
  if (told.copied)
    text += "        no step ran: this is the original\n";
  else if (told.steps.empty())
    text += "        no step of the recipe ran for this copy\n";
  text += fmt::format("result  {}\n        {}\n        digest {}\nagain   {}\n", told.result, told.verdict, told.digest,
                      told.command);
  if (any_drawn) text += "* drawn for this copy alone\n";
  return text;
}

std::string verdict_text(bool same) {
  return same ? "Made again just now from the source and the lineage line: the same bytes."
              : "Made again just now: other bytes than the lineage line says. Other versions of Leaven or its codecs are the usual "
                "reason.";
}

}  // namespace leaven::flow
