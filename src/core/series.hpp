// A time series, and the nodes by which ops change one. Values are double, NaN where one is missing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace leaven {

/// Words along a series: what is the case (walking, standing), or what happens (beat) where each stands alone.
struct SeriesMarks {
  bool events{};                     ///< single moments: each moves to one sample, and is never doubled
  std::vector<std::string> words{};  ///< one a sample; empty: nothing there
  friend bool operator==(const SeriesMarks&, const SeriesMarks&) = default;
};

struct Series {
  std::size_t length{}, channels{};
  std::vector<double> values{};      ///< channel after channel
  std::vector<double> stamps{};      ///< ascending, one a sample; empty: evenly spaced
  std::vector<SeriesMarks> marks{};  ///< of one length with the series

  std::span<double> channel(std::size_t c) { return std::span(values).subspan(c * length, length); }
  std::span<const double> channel(std::size_t c) const { return std::span(values).subspan(c * length, length); }
};

/// What an op may know of a series before it sees values.
struct SeriesShape {
  std::size_t length{}, channels{};
  bool stamped{};                     ///< stamps tell when samples were taken
  std::vector<std::string> names{};   ///< of the channels
  friend bool operator==(const SeriesShape&, const SeriesShape&) = default;
};

/// From `out` on, output time t shows input time in + slope·(t − out), in samples.
struct TimePiece {
  double out{}, in{}, slope{1};
};

/// Output time → input time, piece by piece straight. Between samples values are linear; before the first and after the last
/// they stay; missing beside missing is missing. Marks go along to the nearest sample.
struct TimeMap {
  enum class Stamps : std::uint8_t {
    stay,    ///< values move against the stamps: both times are measured on the stamps
    follow,  ///< a sample's stamp comes along with it
    mirror,  ///< the same, backwards: distances between stamps come along
  };
  std::size_t length{};             ///< samples of the output
  std::vector<TimePiece> pieces{};  ///< ascending by `out`; the first begins at 0
  Stamps stamps{Stamps::stay};
};

/// Values change where they stand; nothing moves. A channel is changed by itself, in place.
struct SeriesValues {
  /// `values` of channel `channel`; `stamps` as in Series. Missing values stay missing unless that is what the op is for.
  std::function<void(std::span<double> values, std::size_t channel, std::span<const double> stamps)> apply{};
};

/// A whole series in, a whole one of the same shape out, by a pure function: a barrier.
struct SeriesWhole {
  struct Result {
    std::vector<double> values{};  ///< channel after channel; empty: those of the input at `from`
    std::vector<double> from{};    ///< where in the input each sample comes from, for marks; empty: nothing moved
  };
  /// `partners`: other series in the order in which they were drawn, of any length and as many channels; for one that nobody
  /// gave, the series itself stands in.
  std::function<Result(const Series& own, std::span<const Series* const> partners)> apply{};
  double share{1};  ///< how much of the result is the series itself, for labels; partners share the rest evenly
};

/// The value at a time in samples, linear between neighbours; a neighbour that does not count does not matter.
double value_at(std::span<const double> values, double time);
SeriesShape shape_of(const Series& series, std::vector<std::string> names = {});

}  // namespace leaven
