// Time stamps of series: numbers, or days and times of ISO 8601.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace leaven::io {

/// The number as it stands, or the seconds since 1970 of 2024-03-31, 2024-03-31 14:30 and 2024-03-31T14:30:05.25, with a zone Z,
/// +01:00 or +0100 behind it or, where none is told, as if it were UTC. Nothing for anything else, days that no month has too.
std::optional<double> stamp_of(std::string_view text);

/// How finely a time is told: 0 a day, 1 minutes, 2 seconds, 2 + n with n decimals of them. Of numbers 0.
int stamp_detail(std::string_view text);
/// The coarsest detail, `detail` at least and microseconds at most, that moves none of these ascending times by more than a
/// hundredth of the shortest distance between two; and a time to that detail.
int detail_for(std::span<const double> stamps, int detail);
double stamp_to(double stamp, int detail);

/// The stamp in the manner of another: a number, or a time with that one's letters and zone, told as finely as that one or
/// `detail`, or where it needs to be to the microsecond.
std::string stamp_text(double stamp, std::string_view like, int detail = 0);

}  // namespace leaven::io
