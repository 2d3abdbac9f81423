// The op table as people read it.
#pragma once

#include <string>

#include "core/op.hpp"

namespace leaven::ops {

/// All ops by family, one line each: name and summary.
std::string op_list_text(const OpTable& table);

/// One op as a manual page of plain text, at most 100 columns wide.
std::string op_help_text(const OpInfo& info);

/// One op as a page of Markdown.
std::string op_markdown(const OpInfo& info);

/// A law as a recipe writes it: "{uniform: [0.1, 2]}".
std::string law_text(const Law& law);

}  // namespace leaven::ops
