// Leaven's public door: pictures through a recipe, folders into larger folders. Standard library only.
//
//   const leaven::Recipe recipe = leaven::Recipe::from_file("train.yaml");
//   const leaven::Applied made = recipe.apply(image, {.key = "cats/001.jpg", .copy = 1});
//
// Everything throws leaven::Error. Everything is thread-safe; the same arguments give the same pixels on any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "leaven/error.hpp"
#include "leaven/image.hpp"
#include "leaven/marks.hpp"

namespace leaven {

/// Names one draw: equal contexts draw equal values.
struct DrawKey {
  std::string_view key{};   ///< the sample's name
  std::uint32_t copy{1};
  std::uint64_t epoch{};
  std::string_view label{}; ///< for steps with `when:`
};

/// A result, and the line that makes it again.
struct Applied {
  Image image{};
  std::string steps{};  ///< JSON: every op that ran, with every value
};

/// A file made new, and its line of lineage.
struct AppliedFile {
  std::vector<std::byte> file{};
  std::string line{};  ///< JSON, without the newline
};

/// What `clean:` looks at in a file.
struct PictureFacts {
  int width{}, height{};                        ///< px, as it is shown
  std::string digest{};                         ///< of the file's bytes: equal ones are the same file
  std::optional<std::uint64_t> difference_hash{};  ///< where asked for: that of a picture that looks alike differs in few bits
};
/// Throws Error(data) for a file that is no picture or is broken, as far as was looked: `pixels` decodes it.
PictureFacts look_at_picture(std::vector<std::byte> file, bool pixels = false);

/// How pixels lie in memory: interleaved, or planes of height × width one after another.
enum class Layout : std::uint8_t { hwc, chw };

/// One draw of a recipe for images of one shape: every value drawn, the passes planned, no pixel touched. Cheap to copy.
class Prepared {
 public:
  /// The shape of what comes out, without data.
  ImageView out() const;
  /// Writes rows (or planes) without gaps. Throws Error(usage) when the image is not of the shape this was prepared for.
  void run(const ImageView& image, void* out, Layout layout = Layout::hwc) const;
  /// The marks of the image where they lie on the result. Throws Error(usage) for a step that they cannot follow, and for
  /// masks of another size than the image.
  MovedMarks move(const Marks& marks) const;

  /// The other way round, for what a model says of the result (test-time augmentation). Its images are predictions: of
  /// out()'s size, or of another that is stretched to it, of any channels (f32, not bounded, for numbers of any range); what
  /// it makes lies on the image, interpolated, 0 where the result does not show it. Its move() takes marks on the result
  /// and gives them on the image, masks by nearest pixels, keypoints with left and right as on the image; none is dropped
  /// that lies on it. Throws Error(usage) for a step without a way back: one that mixes pictures, or moves pixels as only it
  /// knows.
  Prepared back(const ImageView& prediction) const;
  Prepared back() const;

  /// How many steps ran.
  std::size_t size() const;
  /// The name of the op of a step, and its path in the recipe's tree of steps.
  std::string op(std::size_t step) const;
  std::string path(std::size_t step) const;
  /// The picture after the first `count` steps.
  Image after(const ImageView& image, std::size_t count) const;
  /// Applied::steps.
  std::string steps() const;

  struct Body;
  explicit Prepared(std::shared_ptr<const Body> body) : body_(std::move(body)) {}
  const Body& body() const { return *body_; }

 private:
  std::shared_ptr<const Body> body_;
};
struct OriginalOptions {
  bool keep_metadata{};  ///< EXIF, GPS, XMP, IPTC and comments; how it is turned and its colour profile stay anyway
  bool decode{};         ///< to its last row, to find out whether it is broken
};
/// A picture as originals of a run are kept. Throws Error(data) for a file that is no picture or is broken, as far as was looked.
AppliedFile original_file(std::vector<std::byte> file, std::string_view id, std::string_view label = {}, const OriginalOptions& options = {});

/// What a line of lineage says, or the `steps` of one: the same values again for an image of this shape. Throws
/// Error(data) for a malformed line, Error(usage) for an op or version that this build does not know. Files that steps name
/// are looked for from where the program runs.
Prepared prepare_again(std::string_view line, const ImageView& shape_only);

class Recipe {
 public:
  /// Throws Error(usage) with place, field, allowed range and the nearest known name.
  static Recipe from_file(const std::filesystem::path& file);
  static Recipe from_text(std::string_view yaml);
  static Recipe preset(std::string_view name);
  Recipe(const Recipe&);
  Recipe& operator=(const Recipe&);
  Recipe(Recipe&&) noexcept;
  Recipe& operator=(Recipe&&) noexcept;
  ~Recipe();

