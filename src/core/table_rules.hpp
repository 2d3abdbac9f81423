// What a person says about a table before it is read; everything left out is found by looking.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/columns.hpp"

namespace leaven {

struct TableRules {
  enum class Encoding : std::uint8_t { any, utf8, latin1 };  ///< latin1: Windows-1252, which holds Latin-1's letters
  std::optional<bool> header{};         ///< whether the first line names the columns
  Encoding encoding{Encoding::any};
  std::optional<bool> decimal_comma{};  ///< 1,5 is one and a half
  bool repair{};                        ///< in columns told to be numbers "$1,200" and "12 kg" are numbers too
  std::vector<std::string> missing{};   ///< spellings of a missing cell, in every column, beside the usual ones
  std::map<std::string, ColumnKind> kinds{};  ///< by column name
  std::string target{};                 ///< name of the column that is to be predicted; empty: label, class, target or y

  friend bool operator==(const TableRules&, const TableRules&) = default;
};
inline constexpr std::array<std::string_view, 3> kTableEncodingNames{"any", "utf8", "latin1"};

}  // namespace leaven
