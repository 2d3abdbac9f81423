// Time stamps of series: numbers, or days and times of ISO 8601.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace leaven::io {

/// The number as it stands, or the seconds since 1970 of 2024-03-31, 2024-03-31 14:30 and 2024-03-31T14:30:05.25, with a zone Z,
/// +01:00 or +0100 behind it or, where none is told, as if it were UTC. Nothing for anything else, days that no month has too.
std::optional<double> stamp_of(std::string_view text);

/// The stamp in the manner of another: a number, or a time with that one's letters, zone and at least its digits; to the
/// microsecond.
std::string stamp_text(double stamp, std::string_view like);

}  // namespace leaven::io