  Recipe& seed(std::uint64_t value);
  std::uint64_t seed() const;
  /// The whole recipe as YAML; from_text() of it gives an equal recipe.
  std::string yaml() const;

  /// Whether a step takes other samples, which a single picture does not bring along: leaven/feed.hpp, or augment().
  bool mixes() const;
  /// Throws Error(usage) when a step cannot work on an image of this shape.
  Prepared prepare(const ImageView& shape_only, const DrawKey& key = {}) const;
  /// Draws again, as often as the recipe's `augment: attempts`, while a mark is lost that its `labels: require` wants kept.
  /// Throws Error(data) when it is lost each time.
  Prepared prepare(const ImageView& shape_only, const DrawKey& key, const Marks& marks) const;
  /// As leaven::prepare_again(), for a line that this recipe gave: files that its steps name lie beside the recipe.
  Prepared prepare_again(std::string_view line, const ImageView& shape_only) const;
  /// Throws Error(usage) when a step cannot work on this image.
  Applied apply(const ImageView& image, const DrawKey& key = {}) const;
  /// Float32, planes of height × width one after another, written straight to `out` (channels·height·width floats); for
  /// recipes that end in normalize or run on f32. Throws Error(usage) when the result has another size or type.
  void apply_chw(const ImageView& image, const DrawKey& key, float* out, int width, int height) const;
  /// The picture in a JPEG, PNG, WebP or TIFF file made new, as a file again: the bytes that augment() writes. Throws
  /// Error(data) for a file that is broken, Error(usage) for a result that cannot be such a file. `id` is the result's name
  /// in its line.
  AppliedFile apply_file(std::vector<std::byte> file, const DrawKey& key = {}, std::string_view id = {}) const;
  /// The plan for an image of this shape, after each pass of the planner, as a person reads it.
  std::string plan(const ImageView& shape_only, const DrawKey& key = {}) const;

  struct Body;
  const Body& body() const { return *body_; }

 private:
  explicit Recipe(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

struct AugmentOptions {
  std::filesystem::path in{}, out{};
  std::optional<std::uint32_t> times{4};  ///< copies of each sample besides the original; none: as the recipe says
  int threads{};           ///< 0: all that the machine offers
  bool resume{}, overwrite{};
};
struct AugmentResult {
  std::uint64_t sources{}, outputs{};
  std::map<std::string, std::uint64_t> set_aside{};  ///< by reason: broken, duplicate, …
  bool too_many_broken{};  ///< more than the recipe's max_bad
  std::filesystem::path report{};
};
/// Folder in, larger folder out, as `leaven augment` does. `progress(done, total)` comes when a stage begins and about ten
/// times a second; return false to stop cleanly (throws Error(interrupted)).
AugmentResult augment(const Recipe& recipe, const AugmentOptions& options,
                      const std::function<bool(std::uint64_t done, std::uint64_t total)>& progress = {});

/// The preset that `leaven augment` takes for this input where no recipe is named: for pictures, a table, or time series.
std::string usual_preset(const std::filesystem::path& in);
/// The `prepare:` steps of a table's run in `run`, with the numbers that it learnt, on the table `in`, into the file `out`;
/// `back` takes back what has a way back. How many rows could not be read and were left out.
std::uint64_t prepare_table(const std::filesystem::path& run, const std::filesystem::path& in, const std::filesystem::path& out,
                            bool back = false);

/// "0.1.0".
std::string version();
/// JSON Schema of recipes, every op and field with its facts.
std::string ops_schema();
/// Recipes that Recipe::preset() knows.
std::vector<std::string> preset_names();

}  // namespace leaven
