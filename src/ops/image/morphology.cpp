// Grey-scale morphology: the darkest or the brightest value nearby.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/op.hpp"
#include "ops/image/planes.hpp"

namespace leaven::ops {
namespace {

namespace morphology {
enum class Operation : std::uint8_t { erode, dilate, open, close };
constexpr std::array<std::string_view, 4> kOperationNames{"erode", "dilate", "open", "close"};
enum class Element : std::uint8_t { square, ellipse };
constexpr std::array<std::string_view, 2> kElementNames{"square", "ellipse"};
struct Op {
  Operation operation = Operation::dilate;
  int radius = 1;
  Element element = Element::square;
};
// clang-format off
constexpr auto fields = std::array{
    field<&Op::operation>("operation", {
        .doc = "Darkest nearby (erode), brightest (dilate), erode then dilate (open), dilate then erode (close)",
        .choices = kOperationNames}),
    field<&Op::radius>("radius", {.doc = "The element is 2·radius + 1 px wide", .lo = 0, .hi = 64, .unit = "px",
        .neutral = 0, .strong = 4, .draw = integer(1, 2)}),
    field<&Op::element>("element", {.doc = "What counts as nearby", .choices = kElementNames})};
// clang-format on

struct Brightest {
  static constexpr float kNothing = -std::numeric_limits<float>::infinity();
  static float of(float a, float b) { return a > b ? a : b; }
};
struct Darkest {
  static constexpr float kNothing = std::numeric_limits<float>::infinity();
  static float of(float a, float b) { return a < b ? a : b; }
};

template <class Extreme>
void join(const float* other, int count, float* into) {
  for (int i = 0; i < count; ++i) into[i] = Extreme::of(into[i], other[i]);
}

// The extreme of each window of 2·radius + 1 values, in log₂ steps: windows of twice the length are two that touch, and
// the last one is two that overlap. `at(i)` begins item i of count + 2·radius items, the first and last radius of them
// empty; an item is `length` floats. Windows begin at their first item.
template <class Extreme, class At>
void windows(const At& at, int count, int radius, int length) {
  const int window = 2 * radius + 1, items = count + 2 * radius;
  int covered = 1;
  for (; 2 * covered <= window; covered *= 2)
    for (int i = 0; i + covered < items; ++i) join<Extreme>(at(i + covered), length, at(i));
  const int rest = window - covered;
  for (int i = 0; rest > 0 && i + rest < items; ++i) join<Extreme>(at(i + rest), length, at(i));
}

// Windows along a row lie in one another's way item by item, so whole shifted rows are joined instead.
template <class Extreme>
void along_row(const float* in, int width, int radius, std::vector<float>& line, float* out) {
  line.assign(static_cast<std::size_t>(width + 2 * radius), Extreme::kNothing);
  std::copy_n(in, width, line.begin() + radius);
  const int window = 2 * radius + 1, items = width + 2 * radius;
  int covered = 1;
  for (; 2 * covered <= window; covered *= 2) join<Extreme>(line.data() + covered, items - covered, line.data());
  if (const int rest = window - covered; rest > 0) join<Extreme>(line.data() + rest, items - rest, line.data());
  std::copy_n(line.begin(), width, out);
}

template <class Extreme>
Plane widened(const Plane& in, int radius) {
  Plane out(in.width(), in.height());
  std::vector<float> line;
  for (int y = 0; y < in.height(); ++y) along_row<Extreme>(in.row(y), in.width(), radius, line, out.row(y));
  return out;
}

template <class Extreme>
Plane by_square(const Plane& in, int radius) {
  const Plane wide = widened<Extreme>(in, radius);
  Plane tall(in.width(), in.height() + 2 * radius, Extreme::kNothing);
  for (int y = 0; y < in.height(); ++y) std::copy_n(wide.row(y), in.width(), tall.row(y + radius));
  windows<Extreme>([&](int y) { return tall.row(y); }, in.height(), radius, in.width());
  return tall;
}

// Rows of an ellipse are as wide as OpenCV's: round(√(r² − dy²)) to each side.
template <class Extreme>
Plane by_ellipse(const Plane& in, int radius) {
  Plane out(in.width(), in.height(), Extreme::kNothing);
  for (int dy = 0; dy <= radius; ++dy) {
    const int half = static_cast<int>(std::nearbyint(std::sqrt(static_cast<double>(radius * radius - dy * dy))));
    const Plane wide = widened<Extreme>(in, half);
    for (int y = 0; y < in.height(); ++y) {
      if (y >= dy) join<Extreme>(wide.row(y - dy), in.width(), out.row(y));
      if (dy > 0 && y + dy < in.height()) join<Extreme>(wide.row(y + dy), in.width(), out.row(y));
    }
  }
  return out;
}

// Fully transparent pixels have no colour: they take no part and keep theirs.
template <class Extreme>
void change(Planes& planes, const Op& op) {
  const Plane* alpha = planes.shape().alpha ? &planes[planes.colours()] : nullptr;
  const auto each_empty = [&](const auto& work) {
    for (int y = 0; alpha && y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x)
        if (alpha->at(x, y) == 0) work(x, y);
  };
  for (int c = 0; c < planes.colours(); ++c) {
    Plane seen = planes[c].clone();
    each_empty([&](int x, int y) { seen.at(x, y) = Extreme::kNothing; });
    const Plane result =
        op.element == Element::square ? by_square<Extreme>(seen, op.radius) : by_ellipse<Extreme>(seen, op.radius);
    each_empty([&](int x, int y) { seen.at(x, y) = planes[c].at(x, y); });
    for (int y = 0; y < planes.height(); ++y)
      for (int x = 0; x < planes.width(); ++x)
        if (!alpha || alpha->at(x, y) != 0) seen.at(x, y) = result.at(x, y);
    planes[c] = std::move(seen);
  }
}

Nodes lower(const Op& op, const Site&) {
  if (op.radius == 0) return {};
  return on_planes([op](Planes& planes) {
    const bool darkest_first = op.operation == Operation::erode || op.operation == Operation::open;
    const bool both = op.operation == Operation::open || op.operation == Operation::close;
    if (darkest_first) change<Darkest>(planes, op);
    if (!darkest_first || both) change<Brightest>(planes, op);
    if (!darkest_first && both) change<Darkest>(planes, op);
  });
}
}  // namespace morphology

}  // namespace

void add_morphology(OpTable& t) {
  t.add(op<morphology::Op, morphology::lower>(
      {.name = "morphology",
       .summary = "Thicken or thin what is bright: erode, dilate, open, close",
       .detail =
           "Each channel by itself takes the least or the greatest value under the element, a square or an ellipse "
           "whose row dy reaches round(√(radius² − dy²)) px to each side; outside the picture there is nothing. "
           "Alpha stays, and fully transparent pixels take no part.",
       .family = "blur",
       .example = "morphology: {operation: close, radius: 2}",
       .node = NodeKind::opaque,
       .fields = morphology::fields}));
}

}  // namespace leaven::ops
