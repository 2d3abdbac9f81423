#include "plan/mixed_labels.hpp"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "plan/raster/mixing.hpp"

namespace leaven::plan {

namespace {

constexpr RasterShape kMaskKind{1, 1, 1, Dtype::u8};  // of one instance
constexpr RasterShape kShareKind{1, 1, 1, Dtype::u16};
constexpr std::uint16_t kAll = 65535;

bool mixes(const DrawnProgram& drawn) {
  for (const LoweredStep& step : drawn.lowered)
    for (const Node& node : step.nodes)
      if (std::holds_alternative<Mix>(node)) return true;
  return false;
}

class Joiner {
 public:
  Joiner(const DrawnProgram& drawn, const RasterShape& source, std::span<const Category> categories, const AnnotationRules& rules)
      : drawn_(drawn), source_(source), categories_(categories), rules_(rules) {}

  MappedAnnotations join(const Annotations& annotations) const {
    MappedAnnotations joined = map(strands_of(drawn_.lowered, source_), source_, annotations.instances);
    joined.annotations.extra = annotations.extra;
    each_node(0, source_, [&](std::size_t s, const Node& node, const RasterShape& in) {
      const auto* mix = std::get_if<Mix>(&node);
      for (std::size_t l = 0; mix && l < mix->layers->size(); ++l) add_layer(s, *mix, l, in, joined.annotations);
    });
    for (const MaskField& mask : annotations.masks) joined.annotations.masks.push_back({mask.name, mixed_mask(mask)});
    return joined;
  }

 private:
  template <class Visit>
  void each_node(std::size_t first, RasterShape shape, const Visit& visit) const {
    for (std::size_t s = first; s < drawn_.lowered.size(); ++s)
      for (const Node& node : drawn_.lowered[s].nodes) {
        visit(s, node, shape);
        shape = shape_after(node, shape);
      }
  }

  MappedAnnotations map(const std::vector<Strand>& strands, const RasterShape& source, std::vector<Instance> instances) const {
    Annotations only;
    only.instances = std::move(instances);
    return map_annotations(strands, source, only, categories_, rules_);
  }

  const MixedIn* partner_of(std::size_t step, int picture) const {
    const std::vector<MixedIn>& in = drawn_.mixed_in[step];
    return picture > 0 && static_cast<std::size_t>(picture) <= in.size() ? &in[static_cast<std::size_t>(picture) - 1] : nullptr;
  }

  /// What the program does after `mix` in step s.
  std::vector<LoweredStep> behind(std::size_t s, const Mix& mix) const {
    const auto is_it = [&](const Node& node) {
      const auto* found = std::get_if<Mix>(&node);
      return found && found->layers == mix.layers;
    };
    const LoweredStep& step = drawn_.lowered[s];
    const auto at = std::ranges::find_if(step.nodes, is_it);
    std::vector<LoweredStep> rest{{step.path, Nodes(at + 1, step.nodes.end())}};
    rest.insert(rest.end(), drawn_.lowered.begin() + static_cast<std::ptrdiff_t>(s) + 1, drawn_.lowered.end());
    return rest;
  }

  void add_layer(std::size_t s, const Mix& mix, std::size_t l, const RasterShape& in, Annotations& joined) const {
    const MixLayer& layer = (*mix.layers)[l];
    const MixedIn* partner = partner_of(s, layer.picture);
    if (!partner || !layer.marks || !partner->partner.annotations) return;
    const std::vector<Instance>& all = partner->partner.annotations->instances;
    std::vector<Instance> chosen;
    if (!layer.instances) chosen = all;
    else
      for (const std::uint32_t i : *layer.instances) chosen.push_back(all.at(i));
    std::vector<Strand> strands = strands_of(partner->lowered, partner->partner.shape);
    for (Strand& strand : strands)
      strand.add(drawn_.lowered[s].path, strand_of(mix, l, in), {mask_strand_of(mix, l, in, kMaskKind)});
    strands = strands_of(behind(s, mix), shape_after(mix, in), std::move(strands));
    for (Instance& instance : map(strands, partner->partner.shape, std::move(chosen)).annotations.instances)
      joined.instances.push_back(std::move(instance));
  }

