// The classifier by whose eyes the gate looks at pictures.
#pragma once

#include "learn/generate/image_gate.hpp"

namespace leaven::learn {

/// Convolutions 3×3 with 16 and 32 channels, each halved, a hidden layer of 64 with dropout, Adam.
ClassifierKind picture_classifier();

}  // namespace leaven::learn
