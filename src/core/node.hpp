// Node kinds: all that the planner knows of an op. An op's lower() says WHAT should happen with one or more of these;
// it never loops over pixels. Pixel values are in [0, 1] whatever the dtype (a byte v is v/255).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "core/columns.hpp"
#include "core/geometry.hpp"
#include "core/key.hpp"
#include "core/raster.hpp"
#include "core/series.hpp"

namespace leaven {

enum class NodeKind : std::uint8_t {
  geometry, displacement, table, color_matrix, color_function, positional, stencil, reduce, opaque, mix, columns,
  time_map, series_values, series_whole
};
std::string_view name_of(NodeKind kind);

/// What stands outside a canvas. reflect does not repeat the edge pixel (d c b | a b c d | c b a), symmetric does.
enum class BorderKind : std::uint8_t { constant, edge, reflect, symmetric, wrap };
inline constexpr std::array<std::string_view, 5> kBorderNames{"constant", "edge", "reflect", "symmetric", "wrap"};
struct Border {
  BorderKind kind{BorderKind::constant};
  std::array<float, 4> fill{0, 0, 0, 0};  ///< per channel in [0, 1]; one op's fill serves 1, 3 and 4 channels
  friend bool operator==(const Border&, const Border&) = default;
};

/// area: box filter, the exact mean of the covered pixels. The others are widened where the run shrinks (antialias).
enum class Filter : std::uint8_t { nearest, bilinear, bicubic, lanczos, area };
inline constexpr std::array<std::string_view, 5> kFilterNames{"nearest", "bilinear", "bicubic", "lanczos", "area"};

/// Output point → input point by a projective map.
struct Geometry {
  Matrix3 to_input{};
  Size canvas{};   ///< size of the output
  Border border{}; ///< answers for points that fall outside the INPUT of this step
  Filter filter{Filter::bilinear};
  bool antialias{true};
};

/// Output point → input point by a smooth displacement: cubic B-spline over a grid of control vectors whose first
/// node lies at (−spacing, −spacing); columns × rows nodes, (dx, dy) in px, row by row. Output size = input size.
struct DisplacementGrid {
  double spacing_x{1}, spacing_y{1};
  int columns{}, rows{};
  std::vector<float> vectors{};  ///< 2 · columns · rows
  double reach{};                ///< largest |dx| or |dy| that can come out, px
};
struct Displacement {
  std::shared_ptr<const DisplacementGrid> grid{};
  Border border{};
  Filter filter{Filter::bilinear};
};

/// A function of one channel's value. All forms are evaluated in double by the reference.
struct Curve {
  enum class Form : std::uint8_t {
    affine,     ///< a·x + b
    power,      ///< x^a
    solarize,   ///< x ≥ a ? 1 − x : x
    quantize,   ///< keep the a (1…8) highest bits of the 8-bit level (of the top byte of the 16-bit level for u16, f32)
    levels,     ///< levels[round(x·(n−1))], n = levels->size()
  };
  Form form{Form::affine};
  double a{1}, b{0};
  std::shared_ptr<const std::vector<float>> table{};
};

/// Per-channel functions, on colour channels only.
struct Table {
  std::array<Curve, 4> curves{};  ///< by channel; all four are filled
  bool whole_levels{};            ///< input must be whole levels: starts a new run
  bool unbounded{};               ///< result is not clamped and is float32 (normalize)
  /// The same curve on every channel.
  static Table all(Curve curve) { return {{curve, curve, curve, curve}, false, false}; }
};

/// RGB' = M · (R, G, B, 1), row-major 3×4. On one-channel images the op must lower to a Table instead.
struct ColorMatrix {
  std::array<float, 12> m{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
};

/// RGB → RGB that is no matrix.
struct ColorFunction {
  enum class Form : std::uint8_t {
    hue_shift,  ///< turn the HSV hue by a (in turns, periodic); greys stay
  };
  Form form{Form::hue_shift};
  double a{};
};

/// Pointwise, but knows where it is and has a key.
struct GaussianNoise {
  double mean{}, sigma{};  ///< in [0, 1] units
  bool per_channel{true};  ///< false: one draw a pixel serves all channels
  Key key{};
  int first_channel{};     ///< draws are those of the channels from this one on (see ChannelGroup)
};
struct SaltPepper {
  double amount{};  ///< share of pixels replaced
  double salt{0.5}; ///< share of those that become white
  Key key{};
};
struct Holes {
  std::vector<Region> regions{};  ///< in output pixels; may reach over the edge
  std::array<float, 4> fill{};
};
struct Positional {
  std::variant<GaussianNoise, SaltPepper, Holes> what{};
};

/// Weighted sum of neighbours, borders reflected without repeating the edge.
struct Separable {
  std::vector<float> taps_x{}, taps_y{};  ///< odd counts, sums 1; alpha is filtered with the colour, premultiplied
};
/// x + amount·(x − blurred) with a 3×3 kernel as blur: sharpen; the outermost pixels stay as they are.
struct Kernel3 {
  std::array<float, 9> taps{0, 0, 0, 0, 1, 0, 0, 0, 0};
  bool keep_edge{};  ///< outermost ring unchanged (Pillow's convention)
};
struct Stencil {
  std::variant<Separable, Kernel3> what{};
};

/// What a Reduce may ask of the pixels before it: per-channel histograms of whole levels and the mean grey.
struct Statistics {
  std::array<std::vector<std::uint64_t>, 4> histogram{};  ///< 256 bins (u8), 65,536 (u16, and f32 over [0, 1])
  double mean_grey{};  ///< mean of 0.299 R + 0.587 G + 0.114 B; of all colour channels where they are not 3
};
/// Statistics of the whole image, then a pointwise tail computed from them.
struct Reduce {
  bool histogram{}, mean_grey{};  ///< what is needed
  std::function<Table(const Statistics&, const RasterShape&)> tail{};
};

/// Whole image in, whole image out, by a pure function: a barrier. Shape unchanged. Refuses labelled data unless
/// keeps_geometry.
struct Opaque {
  std::function<Raster(const RasterView&)> apply{};
  bool keeps_geometry{true};
  std::vector<Region> hides{};  ///< what it covers, as Holes do: labels there count as hidden
  /// Instead of apply, of an op that takes other samples and only looks at them: their pictures, as Mix has them.
  std::function<Raster(const RasterView&, std::span<const RasterView> partners)> apply_beside{};
  std::vector<std::shared_ptr<const Raster>> partners{};

