// Numbers and kinds as people read them, in the report, the progress line and the summary alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace leaven::flow {

/// "1,234,567".
std::string count_text(std::uint64_t count);
/// "1 copy", "1,200 copies"; for words whose plural is another word.
std::string count_text(std::uint64_t count, std::string_view one, std::string_view many);
/// "12.3 MB".
std::string bytes_text(double bytes);
/// "2 h 03 min", "4 min 10 s", "12 s".
std::string duration_text(double seconds);
/// How many in a second: "0.4", "12", "34,504".
std::string rate_text(std::uint64_t count, double seconds);
/// Three significant digits, without exponents for ordinary sizes: "0.0213", "-4.5", "1280".
std::string number_text(double value);
/// With as many decimals as tell values of a range this wide apart: 0.0027 in a range of 0.1 is "0.003".
std::string number_text(double value, double range);
/// "°", " px"; empty for units that say no more than the number itself (fraction, factor, 1).
std::string unit_suffix(std::string_view unit);
/// The word as a shell reads it back: quoted when it must be.
std::string shell_quoted(const std::string& word);
/// "libjpeg-turbo 2.1.5, libpng 1.6.39, …": the codecs that this program was built with.
std::string library_versions();
/// The text of a set-aside kind: "byte-identical duplicates" for duplicate; an unknown kind is its own text.
std::string set_aside_text(std::string_view kind, std::uint64_t count);

}  // namespace leaven::flow
