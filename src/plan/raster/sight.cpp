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

}  // namespace

void Sight::add_window(const Outline& window) { add_edges(window, kFirstWindow + window_count_++, windows_); }

void Sight::add_cover(const Outline& cover) {
  const auto bounds = bounds_of(cover);
  if (!bounds) return;
  covers_.push_back({{}, *bounds});
  add_edges(cover, kCovers, covers_.back().edges);
}

std::vector<Edge> Sight::edges_near(const Box& bounds) const {
  std::vector<Edge> edges = windows_;
  for (const Cover& cover : covers_)
    if (meet(cover.bounds, bounds)) edges.insert(edges.end(), cover.edges.begin(), cover.edges.end());
  return edges;
}

double Sight::area(std::span<const Outline> things) const {
  std::vector<Edge> edges = edges_near(bounds_of_all(things));
  for (const Outline& thing : things) add_edges(thing, kThings, edges);
  return seen_area(std::move(edges), window_count_);
}

double Sight::length(std::span<const Outline> lines) const {
  const std::vector<Edge> edges = edges_near(bounds_of_all(lines));
  double length = 0;
  for (const Outline& line : lines)
    for (std::size_t i = 0; i + 1 < line.size(); ++i) {
      const Point a = line[i], b = line[i + 1];
      const auto at = [&](double share) { return Point{a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share}; };
      const std::vector<double> shares = crossings(a, b, edges);
      for (std::size_t k = 0; k + 1 < shares.size(); ++k)
        if (is_seen(at((shares[k] + shares[k + 1]) / 2), edges, window_count_))
          length += (shares[k + 1] - shares[k]) * std::hypot(b.x - a.x, b.y - a.y);
    }
  return length;
}

bool Sight::hides(Point p) const {
  const Box pixel{p.x - 0.5, p.y - 0.5, p.x + 0.5, p.y + 0.5};
  if (std::ranges::none_of(covers_, [&](const Cover& cover) { return meet(cover.bounds, pixel); })) return false;
  const Outline outline{{pixel.left, pixel.top}, {pixel.right, pixel.top}, {pixel.right, pixel.bottom}, {pixel.left, pixel.bottom}};
  Sight covers;
  covers.covers_ = covers_;
  return covers.area(std::span(&outline, 1)) < 0.5;
}

}  // namespace leaven::plan
