#include "kernels/coordinates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernels/every_target.hpp"

namespace leaven::kernels {
namespace {

struct PointLine {
  alignas(64) double x[kPoints + 8]{}, y[kPoints + 8]{};
  Points points() { return {x, y}; }
};

constexpr int kCounts[] = {1, 7, 8, 33, kPoints};
const Matrix3 kProjective{{1.1, 0.2, -3, -0.1, 0.9, 4, 1e-3, -2e-3, 1.2}};
const Matrix3 kAffine{{0.7, -0.4, 11.5, 0.3, 1.2, -6.25, 0, 0, 1}};

TEST(Coordinates, RowsOfPixelCentresThroughMaps) {
  on_every_target([] {
    for (const Matrix3& map : {kAffine, kProjective, Matrix3{{2, 0, 1, 0, 2, 3, 0, 0, 2}}})
      for (const int count : kCounts) {
        PointLine line;
        project_row(map, 1000, 77, count, line.points());
        for (int i = 0; i < count; ++i) {
          const Point p = map.map({1000.5 + i, 77.5});
          ASSERT_NEAR(line.x[i], p.x, 1e-9 * std::max(1.0, std::abs(p.x)));
          ASSERT_NEAR(line.y[i], p.y, 1e-9 * std::max(1.0, std::abs(p.y)));
        }
      }
  });
}

TEST(Coordinates, PointsBehindTheHorizonAreAnswered) {
  on_every_target([] {
    const Matrix3 map{{1, 0, 0, 0, 1, 0, -0.1, 0, 1}};  // w = 1 − x/10
    PointLine line;
    project_row(Matrix3::identity(), 0, 0, 20, line.points());
    std::vector<std::int32_t> answers(kPoints, -1);
    answers[15] = 4;  // somebody was first
    EXPECT_TRUE(map_points(map, 20, line.points(), 2, answers.data()));
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(answers[static_cast<std::size_t>(i)], i == 15 ? 4 : i < 10 ? -1 : 2) << i;
      if (i < 9) {
        EXPECT_NEAR(line.x[i], (i + 0.5) / (1 - (i + 0.5) / 10), 1e-9);
      }
      EXPECT_TRUE(std::isfinite(line.x[i]));
    }
    EXPECT_EQ(answers[20], -1);
    EXPECT_FALSE(map_points(kAffine, 20, line.points(), 2, answers.data()));
  });
}

/// Folding by walking: step by step until inside.
double folded_slowly(double v, int size, BorderKind kind) {
  if (v >= 0 && v < size) return v;
  switch (kind) {
    case BorderKind::edge: return std::clamp(v, 0.5, size - 0.5);
    case BorderKind::wrap:
      while (v < 0) v += size;
      while (v >= size) v -= size;
      return v;
    case BorderKind::symmetric:
      while (v < 0 || v > size) v = v < 0 ? -v : 2 * size - v;
      return v;
    case BorderKind::reflect:
      if (size == 1) return 0.5;
      while (v < 0.5 || v > size - 0.5) v = v < 0.5 ? 1 - v : 2 * size - 1 - v;
      return v;
    case BorderKind::constant: break;
  }
  return v;
}

TEST(Coordinates, BordersFoldPointsBackInside) {
  on_every_target([] {
    TestNumbers numbers;
    for (const BorderKind kind : {BorderKind::edge, BorderKind::reflect, BorderKind::symmetric, BorderKind::wrap})
      for (const Size canvas : {Size{1, 1}, Size{2, 9}, Size{31, 17}})
        for (const int count : kCounts) {
          PointLine line, before;
          for (int i = 0; i < count; ++i) {
            before.x[i] = line.x[i] = (numbers.unit() - 0.5) * 8 * canvas.width;
            before.y[i] = line.y[i] = i % 3 == 0 ? 0.5 * canvas.height : (numbers.unit() - 0.5) * 8 * canvas.height;
          }
          std::vector<std::int32_t> answers(kPoints, -1);
          EXPECT_FALSE(meet_border(canvas, kind, count, line.points(), 3, answers.data()));
          for (int i = 0; i < count; ++i) {
            ASSERT_NEAR(line.x[i], folded_slowly(before.x[i], canvas.width, kind), 1e-9) << before.x[i];
            ASSERT_NEAR(line.y[i], folded_slowly(before.y[i], canvas.height, kind), 1e-9) << before.y[i];
            ASSERT_EQ(answers[static_cast<std::size_t>(i)], -1);
          }
        }
  });
}

TEST(Coordinates, ConstantBordersAndInfinityAreAnswered) {
  on_every_target([] {
    constexpr double kInf = std::numeric_limits<double>::infinity();
    PointLine line;
    const double xs[] = {0, -1e-9, 9.999, 10, 5, 5, 5, kInf, std::nan("")};
    const double ys[] = {0, 1, 1, 1, -0.1, 4.9999, 5, 2, 2};
    const int outside[] = {-1, 1, -1, 1, 1, -1, 1, 1, 1};
    std::copy(std::begin(xs), std::end(xs), line.x);
    std::copy(std::begin(ys), std::end(ys), line.y);
    std::vector<std::int32_t> answers(kPoints, -1);
    EXPECT_TRUE(meet_border({10, 5}, BorderKind::constant, 9, line.points(), 1, answers.data()));
    for (std::size_t i = 0; i < 9; ++i) {
      EXPECT_EQ(answers[i], outside[i]) << i;
      EXPECT_TRUE(line.x[i] >= 0 && line.x[i] < 10 && line.y[i] >= 0 && line.y[i] < 5);
    }
    line.x[0] = kInf;
    line.y[0] = 1;
    answers.assign(kPoints, -1);
    EXPECT_TRUE(meet_border({10, 5}, BorderKind::reflect, 1, line.points(), 6, answers.data()));
    EXPECT_EQ(answers[0], 6);
  });
}

DisplacementGrid random_grid(double spacing_x, double spacing_y, int columns, int rows) {
  DisplacementGrid grid{.spacing_x = spacing_x, .spacing_y = spacing_y, .columns = columns, .rows = rows};
  TestNumbers numbers;
  for (int i = 0; i < 2 * columns * rows; ++i) grid.vectors.push_back(static_cast<float>(numbers.unit() * 6 - 3));
  grid.reach = 3;
  return grid;
}

/// The cubic B-spline as a sum over all nodes.
Point displacement_slowly(const DisplacementGrid& grid, Point p) {
  const auto basis = [](double t) {
    t = std::abs(t);
    return t < 1 ? 2.0 / 3 - t * t + t * t * t / 2 : t < 2 ? (2 - t) * (2 - t) * (2 - t) / 6 : 0;
  };
  Point sum{};
  for (int j = -8; j < grid.rows + 8; ++j)
    for (int i = -8; i < grid.columns + 8; ++i) {
      const double u = std::min(p.x / grid.spacing_x + 1, grid.columns + 4.0);  // level from there on
      const double v = std::min(p.y / grid.spacing_y + 1, grid.rows + 4.0);
      const double w = basis(u - i) * basis(v - j);
      const auto at = 2 * static_cast<std::size_t>(std::clamp(j, 0, grid.rows - 1) * grid.columns + std::clamp(i, 0, grid.columns - 1));
      sum.x += w * static_cast<double>(grid.vectors[at]);
      sum.y += w * static_cast<double>(grid.vectors[at + 1]);
    }
  return sum;
}

TEST(Coordinates, DisplacementIsTheCubicSpline) {
  const DisplacementGrid grid = random_grid(12.5, 9, 11, 8);
  on_every_target([&] {
    TestNumbers numbers;
    PointLine line, before;
    for (int i = 0; i < kPoints; ++i) {
      before.x[i] = line.x[i] = numbers.unit() * 160 - 40;  // some beyond the grid
      before.y[i] = line.y[i] = numbers.unit() * 110 - 30;
    }
    displace_points(grid, kPoints, line.points());
    for (int i = 0; i < kPoints; ++i) {
      const Point d = displacement_slowly(grid, {before.x[i], before.y[i]});
      ASSERT_NEAR(line.x[i], before.x[i] + d.x, 1e-9);
      ASSERT_NEAR(line.y[i], before.y[i] + d.y, 1e-9);
    }
  });
}

TEST(Coordinates, RowsOfADisplacementAreTheSameSpline) {
  on_every_target([] {
    for (const double spacing : {1.0, 3.7, 12.5, 500.0}) {
      const DisplacementGrid grid = random_grid(spacing, 9, 14, 8);
      GridRow row(grid);
      for (const int y : {0, 1, 40, 90})
        for (const int x : {0, 64, 150})
          for (const int count : kCounts) {
            PointLine line;
            row.place(x, y, count, line.points());
            for (int i = 0; i < count; ++i) {
              const Point p{x + i + 0.5, y + 0.5}, d = displacement_slowly(grid, p);
              ASSERT_NEAR(line.x[i], p.x + d.x, 1e-9) << spacing << " at " << p.x;
              ASSERT_NEAR(line.y[i], p.y + d.y, 1e-9);
            }
          }
    }
  });
}

}  // namespace
}  // namespace leaven::kernels
