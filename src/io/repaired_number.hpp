// Numbers that people wrote with what belongs to people: currencies, units, groups of digits.
#pragma once

#include <string>
#include <string_view>

namespace leaven::io {

/// How a comma is meant where nothing else tells.
enum class Comma : unsigned char { groups, may_be_decimal, decimal };

/// The number of "$ 1,200.50", "1 200 kg", "(35)", "12 %" (12), "−5", "007" as cell_number() takes it, with `mark` before the
/// decimals; empty where it is none: two numbers, a date, groups that are not of three digits. Of points and commas in one
/// text the last is the decimal mark.
std::string repaired_number(std::string_view text, Comma comma, char mark);

}  // namespace leaven::io
