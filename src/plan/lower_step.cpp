#include "plan/lower_step.hpp"

#include "core/all_channels.hpp"
#include "core/error.hpp"

namespace leaven::plan {

namespace {

void require_channels_apart(const OpInfo& op, const RasterShape& image) {
  if (image.channels <= kGroupChannels || !op.joins_channels) return;
  throw usage_error("works on the channels of a picture together, on 1 to 4 of them, got " + describe(image)).with_op(op.name);
}

/// Layers are laid by groups of channels, so that no step of theirs can have all.
void require_no_joined(const OpInfo& op, std::span<const LoweredStep> inside, const RasterShape& image) {
  if (image.channels <= kGroupChannels) return;
  for (const LoweredStep& step : inside)
    for (const Node& node : step.nodes)
      if (takes_all_channels(node))
        throw usage_error("a step inside needs all channels at once, which inside others is for 1 to 4 of them, got " + describe(image)).with_op(op.name);
}

class StepLowering {
 public:
  StepLowering(const OpValue& op, const Site& site, std::span<const std::vector<LoweredStep>> inside, const PartnerPictures& partners)
      : op_(op), site_(site), inside_(inside), partners_(partners) {}

  Nodes of_group(std::size_t group, int first) {
    const bool whole = site_.image.channels <= kGroupChannels;
    std::vector<Nodes> within;
    for (const std::vector<LoweredStep>& steps : inside_) {
      Nodes& nodes = within.emplace_back();
      for (const LoweredStep& step : steps) nodes.insert(nodes.end(), step.of_group(group).begin(), step.of_group(group).end());
    }
    Site site = site_;
    site.inside = within;
    site.image = group_shape(site_.image);
    if (!whole) site.group = {first, site_.image.channels};
    Nodes nodes = op_.lower(site);
    for (Node& node : nodes) {
      if (auto* mix = std::get_if<Mix>(&node)) mix->partners = pictures(first);
      if (auto* opaque = std::get_if<Opaque>(&node); opaque && opaque->apply_beside) opaque->partners = pictures(first);
    }
    return nodes;
  }

 private:
  std::vector<std::shared_ptr<const Raster>> pictures(int first) {
    if (!asked_) pictures_ = partners_();
    asked_ = true;
    if (site_.image.channels <= kGroupChannels) return pictures_;
    std::vector<std::shared_ptr<const Raster>> taken;
    for (const auto& picture : pictures_) taken.push_back(std::make_shared<const Raster>(taken_group(picture->view(), first)));
    return taken;
  }

  const OpValue& op_;
  const Site& site_;
  std::span<const std::vector<LoweredStep>> inside_;
  const PartnerPictures& partners_;
  std::vector<std::shared_ptr<const Raster>> pictures_{};
  bool asked_{};
};

}  // namespace

LoweredStep lower_step(const std::string& path, const OpValue& op, const Site& site, std::span<const std::vector<LoweredStep>> inside,
                       const PartnerPictures& partners) {
  require_channels_apart(op.info(), site.image);
  for (const std::vector<LoweredStep>& steps : inside) require_no_joined(op.info(), steps, site.image);
  StepLowering lowering(op, site, inside, partners);
  const std::vector<int> first = first_channels(site.image.channels);
  LoweredStep step{path, lowering.of_group(0, first.front())};
  for (std::size_t group = 1; group < first.size(); ++group) step.further.push_back(lowering.of_group(group, first[group]));
  return step;
}

}  // namespace leaven::plan