  /// By whichever of the two functions it has; a partner that nobody gave is the picture itself.
  Raster made_of(const RasterView& image) const;
};

struct MixLayer;
/// Pictures laid over each other on a canvas: the one that comes in, and those of other samples (partners).
struct Mix {
  Size canvas{};
  std::array<float, 4> fill{};  ///< where no layer lies
  std::shared_ptr<const std::vector<MixLayer>> layers{};  ///< from the bottom up
  /// The partners' pictures, of the same kind of pixels as the one that comes in; for a partner that nobody gave, that one
  /// stands in. Filled in by whoever has pixels.
  std::vector<std::shared_ptr<const Raster>> partners{};
};

using Node = std::variant<Geometry, Displacement, Table, ColorMatrix, ColorFunction, Positional, Stencil, Reduce, Opaque,
                          Mix, ColumnFunction, TimeMap, SeriesValues, SeriesWhole>;
using Nodes = std::vector<Node>;

/// One picture of a Mix. Where it lies it shows all of itself, so that its share follows from place, mask and opacity.
struct MixLayer {
  int picture{};  ///< 0: the one that comes in; 1, 2, …: partners
  Nodes nodes{};  ///< what is done to it first; the last size is the layer's
  int x{}, y{};   ///< where its top left corner comes to lie, px; what reaches over the canvas is cut off
  double opacity{1};
  std::shared_ptr<const Raster> mask{};  ///< u8, one channel, of the layer's size: 255 shows, 0 does not; null: all shows
  bool marks{true};                      ///< what is marked on the picture goes along
  std::uint32_t channels{~0U};           ///< bit c: channel c is laid; of the others the picture below stays
  /// Only these go along: places in the list of the sample as it was read. Nothing: all.
  std::optional<std::vector<std::uint32_t>> instances{};
};

NodeKind kind_of(const Node& node);

/// Shape after `node` on an image of shape `in`.
RasterShape shape_after(const Node& node, const RasterShape& in);
/// Shape of a layer of `mix`, on which an image of shape `in` comes in.
RasterShape shape_of(const MixLayer& layer, const Mix& mix, const RasterShape& in);

}  // namespace leaven
