// The steps that hold steps, as help tells of them.
#pragma once

#include <span>
#include <string_view>

namespace leaven::recipe {

struct ContainerDoc {
  std::string_view name{};
  std::string_view summary{};  ///< one phrase, no full stop
  std::string_view detail{};
  std::string_view example{};  ///< a step of a recipe
};
/// In the order of Container, without none.
std::span<const ContainerDoc> containers();

}  // namespace leaven::recipe
