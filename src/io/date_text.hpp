// Days and times as tables write them.
#pragma once

#include <string_view>

namespace leaven::io {

/// 2024-03-31, 2024/03/31, 31.03.2024, 03/31/2024, alone or with a time 14:30, 14:30:00.5 behind a blank or T, and with
/// a zone Z, +01:00, +0100. The numbers must be those of a calendar (months to 12, days to 31, hours to 23).
bool is_date(std::string_view text);

}  // namespace leaven::io
