// The op table: every op's single declaration, from which all surfaces are printed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/annotation.hpp"
#include "core/channel_group.hpp"
#include "core/field.hpp"
#include "core/node.hpp"
#include "core/opened_files.hpp"

namespace leaven {

enum class Domain : std::uint8_t { raster, columns, series };
std::string_view name_of(Domain domain);
/// What samples of the domain are called: "images", "tables", "series".
std::string_view samples_of(Domain domain);

enum class LabelRule : std::uint8_t {
  keeps,  ///< labels are as before (colour, noise)
  moves,  ///< positions move with the pixels; the engine maps them
  hides,  ///< parts are covered; visibility counts
  loses,  ///< positions cannot follow: only samples without any are taken
  splits, ///< what is cut apart becomes several: each piece is a thing of its own
  mixes,  ///< those of all pictures are joined; classes count as much as is seen of their pictures
};
std::string_view name_of(LabelRule rule);

enum class Reads : std::uint8_t { shapes, pixels, marks, cells };

/// Numbers of a fit, and words where it has some (the spellings of categories).
struct FittedValues : std::vector<double> {
  using std::vector<double>::vector;
  FittedValues(std::vector<double> numbers) : std::vector<double>(std::move(numbers)) {}
  std::vector<std::string> words{};
};
/// One pass over train in id order fills this; plain data, saved with its digest.
using Fitted = std::map<std::string, FittedValues>;

/// What an op may see of another sample whose picture it mixes in.
struct PartnerSite {
  RasterShape image{};  ///< after the steps that it went through; kind of pixels as in Site::image
  bool annotated{};     ///< the dataset marks things on pictures
  /// What is marked on it, each with its place in the list of the sample as it was read; what left the picture is not here.
  std::vector<std::pair<std::uint32_t, Instance>> marks{};
};

/// All that lower() and resolve() may see.
struct Site {
  RasterShape image{};                          ///< shape before this op (raster); for lower(), at most four channels of it
  ChannelGroup group{};                         ///< lower(): which; what differs from channel to channel goes by their numbers
  std::span<const PartnerSite> partners{};      ///< OpDoc::partners of them; none: the picture stands in for them
  const BlockShape* table{};                    ///< columns before this op (columns)
  const SeriesShape* series{};                  ///< shape before this op (series)
  Key key{};                                    ///< the op's own stream, for what is too large to list
  const Fitted* fitted{};                       ///< state of a fitted op, else null
  Size source{};                                ///< of the picture as it was read (raster)
  /// Raster, of ops that read marks: what is marked on the picture before this op; null where the dataset has none, and
  /// where what resolve() found out of them is known already.
  const Annotations* marks{};
  /// Of an op that holds steps: what those became, for each shape of OpInfo::inside; none: they do nothing.
  std::span<const Nodes> inside{};
  OpenedFiles* files{};                         ///< who opens the files that fields name; null: nobody
  /// Columns only: one value a row of a drawn field, in the block's row order; empty when the field is the same for all.
  std::map<std::string, std::vector<double>>* per_row{};
};

/// Everything a person or the planner must know of an op, beside its fields.
struct OpDoc {
  std::string_view name{};
  std::string_view summary{};     ///< one phrase, no full stop
  std::string_view detail{};      ///< formula, convention, source; may be empty
  std::string_view family{};      ///< geometry, color, blur, noise, …
  std::string_view example{};     ///< a step as it stands in a recipe
  Domain domain{Domain::raster};
  LabelRule labels{LabelRule::keeps};
  NodeKind node{};
  Reads reads{Reads::shapes};
  int version{1};
  std::span<const FieldInfo> fields{};
  int partners{};  ///< how many other samples a step takes; such an op has a field "partners" that says of which class
  int opposed{};   ///< the last so many of the partners are of other classes, whatever the field says
  bool tints{};  ///< gives colour to grey pictures of three channels
  bool joins_channels{};  ///< a channel's result hangs on the others, so that a picture of more than four is refused
};

struct OpInfo : OpDoc {
  std::shared_ptr<void> (*make)(const OpInfo&){};                       ///< the struct with its defaults
  std::shared_ptr<void> (*copy)(const void*){};
  Nodes (*lower)(const void* op, const Site&){};
  void (*resolve)(void* op, const Site&){};                             ///< null: nothing to resolve
  Fitted (*fit)(const void* op, Scan& train){};                         ///< null: not fitted
  Nodes (*invert)(const void* op, const Site&){};                       ///< lower() of the way back; null: there is none
  /// Shapes of the pictures that the steps inside run on, one after the other, each with draws of its own and each as large
  /// afterwards; null: holds no steps.
  std::vector<RasterShape> (*inside)(const void* op, const Site&){};
  std::shared_ptr<const void> definition{};                             ///< for make(): what an op declared at run time is; else null

