// Recipes that come with Leaven, and the user's own folder of them.
#pragma once

#include <string>
#include <string_view>

namespace leaven::recipe {

struct PresetText {
  std::string text{}, file{};
};
/// Own presets first: $LEAVEN_PRESETS/NAME.yaml, then $XDG_CONFIG_HOME (or ~/.config)/leaven/presets/NAME.yaml, then
/// those built in. Throws Error(usage) with the nearest name.
PresetText find_preset(std::string_view name);

/// Made at build time from presets/*.yaml.
struct BuiltInPreset {
  std::string_view name, text;
};
extern const BuiltInPreset kBuiltInPresets[];
extern const std::size_t kBuiltInPresetCount;

}  // namespace leaven::recipe
