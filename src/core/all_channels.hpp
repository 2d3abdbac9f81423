// Ops that need all channels of a picture at once, however many it has.
#pragma once

#include <functional>

#include "core/node.hpp"

namespace leaven {

/// What an Opaque's apply holds where, of a picture of more than four channels, it takes the whole one and not a group of its
/// channels (see ChannelGroup).
struct AllChannels {
  std::function<Raster(const RasterView&)> of{};
  Raster operator()(const RasterView& picture) const { return of(picture); }
};

inline bool takes_all_channels(const Node& node) {
  const auto* opaque = std::get_if<Opaque>(&node);
  return opaque && opaque->apply.target<AllChannels>();
}

}  // namespace leaven