  const FieldInfo* find(std::string_view field) const;
  /// Throws Error(usage) with the nearest name.
  const FieldInfo& at(std::string_view field) const;
};

/// An op with concrete values.
class OpValue {
 public:
  OpValue() = default;
  explicit OpValue(const OpInfo& info) : info_(&info), data_(info.make(info)) {}
  OpValue(const OpValue& other);
  OpValue& operator=(const OpValue& other);
  OpValue(OpValue&&) = default;
  OpValue& operator=(OpValue&&) = default;

  const OpInfo& info() const { return *info_; }
  void set(std::string_view field, const Value& value);
  Value get(std::string_view field) const { return info_->at(field).get(data_.get()); }
  void* data() { return data_.get(); }
  const void* data() const { return data_.get(); }
  Nodes lower(const Site& site) const;
  /// Fills the resolved fields that nobody gave a value.
  void resolve(const Site& site);

 private:
  const OpInfo* info_{};
  std::shared_ptr<void> data_{};
};

/// `t.add(op<Op, lower>({.name = …}))`, with a resolve function as third argument where the op has one.
template <class Op, auto Lower, auto Resolve = nullptr, auto Fit = nullptr, auto Invert = nullptr, auto Inside = nullptr>
OpInfo op(const OpDoc& doc) {
  OpInfo info{};
  static_cast<OpDoc&>(info) = doc;
  info.make = [](const OpInfo&) -> std::shared_ptr<void> { return std::make_shared<Op>(); };
  info.copy = [](const void* p) -> std::shared_ptr<void> { return std::make_shared<Op>(*static_cast<const Op*>(p)); };
  info.lower = [](const void* p, const Site& site) -> Nodes { return Lower(*static_cast<const Op*>(p), site); };
  if constexpr (!std::is_same_v<decltype(Resolve), std::nullptr_t>)
    info.resolve = [](void* p, const Site& site) { Resolve(*static_cast<Op*>(p), site); };
  if constexpr (!std::is_same_v<decltype(Fit), std::nullptr_t>)
    info.fit = [](const void* p, Scan& train) -> Fitted { return Fit(*static_cast<const Op*>(p), train); };
  if constexpr (!std::is_same_v<decltype(Invert), std::nullptr_t>)
    info.invert = [](const void* p, const Site& site) -> Nodes { return Invert(*static_cast<const Op*>(p), site); };
  if constexpr (!std::is_same_v<decltype(Inside), std::nullptr_t>)
    info.inside = [](const void* p, const Site& site) -> std::vector<RasterShape> { return Inside(*static_cast<const Op*>(p), site); };
  return info;
}

class OpTable {
 public:
  /// Throws Error(bug) when the name is taken.
  void add(OpInfo info);
  /// Of the same ops and this one, instead of one of its name.
  OpTable with(OpInfo info) const;
  const OpInfo* find(std::string_view name) const;
  /// Throws Error(usage): "unknown op horizontal_flp (did you mean horizontal_flip?)".
  const OpInfo& at(std::string_view name) const;
  /// In order of registration.
  std::span<const std::shared_ptr<const OpInfo>> all() const { return ops_; }

 private:
  std::vector<std::shared_ptr<const OpInfo>> ops_;
  std::map<std::string_view, const OpInfo*> by_name_;
};

/// What names of ops declared at run time begin with.
inline constexpr std::string_view kCustomPrefix = "custom.";
/// What helps with a name that nobody knows: how to declare it, or did_you_mean().
std::string unknown_op_hint(std::string_view wanted, std::span<const std::string_view> names);

/// The names closest to `wanted` by edit distance (several when they are equally close), at most `most`; empty when
/// none is near.
std::vector<std::string> nearest_names(std::string_view wanted, std::span<const std::string_view> names,
                                       std::size_t most = 3);
/// "(did you mean a or b?)" without the brackets, or empty.
std::string did_you_mean(std::string_view wanted, std::span<const std::string_view> names);

}  // namespace leaven
