// The data of a proof in memory, whatever its kind: pictures, rows of a table, time series. What is decided here is what the
// engine decides (how a recipe changes an item); what is learned from it knows only numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/op.hpp"
#include "learn/arms.hpp"
#include "learn/supply.hpp"
#include "learn/trial.hpp"

namespace leaven::learn {

/// Test and training items that look alike.
struct LookAlike {
  std::string test{}, train{};
  double distance{};  ///< of their difference hashes, or of rows in deviations; 0 for equal items
};
struct LookAlikes {
  Entries equal{};                 ///< training and validation entries that are those of the test split again; sorted
  std::size_t count{};             ///< test items that are, or look almost like, a training item that stays
  std::vector<LookAlike> first{};  ///< a few of them
  std::string note{};              ///< what is said of those that stay; empty: there are none
};

/// Items as copy `copy` of each comes out of a recipe; null: as they are. Throws Error(usage) when the recipe cannot work on
/// them. Thread-safe.
using HeldOut = std::function<Held(const ArmRecipe*, std::uint32_t copy)>;

class Material {
 public:
  virtual ~Material() = default;
  virtual Domain domain() const = 0;
  /// "picture" and "pictures".
  virtual std::string_view one() const = 0;
  virtual std::string_view many() const = 0;
  virtual const io::DatasetIndex& index() const = 0;
  /// 0: a number is to be predicted, and the index's labels only say how large it is.
  virtual std::uint32_t classes() const = 0;
  /// Notes for people on what was taken as what.
  virtual std::vector<std::string> notes() const = 0;
  /// An expression for PartitionOptions::group, from what the user said.
  virtual std::string group_expression(const std::string& said) const = 0;

  /// Takes entries into memory; once, before all that follows. Throws Error(usage) for what does not fit.
  virtual void take(const Entries& used) = 0;
  virtual bool has(std::uint32_t entry) const = 0;
  virtual const std::string& digest(std::uint32_t entry) const = 0;
  /// Id and reason of those that could not be read.
  virtual const std::map<std::string, std::string>& broken() const = 0;
  /// Of an item, as far as all arms have the same.
  virtual InputShape shape() const = 0;
  virtual LookAlikes look_alikes(const Partition& partition) const = 0;
  /// By entry, equal for those of `used` that look almost alike; empty: nobody looks (rows of few columns are alike by chance).
  virtual std::vector<std::uint32_t> look_alike_groups(const Entries&) const { return {}; }

  /// `control`: the recipe whose training set `arm` repeats items to match, where the arm has no recipe and shows each item
  /// more than once; may be null. Thread-safe, as all that follows.
  virtual std::unique_ptr<Supply> supply(const Arm& arm, const ArmRecipe* control, const Fold& fold, std::uint64_t seed) const = 0;
  /// How a model does when test items get worse: at each severity of each corruption, see corruptions.hpp. They are made once, by
  /// prepare_robustness(), the same for all models.
  virtual void prepare_robustness(const Entries& test, int threads) = 0;
  virtual std::map<std::string, std::vector<double>> robustness(Learner& learner, Supply& supply) const = 0;
  virtual const Entries& robustness_entries() const = 0;
  /// Items that a model of this fold was not trained on, to ask it about; whatever a recipe does, they keep their answers.
  /// `fold` lives longer than what is returned.
  virtual HeldOut held_out(const Fold& fold, const Entries& entries, std::uint64_t seed) const = 0;
  /// For a training program of the user's: train, val and test below `folder`, in the data's own format; training items as
  /// the arm shows them in one epoch.
  virtual void write(const std::filesystem::path& folder, const Arm& arm, const ArmRecipe* control, const Fold& fold, const Entries& test,
                     std::uint64_t seed) const = 0;
};

struct MaterialOptions {
  std::filesystem::path data{};
  std::string input_format{};
  int side{};             ///< px of pictures, see Pictures
  int threads{};
  std::string target{};   ///< of a table: the column to predict
  std::string group{};    ///< of a table: rows whose cells in this column are equal stay together
  std::string metric{};   ///< "r2" and "mae" say that a number is learned, others that a class is; empty: by looking
  const recipe::Recipe* recipe{};  ///< of a table: whose schema holds
};
/// Gives entries labels by how large the number of each is, so that splits are even over small and large ones.
void label_by_size(io::DatasetIndex& index, const std::vector<double>& numbers);

/// What kind of data lies there: by looking, as `leaven augment` does.
Domain domain_of(const std::filesystem::path& data, const std::string& input_format);
/// Throws Error(usage) where there is nothing to learn from.
std::unique_ptr<Material> open_material(const MaterialOptions& options);

}  // namespace leaven::learn
