// Whether new pictures of a class are always the same few: mode collapse.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "learn/generate/image_data.hpp"

namespace leaven::learn {

/// Below this part of what real ones have, the mean distance from a picture to the nearest other one of its class is told.
inline constexpr double kLeastVariety = 0.2;

/// A note, or none, on the classes whose new pictures are much nearer to each other than real ones are: equal ones, or a few that come again.
/// They are compared as they are and as coarse(): where the same thing comes again with other noise, that alone tells.
/// As many of either are compared, at most 64; classes with fewer than 8 real pictures, or whose real ones are equal, are not asked.
std::vector<std::string> collapsed_classes(const ImageData& train, const std::function<std::vector<float>(std::uint32_t label, std::size_t count)>& draw);

/// Means of 8 × 8 blocks of each plane, of as many as there are values where a side is shorter.
std::vector<float> coarse(std::span<const float> pictures, const InputShape& shape);

/// Mean distance from a picture to the nearest other one; at least two pictures.
double mean_nearest(std::span<const float> pictures, std::size_t values);

}  // namespace leaven::learn
