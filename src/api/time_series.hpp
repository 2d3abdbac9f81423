// Series of the engine as the public headers have them.
#pragma once

#include "core/series.hpp"
#include "leaven/series.hpp"

namespace leaven::api {

TimeSeries time_series_of(Series made);

}  // namespace leaven::api
