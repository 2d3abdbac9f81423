#include "plan/raster/sight.hpp"

#include <algorithm>
#include <cmath>

namespace leaven::plan {

namespace {

using Edge = Sight::Edge;
constexpr std::size_t kThings = 0, kCovers = 1, kFirstWindow = 2;

/// Every outline turns the same way, so that what several cover counts as covered.
void add_edges(const Outline& outline, std::size_t whose, std::vector<Edge>& edges) {
  const int way = signed_area(outline) < 0 ? -1 : 1;
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Point &a = outline[i], &b = outline[(i + 1) % outline.size()];
    if (a.y < b.y) edges.push_back({a, b, whose, way});
    else edges.push_back({b, a, whose, b.y < a.y ? -way : 0});
  }
}

double x_at(const Edge& e, double y) {
  return e.from.x == e.to.x ? e.from.x : e.from.x + (e.to.x - e.from.x) * ((y - e.from.y) / (e.to.y - e.from.y));
}

/// Whether a place is seen, as one edge after the other is crossed.
class Winding {
 public:
  explicit Winding(std::size_t windows) : counts_(kFirstWindow + windows) {}

  void cross(const Edge& e) {
    int& count = counts_[e.whose];
    const bool before = count != 0;
    count += e.turn;
    if (e.whose >= kFirstWindow) inside_ += static_cast<std::size_t>(count != 0) - static_cast<std::size_t>(before);
  }
  bool seen() const { return counts_[kCovers] == 0 && inside_ + kFirstWindow == counts_.size(); }
  bool seen_thing() const { return counts_[kThings] != 0 && seen(); }

 private:
  std::vector<int> counts_;
  std::size_t inside_{};
};

/// Heights at which edges (from the top down) begin, end or cross each other: between two of them everything is trapezoids.
std::vector<double> heights(const std::vector<Edge>& edges) {
  std::vector<double> ys;
  for (std::size_t i = 0; i < edges.size(); ++i) {
    const Edge& a = edges[i];
    ys.insert(ys.end(), {a.from.y, a.to.y});
    for (std::size_t k = i + 1; k < edges.size() && edges[k].from.y < a.to.y; ++k) {
      const Edge& b = edges[k];
      const double top = b.from.y, bottom = std::min(a.to.y, b.to.y);
      const double above = x_at(a, top) - x_at(b, top), below = x_at(a, bottom) - x_at(b, bottom);
      if ((above < 0 && below > 0) || (above > 0 && below < 0)) ys.push_back(top + (bottom - top) * (above / (above - below)));
    }
  }
  std::ranges::sort(ys);
  ys.erase(std::unique(ys.begin(), ys.end()), ys.end());
  return ys;
}

/// A sweep from the top down, band by band.
double seen_area(std::vector<Edge> edges, std::size_t windows) {
  std::erase_if(edges, [](const Edge& e) { return e.turn == 0; });
  std::ranges::sort(edges, {}, [](const Edge& e) { return e.from.y; });
  const std::vector<double> ys = heights(edges);
  std::vector<std::pair<double, const Edge*>> here;
  double area = 0;
  std::size_t next = 0;
  for (std::size_t k = 0; k + 1 < ys.size(); ++k) {
    std::erase_if(here, [&](const auto& at) { return at.second->to.y <= ys[k]; });
    for (; next < edges.size() && edges[next].from.y <= ys[k]; ++next) here.emplace_back(0, &edges[next]);
    const double middle = ys[k] + (ys[k + 1] - ys[k]) / 2;
    for (auto& [x, edge] : here) x = x_at(*edge, middle);
    std::ranges::sort(here, {}, [](const auto& at) { return at.first; });
    Winding winding(windows);
    double width = 0;
    for (std::size_t i = 0; i + 1 < here.size(); ++i) {
      winding.cross(*here[i].second);
      if (winding.seen_thing()) width += here[i + 1].first - here[i].first;
    }
    area += width * (ys[k + 1] - ys[k]);
  }
  return area;
}

bool is_seen(Point p, const std::vector<Edge>& edges, std::size_t windows) {
  Winding winding(windows);
  for (const Edge& e : edges)
    if (e.from.y <= p.y && p.y < e.to.y && x_at(e, p.y) < p.x) winding.cross(e);
  return winding.seen();
}

/// Of p and the line through a and b: negative on one side, positive on the other.
double side_of(Point a, Point b, Point p) { return (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x); }

/// Shares of the way from a to b at which it crosses edges.
std::vector<double> crossings(Point a, Point b, const std::vector<Edge>& edges) {
  std::vector<double> shares{0, 1};
  for (const Edge& e : edges) {
    const double at_a = side_of(e.from, e.to, a), at_b = side_of(e.from, e.to, b);
    if ((at_a < 0) != (at_b < 0) && (side_of(a, b, e.from) < 0) != (side_of(a, b, e.to) < 0)) shares.push_back(at_a / (at_a - at_b));
  }
  std::ranges::sort(shares);
  return shares;
}

Box bounds_of_all(std::span<const Outline> outlines) {
  Outline all;
  for (const Outline& outline : outlines) all.insert(all.end(), outline.begin(), outline.end());
  return bounds_of(all).value_or(Box{});
}

bool meet(const Box& a, const Box& b) { return a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom; }

/// Whether any of the edge may lie in the box: false alone is certain.
bool touches(const Edge& e, const Box& box) {
  if (!meet({std::min(e.from.x, e.to.x), e.from.y, std::max(e.from.x, e.to.x), e.to.y}, box)) return false;
  const double sides[] = {side_of(e.from, e.to, {box.left, box.top}), side_of(e.from, e.to, {box.right, box.top}),
                          side_of(e.from, e.to, {box.right, box.bottom}), side_of(e.from, e.to, {box.left, box.bottom})};
  return std::ranges::any_of(sides, [](double s) { return s <= 0; }) && std::ranges::any_of(sides, [](double s) { return s >= 0; });
}

/// Triangles, and four corners that all turn the same way.
bool is_convex(const Outline& outline) {
  const std::size_t n = outline.size();
  if (n != 3 && n != 4) return false;
  int left = 0, right = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double side = side_of(outline[i], outline[(i + 1) % n], outline[(i + 2) % n]);
    left += side > 0, right += side < 0;
  }
  return left == 0 || right == 0;
}

}  // namespace