  std::shared_ptr<const Raster> mask_of(const MixedIn& in, const MaskField& own) const {
    for (const MaskField& mask : in.partner.annotations->masks) {
      if (mask.name != own.name) continue;
      if (conformed(mask.pixels.shape(), own.pixels.shape()) != mask.pixels.shape())
        throw usage_error("masks of different kinds cannot be mixed: " + describe(own.pixels.shape()) + " and " +
                          describe(mask.pixels.shape()));
      const std::vector<LoweredStep> steps = steps_of_masks(in.lowered);
      return std::make_shared<const Raster>(run_fast(plan_raster(steps, mask.pixels.shape()), mask.pixels.view()));
    }
    return nullptr;
  }

  Mix mix_of_masks(std::size_t s, const Mix& mix, const RasterShape& in, const MaskField& own) const {
    Mix out{mix.canvas, {}, nullptr, {}};
    std::vector<MixLayer> layers;
    for (MixLayer layer : *mix.layers) {
      if (layer.opacity < 0.5 || !layer.marks) continue;
      layer.opacity = 1;
      const MixedIn* partner = partner_of(s, layer.picture);
      auto mask = partner && partner->partner.annotations ? mask_of(*partner, own) : nullptr;
      if (layer.picture > 0 && !mask) {  // nothing is known of it: 0
        auto nothing = std::make_shared<Raster>(conformed(shape_of(layer, mix, in), own.pixels.shape()));
        std::fill_n(nothing->data(), nothing->shape().bytes(), std::byte{});
        mask = std::move(nothing);
        layer.nodes.clear();
      }
      layer.nodes = nodes_of_masks(layer.nodes);
      if (layer.picture > 0) {
        out.partners.push_back(std::move(mask));
        layer.picture = static_cast<int>(out.partners.size());
      }
      layers.push_back(std::move(layer));
    }
    out.layers = std::make_shared<const std::vector<MixLayer>>(std::move(layers));
    return out;
  }

  Raster mixed_mask(const MaskField& own) const {
    std::vector<LoweredStep> steps;
    each_node(0, source_, [&](std::size_t s, const Node& node, const RasterShape& in) {
      const auto* mix = std::get_if<Mix>(&node);
      steps.push_back({drawn_.lowered[s].path, mix ? Nodes{mix_of_masks(s, *mix, in, own)} : nodes_of_masks({node})});
    });
    return run_fast(plan_raster(steps, own.pixels.shape()), own.pixels.view());
  }

  const DrawnProgram& drawn_;
  const RasterShape& source_;
  std::span<const Category> categories_;
  const AnnotationRules& rules_;
};

/// The same everywhere on the canvas.
bool is_even(const Mix& mix, const RasterShape& in) {
  return std::ranges::all_of(*mix.layers, [&](const MixLayer& layer) {
    return !layer.mask && layer.x == 0 && layer.y == 0 && shape_of(layer, mix, in).size() == mix.canvas;
  });
}

bool moves_or_hides(const Node& node) {
  if (std::holds_alternative<Geometry>(node) || std::holds_alternative<Displacement>(node)) return true;
  if (const auto* mix = std::get_if<Mix>(&node)) return own_layers(*mix).size() > 1;
  if (const auto* positional = std::get_if<Positional>(&node)) return std::holds_alternative<Holes>(positional->what);
  const auto* opaque = std::get_if<Opaque>(&node);
  return opaque && !opaque->hides.empty();
}

/// Where one picture shows, as values of a picture: 65535 where only it does.
class ShareProgram {
 public:
  ShareProgram(const DrawnProgram& drawn, std::size_t wanted) : drawn_(drawn), wanted_(wanted) {}

  double measure(std::size_t first, const RasterShape& source) {
    RasterShape shape = source;
    std::vector<LoweredStep> steps;
    for (std::size_t s = first; s < drawn_.lowered.size(); ++s) {
      LoweredStep step{drawn_.lowered[s].path, {}};
      for (const Node& node : drawn_.lowered[s].nodes) {
        for (Node& next : shown_by(node, shape, drawn_.mixed_in[s].size())) step.nodes.push_back(std::move(next));
        shape = shape_after(node, shape);
      }
      before_ += drawn_.mixed_in[s].size();
      steps.push_back(std::move(step));
    }
    const auto own = constant(source, 0);
    const Raster out = run_fast(plan_raster(steps, own->shape()), own->view());
    double sum = 0;
    for (int y = 0; y < out.shape().height; ++y)
      for (int x = 0; x < out.shape().width; ++x) sum += out.row<std::uint16_t>(y)[x];
    return sum;
  }

