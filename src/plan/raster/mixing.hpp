// Mixing: how a partner's picture is made fit for a canvas, what its layers show, and who sees whom.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plan/raster/plan.hpp"
#include "plan/raster/planner.hpp"

namespace leaven::plan {

/// Shape `of` with the kind of pixels of `kind`: its channels, alpha, type and range.
RasterShape conformed(const RasterShape& of, const RasterShape& kind);
/// The same picture with that kind of pixels. Grey becomes equal colours, colours become grey by 0.299 R + 0.587 G +
/// 0.114 B, alpha that was not there is opaque, alpha that has no place is left out, levels keep their share of the full
/// scale. Of other numbers of channels the last is repeated, or what is too much left out.
Raster conformed(Raster image, const RasterShape& kind);

/// The canvas of a mix on `input`: blended in float after run_fast for each layer, or in double after run_reference.
Raster mixed_fast(const MixStage& stage, const RasterView& input, const RasterShape& out);
Raster mixed_reference(const MixStage& stage, const RasterView& input, const RasterShape& out);

/// How much of what the layers show is the picture that comes in, then each of `partners`: sum 1. On an image of shape
/// `in`.
std::vector<double> shares_of(const Mix& mix, const RasterShape& in, std::size_t partners);

/// A mix as one layer's picture sees it, for labels: onto the canvas, then hidden where later layers cover it whole
/// (opacity 1). A mask counts pixel by pixel, where it shows by half or more.
Nodes strand_of(const Mix& mix, std::size_t layer, const RasterShape& in);
/// The same for a mask of that picture: everything else is laid over it as zeros, pixel by pixel; a layer counts where it
/// shows by half or more.
Mix mask_strand_of(const Mix& mix, std::size_t layer, const RasterShape& in, const RasterShape& mask);
/// The layers by which the marks of the picture that comes in go along; none where it is not there.
std::vector<std::size_t> own_layers(const Mix& mix);
/// For labels, where it has at most one such layer: the nodes of its strand, or nodes that move all out of sight. Throws
/// Error(usage) where it has several.
Nodes own_strand(const Mix& mix, const RasterShape& in);

/// Steps of a chain as masks of the whole image go through them: nearest pixels, nothing but geometry, layers with marks
/// that show by half or more; the partners' pictures stay to be filled in.
Nodes nodes_of_masks(const Nodes& nodes);

/// Whether a node takes pixels to other places; of a mix, whether it shows the picture in several.
bool moves_pixels(const Node& node);

/// One way that the labels of a picture take through a chain: points and masks, step by step.
struct Strand {
  std::vector<LoweredStep> points{}, masks{};

  void add(const std::string& path, Nodes for_points, Nodes for_masks);
};
/// All its ways, each behind all of `ways`: a mix that shows the picture in several layers splits every way that comes to
/// it. Throws Error(usage) where they become too many.
std::vector<Strand> strands_of(std::span<const LoweredStep> steps, const RasterShape& source, std::vector<Strand> ways = {Strand{}});

}  // namespace leaven::plan
