// A checked recipe: every name known, every value in range, with the place where it stands in the user's file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/annotation.hpp"
#include "core/op.hpp"
#include "core/table_rules.hpp"
#include "core/value.hpp"
#include "recipe/balance.hpp"
#include "recipe/constraint.hpp"

namespace leaven::recipe {

enum class Container : std::uint8_t { none, sequence, one_of, some_of, random_order, with_probability, repeat };
std::string_view name_of(Container container);

/// `when:` — the step runs only for samples of these classes (empty: all) and not for those.
struct When {
  std::vector<std::string> classes{}, not_classes{};
  bool matches(std::string_view label) const;
};

/// One step: an op with settings, or a container with steps inside.
struct Step {
  Place place{};
  const OpInfo* op{};  ///< null for a container
  Container container{Container::none};
  double p{1};
  std::vector<std::pair<const FieldInfo*, Setting>> settings{};  ///< in field order; fields left out are not here
  std::vector<std::string> on{};  ///< fields or columns; empty: all that the op can work on
  When when{};
  std::vector<Step> steps{};
  std::vector<double> weights{};  ///< one_of, some_of; empty: all alike
  Setting count{};                ///< some_of: n; repeat: times

  /// Null when the recipe leaves the field out.
  const Setting* find(const FieldInfo& field) const;
  /// Whether the field is drawn for each copy: as the recipe says; when it leaves the field out, by the field's own law,
  /// but where it gives one field of the strength axis (one with a neutral value), the others of that axis keep their
  /// defaults, so that `affine: {degrees: 10}` turns by 10 and does nothing else.
  bool draws(const FieldInfo& field) const;
};

enum class Originals : std::uint8_t { copy, link, none };

struct Source {
  std::string path{}, format{}, path_column{}, label_column{}, split_column{};
  std::uint64_t limit{};
  std::vector<std::string> append{};  ///< of a table: files whose rows come behind its own
  TableRules schema{};  ///< of a table; `schema:` in a recipe
};
/// Broken samples are always set aside; the rest only when asked.
struct Clean {
  int min_width{}, min_height{};          ///< px; 0: any
  bool duplicates{};                      ///< byte-identical files: the first by id stays
  bool missing{};                         ///< rows with a missing cell
  std::optional<int> perceptual{};        ///< greatest Hamming distance of 64-bit difference hashes that counts as a duplicate, 0…32
};
/// How to divide what has no split yet; only train grows.
struct SplitStage {
  enum class Method : std::uint8_t { hash, stratified, group } method{Method::stratified};
  double val{}, test{};                   ///< shares in [0, 1)
  std::string group{};                    ///< group: a regular expression on the id; its first bracket is the group
  std::string column{};                   ///< group, of a table: rows with the same cell here stay together
};
/// How much to make: at most one of times, total, per_class is set. None: times 1, or with `balance:` as many rows of each
/// class as the largest has.
struct Augment {
  std::optional<std::uint32_t> times{};     ///< copies of each sample besides the original
  std::optional<std::uint64_t> total{};     ///< outputs of train in all, originals counted when they are kept
  std::optional<std::uint64_t> per_class{}; ///< outputs a class, originals counted when they are kept
  Originals originals{Originals::copy};
  std::uint32_t attempts{10};               ///< draws of one line before it is set aside because a required label was lost
  /// Samples whose ids give the first bracket of this regular expression the same text have one draw (stereo pairs, frames); or
  /// kFramesTogether. Empty: each has its own.
  std::string together{};
  std::string together_expression() const;
};
/// The frames and pages of one file, as `source: {format: frames}` names them.
inline constexpr std::string_view kFramesTogether = "frames";
/// New samples from a learned model, for classes that have few: leaven-learn fits it on train, checks it and draws them before
/// the job begins, in OUT.generator.
struct Generate {
  std::string kind{"auto"};
  std::optional<std::uint64_t> per_class{}; ///< of train, with the samples that are there; none: as many as the largest class has
  double held_out{0.2};                     ///< share of train that only the gate sees
  std::uint32_t steps{};                    ///< of training, where the kind has any; 0: the kind's own
  bool force{};                             ///< samples that the gate refused, too
};
struct Sink {
  std::string path{};
  std::string layout{"same"};        ///< same, folders, npz, webdataset, yolo, coco, voc, labelme, masks
  std::string image_format{"same"};  ///< same, jpeg, png, webp, tiff
  int quality{};                     ///< 1…100; 0: the source's, else 95
  std::uint64_t shard_mb{1024};
  bool keep_metadata{};              ///< of originals: their EXIF, GPS, XMP, IPTC and comments; copies never have any
};

struct Recipe {
  std::string file{};  ///< "" for a preset or code
  std::string name{};  ///< "medium", or the file's stem
  std::uint64_t seed{};
  std::uint64_t epoch{};
  bool fuse{true};
  bool decode_scaled{};  ///< `decode: scaled`: JPEGs whose first step shrinks them are decoded smaller; pixels differ a little
  double max_bad{0.10};
  bool stop_on_error{};
  Source source{};
  Clean clean{};
  SplitStage split{};
  bool has_split{};
  Augment augment{};
  AnnotationRules labels{};
  Sink sink{};
  std::vector<Step> prepare{};  ///< of a table: for every row of every split, originals too, before anything else
  Balance balance{};
  std::vector<Constraint> constraints{};
  std::optional<Generate> generate{};
  std::vector<Step> steps{};
};

/// Reads YAML or JSON. `extends:` names a preset or a file beside this one; stages merge key by key, steps are replaced.
/// Throws Error(usage) with place, field, allowed range and the nearest known name.
Recipe load(const std::filesystem::path& file, const OpTable& ops);
Recipe parse(std::string_view text, const OpTable& ops, const std::string& file_name = "recipe");

/// Presets that come with Leaven (light, medium, strong), then those in $LEAVEN_PRESETS and ~/.config/leaven/presets.
std::vector<std::string> preset_names();
/// What the preset is for: the comment in its first line; may be empty. Throws as preset() does.
std::string preset_summary(std::string_view name);
/// Throws Error(usage) with the nearest name.
Recipe preset(std::string_view name, const OpTable& ops);

/// The whole effective recipe as YAML: parse(to_yaml(r)) gives an equal recipe, whose text is the same again.
std::string to_yaml(const Recipe& recipe);
/// Throws Error(usage) that begins with `what` for what is no regular expression with a bracket.
void require_group_expression(const std::string& what, const std::string& expression, const std::string& place = {});

/// XXH3-128 of what decides the samples' bytes: seed, epoch, fuse, steps, clean, split, originals, image format and
/// quality; not times, total, per_class, paths, layout, which may change between runs that grow one OUT.
std::string digest(const Recipe& recipe);

/// JSON Schema (draft 2020-12) of recipes, every op and field included: `leaven ops --json`.
std::string json_schema(const OpTable& ops);

}  // namespace leaven::recipe
