#include "errors.hpp"

#include <nanobind/nanobind.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "leaven/error.hpp"

namespace leaven::python {

namespace nb = nanobind;

namespace {

PyObject* type_for(Fault fault) {
  switch (fault) {
    case Fault::usage:
    case Fault::data: return PyExc_ValueError;
    case Fault::environment: return PyExc_OSError;
    case Fault::interrupted: return PyExc_KeyboardInterrupt;
    case Fault::refused:
    case Fault::bug: break;
  }
  return PyExc_RuntimeError;
}

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::usage: return "usage";
    case Fault::data: return "data";
    case Fault::environment: return "environment";
    case Fault::refused: return "refused";
    case Fault::interrupted: return "interrupted";
    case Fault::bug: break;
  }
  return "bug";
}

/// An option of the program, and what a recipe or a call says instead; VALUE stands for the option's.
struct Option {
  std::string_view name, in_python;
};

constexpr std::array<Option, 9> kOptions{{
    {"resume", "resume=True"},
    {"overwrite", "overwrite=True"},
    {"recipe", "leaven.Recipe.load()"},
    {"target", "target=VALUE"},
    {"path-column", "path_column=VALUE"},
    {"label-column", "label_column=VALUE"},
    {"input-format", "source={\"format\": VALUE}"},
    {"layout", "sink={\"layout\": VALUE}"},
    {"per-class", "augment={\"per_class\": VALUE}"},
}};

constexpr std::array<std::string_view, 9> kNoValues{"takes", "out", "says", "and", "or", "can", "starts", "makes", "goes"};

/// What stands at `from` as far as `belongs` says so.
template <class Belongs>
std::string_view word_at(std::string_view words, std::size_t from, Belongs belongs) {
  std::size_t end = from;
  while (end < words.size() && belongs(words[end])) ++end;
  return words.substr(from, end - from);
}

/// The engine's words name options of the program, as in "--overwrite starts anew" and "name a new folder with -o".
std::string in_python(std::string_view words) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string text;
  for (std::size_t at = words.find("--"); at != std::string_view::npos; at = words.find("--")) {
    text += words.substr(0, at);
    const std::string_view name = word_at(words, at + 2, [&](char c) { return lower(c) || c == '-'; });
    const auto known = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& option) { return option.name == name; });
    words.remove_prefix(at + 2 + name.size());
    if (known == kOptions.end()) {
      text.append("--").append(name);
      continue;
    }
    const std::size_t place = known->in_python.find("VALUE");
    text += known->in_python.substr(0, place);
    if (place == std::string_view::npos) continue;
    std::string_view value;
    if (words.substr(0, 1) == " ") value = word_at(words, 1, [&](char c) { return lower(c) || (c >= 'A' && c <= 'Z') || c == '_'; });
    if (std::find(kNoValues.begin(), kNoValues.end(), value) != kNoValues.end()) value = {};
    // Capitals stand for what the reader knows, other words are values as they are written.
    text += value.empty() ? "…" : lower(value[0]) ? '"' + std::string(value) + '"' : std::string(value);
    text += known->in_python.substr(place + 5);
    if (!value.empty()) words.remove_prefix(1 + value.size());
  }
  text.append(words);
  const std::size_t out = text.find("with -o");
  return out == std::string::npos ? text : text.replace(out, 7, "as out=");
}

/// The error's text in Python's words. Only what the engine says is translated: names of files and samples stay.
std::string text_of(const Error& error) {
  std::string text = error.what();
  for (const std::string* part : {&error.hint(), &error.message()}) {
    const std::size_t at = part->empty() ? std::string::npos : text.rfind(*part);
    if (at != std::string::npos) text.replace(at, part->size(), in_python(*part));
  }
  return text;
}

}  // namespace

void translate_errors() {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      PyObject* const type = type_for(error.fault());
      const nb::object made = nb::borrow<nb::object>(type)(text_of(error).c_str());
      made.attr("fault") = name_of(error.fault());
      made.attr("place") = error.place().c_str();
      PyErr_SetObject(type, made.ptr());
    }
  });
}

}  // namespace leaven::python