void Sight::add_window(const Outline& window) {
  windows_.emplace_back();
  add_edges(window, kFirstWindow, windows_.back());
}

void Sight::add_cover(const Outline& cover) {
  const auto bounds = bounds_of(cover);
  if (!bounds) return;
  covers_.push_back({{}, *bounds});
  add_edges(cover, kCovers, covers_.back().edges);
}

void Sight::add_covers(const Box& bounds, std::vector<Edge>& edges) const {
  for (const Cover& cover : covers_)
    if (meet(cover.bounds, bounds)) edges.insert(edges.end(), cover.edges.begin(), cover.edges.end());
}

Sight::Near Sight::near(const Box& bounds) const {
  Near near;
  for (const std::vector<Edge>& window : windows_) {
    if (std::ranges::any_of(window, [&](const Edge& e) { return touches(e, bounds); })) {
      for (Edge edge : window) {
        edge.whose = kFirstWindow + near.windows;
        near.edges.push_back(edge);
      }
      ++near.windows;
    } else if (!is_seen({(bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2}, window, 1)) {
      near.outside = true;
      return near;
    }
  }
  add_covers(bounds, near.edges);
  return near;
}

double Sight::area(std::span<const Outline> things) const {
  Near near = this->near(bounds_of_all(things));
  if (near.outside) return 0;
  if (near.edges.empty() && things.size() == 1 && is_convex(things[0])) return std::abs(signed_area(things[0]));
  for (const Outline& thing : things) add_edges(thing, kThings, near.edges);
  return seen_area(std::move(near.edges), near.windows);
}

bool Sight::shows_all(std::span<const Outline> things) const {
  const Near near = this->near(bounds_of_all(things));
  return !near.outside && near.edges.empty();
}

double Sight::length(std::span<const Outline> lines) const {
  const auto [edges, windows, outside] = near(bounds_of_all(lines));
  double length = 0;
  if (outside) return length;
  for (const Outline& line : lines)
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      const Point a = line[i], b = line[i + 1];
      const auto at = [&](double share) { return Point{a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share}; };
      const std::vector<double> shares = crossings(a, b, edges);
      for (std::size_t k = 0; k + 1 < shares.size(); ++k)
        if (is_seen(at((shares[k] + shares[k + 1]) / 2), edges, windows))
          length += (shares[k + 1] - shares[k]) * std::hypot(b.x - a.x, b.y - a.y);
    }
  return length;
}

bool Sight::hides(Point p) const {
  const Box pixel{p.x - 0.5, p.y - 0.5, p.x + 0.5, p.y + 0.5};
  std::vector<Edge> edges;
  add_covers(pixel, edges);
  if (edges.empty()) return false;
  add_edges({{pixel.left, pixel.top}, {pixel.right, pixel.top}, {pixel.right, pixel.bottom}, {pixel.left, pixel.bottom}}, kThings, edges);
  return seen_area(std::move(edges), 0) < 0.5;
}

}  // namespace leaven::plan
