// The exception type is public; the house includes it by this name.
#pragma once

#include "leaven/error.hpp"  // IWYU pragma: export
