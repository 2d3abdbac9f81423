// The six shapes of the demo's dataset, one a class.
#pragma once

#include <array>
#include <string_view>

namespace leaven::demo {

enum class Shape { circle, square, triangle, star, ring, cross };

inline constexpr std::array kShapes{Shape::circle, Shape::square, Shape::triangle,
                                    Shape::star,   Shape::ring,   Shape::cross};

std::string_view name_of(Shape shape);

/// Whether the shape of circumradius 1 about the origin covers a point; y points down, as in pictures.
bool covers(Shape shape, double x, double y);

}  // namespace leaven::demo
