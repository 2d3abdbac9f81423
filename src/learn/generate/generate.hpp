// `leaven generate`: learns a model of a dataset's train part and draws new samples from it.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "learn/generate/image_gate.hpp"
#include "learn/generate/image_model.hpp"
#include "learn/generate/row_model.hpp"

namespace leaven::learn {

struct FitOptions {
  std::filesystem::path data{}, out{};
  std::string kind{"auto"};
  std::string target{};      ///< of a table; empty: what its schema says
  std::string recipe{};      ///< a table's: whose schema: tells the columns; pictures': changes them each time that they are shown; empty: none
  double held_out{0.2};      ///< share that the generator does not see, for the gate
  std::uint64_t seed{};
  std::uint32_t steps{};     ///< 0: the kind's own
  // Of pictures:
  std::string input_format{};
  std::optional<std::uint64_t> per_class{};  ///< learn from so many of each class; the others are held out
  int side{};                ///< px; 0: as they are, at most 64
  std::filesystem::path from{};      ///< a generator of the same kind and size, on other classes, to begin with
  std::filesystem::path pretrain{};  ///< pictures whose classes nobody needs, to learn from first
  double guidance{1};                ///< ImageFit::guidance
  int threads{};
  bool overwrite{};          ///< a generator, or what a stopped fit left, that is in `out` already
  bool resume{};             ///< go on with the same fit where it was stopped; what is in `out` is replaced only with `overwrite`
  std::function<void(const std::string&)> tell{};  ///< what a person must know at once; may be empty
  bool to_be_accepted{};     ///< without enough held out for the gate it is not begun, Error(data)
};

/// Throws Error(usage) where `out` lies in the dataset or around it, or holds a generator or a stopped fit already and nobody said that it may go.
void require_room_for(const FitOptions& options);
/// Says where fewer samples are held out than the gate needs. Throws Error(data) where the generator is to be accepted. `many`: "rows".
void require_held_out(const FitOptions& options, std::size_t held_out, const char* many, std::vector<std::string>& notes);
/// Of a folder. Throws Error(usage).
void require_no_stopped_fit(const std::filesystem::path& folder);

/// What a person is told of a fit.
struct Fitted {
  std::string kind{}, hash{};
  std::size_t train{}, held_out{};
  std::vector<std::string> notes{};
  double seconds_reading{}, seconds_fitting{};
  bool done_before{};  ///< nothing was left to do
};

/// Where a fit begins: takes up what a stopped one left if it is to go on, or gives what is whole already. `identity`: the
/// checkpoint's. Throws Error(usage) where what is there is of another fit.
std::optional<Fitted> taken_up(const FitOptions& options, const nlohmann::ordered_json& identity, Checkpoint& checkpoint);

struct SampleOptions {
  std::filesystem::path generator{}, out{};
  std::optional<std::uint64_t> rows{}, per_class{};  ///< neither: as many as it learnt from
  std::map<std::string, std::uint64_t> counts{};     ///< instead: of each class that is here so many
  std::vector<std::string> classes{};                ///< only these; empty: all
  std::vector<std::pair<std::string, std::string>> where{};  ///< column and word that every row must have
  std::string recipe{};           ///< whose constraints: hold for every row
  std::filesystem::path data{};   ///< what it learnt from; needed for constraints
  std::uint64_t seed{};
  int threads{};
  bool force{};                   ///< though the gate did not accept
  std::optional<double> guidance{};  ///< of pictures: another than the fit's, if that was guided
  bool overwrite{};
};

struct Sampled {
  std::filesystem::path file{};
  std::uint64_t rows{}, passed_over{};  ///< drawn, but not as wanted
  std::uint64_t repaired{};             ///< of rows of a table: moved, so that constraints hold
  std::string gate{};                   ///< accepted, refused, unchecked
  double seconds{};
};

struct CheckOptions {
  std::filesystem::path generator{}, data{};  ///< data: what it learnt from
  int threads{};
  std::uint32_t steps{};  ///< of each training on pictures; 0: as usual
  std::uint32_t seeds{6};  ///< pairs of trainings on pictures
  std::optional<double> guidance{};  ///< of pictures: another than the fit's, if that was guided
  std::function<void(std::uint32_t done, std::uint32_t all)> watch{};  ///< of pictures: after each of its trainings, one call at a time
};

struct Checked {
  bool accepted{};
  std::string text{};           ///< for people
  std::filesystem::path page{};
};

/// What `generate:` of a recipe asks for, in flow::generator_folder(): fits on train, checks, and draws for each class what it
/// lacks. Does nothing where that is done already, of the same data and recipe.
struct FillOptions {
  std::filesystem::path recipe{};
  int threads{};
  bool resume{}, overwrite{};  ///< FitOptions; without either a stopped fit is neither lost nor gone on with
  std::function<void(const std::string&)> tell{};
};
struct Filled {
  bool done_before{};
  std::filesystem::path generator{};
  std::map<std::string, std::uint64_t> counts{};  ///< new samples by class
  std::string gate{};                             ///< what the gate says, for people
  std::vector<std::string> notes{};
};
/// Throws Error(refused) when the gate refuses the generator and the recipe does not force it.
Filled fill(const FillOptions& options, std::span<const TableKind> table_kinds, std::span<const ImageKind> image_kinds, const ClassifierKind& classifier,
            const FitWatch& watch, const std::atomic<bool>& stop);

/// Whether generators of tables are meant: a file that is a table.
bool is_table(const std::filesystem::path& data);
bool makes_tables(const std::filesystem::path& generator);
/// Whether time series are meant, which go the way of pictures: by the format's name, or by looking.
bool is_series(const std::filesystem::path& data, const std::string& format);
bool makes_series(const std::filesystem::path& generator);

/// `kinds`: what there is. `watch` may be empty.
Fitted fit_table(const FitOptions& options, std::span<const TableKind> kinds, const FitWatch& watch, const std::atomic<bool>& stop);
/// Pictures and series. `kinds`: what there is of them. Writes grids of pictures into the generator's folder while it trains. `watch` may be empty.
Fitted fit_images(const FitOptions& options, std::span<const ImageKind> kinds, const FitWatch& watch, const std::atomic<bool>& stop);
/// Pictures in class folders, as PNG; series as one .ts file.
Sampled sample_images(const SampleOptions& options, std::span<const ImageKind> kinds, const std::atomic<bool>& stop);
/// Throws Error(refused) when the gate refused the generator and `force` is not set.
Sampled sample_table(const SampleOptions& options, std::span<const TableKind> kinds, const std::atomic<bool>& stop);
/// Writes the verdict and its page beside the generator. Throws Error(usage) when the table is another one.
Checked check_table(const CheckOptions& options, std::span<const TableKind> kinds, const std::atomic<bool>& stop);
Checked check_images(const CheckOptions& options, std::span<const ImageKind> kinds, const ClassifierKind& classifier, const std::atomic<bool>& stop);

}  // namespace leaven::learn