 private:
  std::shared_ptr<const Raster> constant(const RasterShape& size, std::size_t picture) const {
    auto made = std::make_shared<Raster>(conformed(size, kShareKind));
    for (int y = 0; y < size.height; ++y) std::fill_n(made->row<std::uint16_t>(y), size.width, picture == wanted_ ? kAll : std::uint16_t{0});
    return made;
  }

  static Nodes moved(const Nodes& nodes) {
    Nodes kept;
    for (Node node : nodes) {
      if (auto* geometry = std::get_if<Geometry>(&node)) geometry->border.fill = {};
      else if (auto* displacement = std::get_if<Displacement>(&node)) displacement->border.fill = {};
      else if (auto* positional = std::get_if<Positional>(&node); positional && std::holds_alternative<Holes>(positional->what))
        std::get<Holes>(positional->what).fill = {};
      else if (auto* opaque = std::get_if<Opaque>(&node); opaque && !opaque->hides.empty())
        node = Positional{Holes{opaque->hides, {}}};
      else continue;
      kept.push_back(std::move(node));
    }
    return kept;
  }

  Nodes shown_by(const Node& node, const RasterShape& in, std::size_t partners) const {
    const auto* mix = std::get_if<Mix>(&node);
    if (!mix) return moved({node});
    if (partners == 0 && own_layers(*mix).size() <= 1) return {};  // layers of the one picture in its place
    Mix shown{mix->canvas, {}, nullptr, {}};
    for (std::size_t p = 0; p < partners; ++p) {
      const RasterShape size = p < mix->partners.size() && mix->partners[p] ? mix->partners[p]->shape() : in;
      shown.partners.push_back(constant(size, before_ + p + 1));
    }
    std::vector<MixLayer> layers = *mix->layers;
    for (MixLayer& layer : layers) layer.nodes = moved(layer.nodes);
    shown.layers = std::make_shared<const std::vector<MixLayer>>(std::move(layers));
    return {std::move(shown)};
  }

  const DrawnProgram& drawn_;
  std::size_t wanted_;
  std::size_t before_{};  ///< partners of earlier steps
};

std::vector<double> measured_shares(const DrawnProgram& drawn, std::size_t first, const RasterShape& shape, std::size_t pictures) {
  std::vector<double> shares;
  for (std::size_t p = 0; p < pictures; ++p) shares.push_back(ShareProgram(drawn, p).measure(first, shape));
  const double all = std::accumulate(shares.begin(), shares.end(), 0.0);
  if (all <= 0) {
    shares.assign(pictures, 0);
    shares.front() = 1;
  } else {
    for (double& share : shares) share /= all;
  }
  return shares;
}

}  // namespace

MappedAnnotations map_annotations(const DrawnProgram& drawn, const RasterShape& source, const Annotations& annotations,
                                  std::span<const Category> categories, const AnnotationRules& rules) {
  if (!mixes(drawn)) return map_annotations(drawn.lowered, source, annotations, categories, rules);
  return Joiner(drawn, source, categories, rules).join(annotations);
}

std::vector<double> picture_shares(const DrawnProgram& drawn, const RasterShape& source) {
  std::size_t pictures = 1, first = drawn.lowered.size(), mixing = 0;
  RasterShape shape = source, before = source;
  const Mix* mix = nullptr;
  bool moves = false;
  for (std::size_t s = 0; s < drawn.lowered.size(); ++s) {
    pictures += drawn.mixed_in[s].size();
    for (const Node& node : drawn.lowered[s].nodes) {
      const auto* found = std::get_if<Mix>(&node);
      if (found && !drawn.mixed_in[s].empty() && ++mixing == 1) {
        mix = found;
        first = s;
        before = shape;
      }
      moves = moves || (mix && moves_or_hides(node));
      shape = shape_after(node, shape);
    }
  }
  if (!mix) {
    std::vector<double> own(pictures);
    own.front() = 1;
    return own;
  }
  const bool one = mixing == 1 && drawn.mixed_in[first].size() + 1 == pictures;
  if (one && (!moves || is_even(*mix, before))) return shares_of(*mix, before, pictures - 1);
  return measured_shares(drawn, first, before, pictures);
}

}  // namespace leaven::plan
