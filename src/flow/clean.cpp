#include "flow/clean.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <tuple>

#include "core/error.hpp"
#include "core/key.hpp"
#include "flow/perceptual.hpp"
#include "flow/placed_message.hpp"
#include "flow/sample_task.hpp"
#include "flow/series_task.hpp"
#include "io/file.hpp"

namespace leaven::flow {

namespace {

bool counts_exactly(const recipe::Recipe& recipe) {
  return recipe.augment.total.has_value() || recipe.augment.per_class.has_value();
}

bool joins_files_in_arrays(const io::DatasetReader& reader, const recipe::Recipe& recipe) {
  return recipe.sink.layout == "npz" && !reader.stores_pixels() && !reader.index().series;
}

/// What one look at a sample gave.
struct Look {
  Key digest{};
  RasterShape shape{};
  std::optional<std::uint64_t> hash{};
  std::string kind{}, reason{};  ///< empty: nothing against it
};

class Scan {
 public:
  Scan(const io::DatasetReader& reader, const recipe::Recipe& recipe, CleanResult& result)
      : reader_(reader),
        recipe_(recipe),
        entries_(reader.index().entries),
        result_(result),
        joins_(joins_files_in_arrays(reader, recipe)) {
    if (recipe.clean.duplicates) digests_.resize(entries_.size());
    if (recipe.clean.perceptual) hashes_.resize(entries_.size());
  }

  void run(Pool& pool, const std::function<void(std::uint64_t)>& watch, const std::function<bool()>& keep_going) {
    const std::size_t done = pool.run_ordered(
        entries_.size(), [&](std::size_t e) -> std::shared_ptr<void> { return std::make_shared<Look>(look(e)); },
        [&](std::size_t e, const std::shared_ptr<void>& result) {
          take(e, std::move(*std::static_pointer_cast<Look>(result)));
          watch(e + 1);
        },
        keep_going);
    if (done < entries_.size()) throw Error(Fault::interrupted, "interrupted before anything was written");
    if (recipe_.clean.duplicates) find_equal_bytes();
    if (recipe_.clean.perceptual) find_alike();
  }

 private:
  Look look(std::size_t e) const {
    Look look;
    try {
      if (reader_.index().series) {
        look.digest = key_from_hex(load_series(reader_, entries_[e]).digest);
        return look;
      }
      const LoadedSource source = load_source(reader_, entries_[e]);
      look.digest = key_from_hex(source.digest);
      const RasterShape& shape = look.shape = source.shape();
      const recipe::Clean& c = recipe_.clean;
      if (shape.width < c.min_width || shape.height < c.min_height) {
        look.kind = kTooSmall;
        look.reason = fmt::format("{}×{} px, the recipe asks for at least {}×{}", shape.width, shape.height,
                                  std::max(c.min_width, 1), std::max(c.min_height, 1));
      } else if (counts_exactly(recipe_) || c.perceptual) {
        const Raster pixels = decode_whole(source);
        if (c.perceptual) look.hash = difference_hash(pixels.view());
      }
    } catch (const Error& error) {
      if (error.fault() != Fault::data) throw;
      look.kind = kBroken;
      look.reason = placed_message(error);
    }
    return look;
  }

  void take(std::size_t e, Look look) {
    if (!look.kind.empty()) {
      if (recipe_.stop_on_error && look.kind == kBroken)
        throw data_error(look.reason).with_sample(io::printable(entries_[e].id));
      return set_aside(e, look.kind, look.reason);
    }
    if (joins_) {
      colour_ = std::max(colour_, look.shape.colour_channels());
      alpha_ |= look.shape.alpha;
      result_.channels = colour_ > 3 ? 0 : alpha_ ? 4 : colour_;
    }
    if (!digests_.empty()) digests_[e] = look.digest;
    if (!hashes_.empty()) hashes_[e] = look.hash;
  }

  void set_aside(std::size_t e, const std::string& kind, const std::string& reason) {
    result_.aside[e] = true;
    result_.lines.push_back({io::printable(entries_[e].id), reason, kind, ""});
  }

  /// "cat/a.jpg", and the label where the two disagree: then one of the labels is wrong.
  std::string other(std::size_t kept, std::size_t e) const {
    std::string text = io::printable(entries_[kept].id);
    if (entries_[kept].label != entries_[e].label)
      text += ", which is labelled " + reader_.index().labels[entries_[kept].label];
    return text;
  }

  std::vector<std::uint32_t> usable() const {
    std::vector<std::uint32_t> list;
    for (std::uint32_t e = 0; e < entries_.size(); ++e)
      if (!result_.aside[e]) list.push_back(e);
    return list;
  }

  /// Of a split of its own that does not grow: such a sample is copied whatever it equals, and it is the one of train that goes.
  bool stays(std::uint32_t e) const { return entries_[e].split != io::Split::none && entries_[e].split != io::Split::train; }

  void find_equal_bytes() {
    std::vector<std::uint32_t> order = usable();
    std::ranges::sort(order, {}, [&](std::uint32_t e) { return std::tuple(digests_[e].low, digests_[e].high, !stays(e), e); });
    for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
      if (digests_[order[i]] == digests_[order[first]] && stays(order[i]))
        continue;
      else if (digests_[order[i]] == digests_[order[first]])
        set_aside(order[i], kDuplicate, "byte for byte the same as " + other(order[first], order[i]));
      else
        first = i;
    }
  }

  void find_alike() {
    HammingIndex known(*recipe_.clean.perceptual);
    std::vector<std::uint32_t> order = usable();
    std::ranges::stable_partition(order, [&](std::uint32_t e) { return stays(e); });
    for (const std::uint32_t e : order) {
      if (!hashes_[e]) continue;
      if (const auto found = known.nearest(*hashes_[e]); found && !stays(e))
        set_aside(e, kPerceptualDuplicate,
                  fmt::format("looks like {} (distance {})", other(found->item, e), found->distance));
      else
        known.add(*hashes_[e], e);
    }
  }

  const io::DatasetReader& reader_;
  const recipe::Recipe& recipe_;
  const std::vector<io::Entry>& entries_;
  CleanResult& result_;
  std::vector<Key> digests_;
  std::vector<std::optional<std::uint64_t>> hashes_;
  bool joins_;
  int colour_{};  ///< channels of the picture that has most, alpha apart
  bool alpha_{};  ///< one has it
};

}  // namespace

bool must_scan(const recipe::Recipe& recipe) {
  const recipe::Clean& c = recipe.clean;
  return c.min_width > 1 || c.min_height > 1 || c.duplicates || c.perceptual || counts_exactly(recipe);
}

CleanResult clean(const io::DatasetReader& reader, const recipe::Recipe& recipe, Pool& pool,
                  const std::function<void(std::uint64_t)>& watch, const std::function<bool()>& keep_going) {
  CleanResult result;
  const io::DatasetIndex& index = reader.index();
  if (index.series && (recipe.clean.perceptual || recipe.clean.min_width > 1 || recipe.clean.min_height > 1))
    throw usage_error("clean: perceptual, min_width and min_height look at pictures, and these are time series").with_hint("duplicates works on any dataset");
  result.aside.resize(index.entries.size());
  for (const io::NotASample& broken : index.broken) {
    if (recipe.stop_on_error) throw data_error(broken.reason).with_sample(broken.path);
    result.lines.push_back({broken.path, broken.reason, kBroken, ""});
  }
  if (must_scan(recipe) || joins_files_in_arrays(reader, recipe))
    Scan(reader, recipe, result).run(pool, watch, keep_going);
  std::ranges::stable_sort(result.lines, {}, &SetAside::id);
  return result;
}

}  // namespace leaven::flow
