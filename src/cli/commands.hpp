// The commands of the program: what each one was told, and the function that does it. One file a command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace leaven::cli {

/// What `augment` and `run` were told. What is not set stays as the recipe has it.
struct JobCommand {
  std::string in{}, out{};         ///< empty: the recipe's
  std::string recipe{}, preset{};  ///< a file, or a name; both empty: kDefaultPreset
  std::optional<std::uint32_t> times{};
  std::optional<std::uint64_t> total{}, per_class{}, seed{}, limit{};
  std::optional<int> quality{};
  std::optional<double> max_bad{};                                                ///< share of the sources
  std::string together{};           ///< which samples have one draw
  std::string target{}, balance{};  ///< of a table: the column to predict; a method
  std::string image{}, key{}, label{};  ///< of Parquet and Arrow files with pictures: columns
  std::string input_format{}, layout{}, image_format{}, metadata{}, originals{}, on_error{};  ///< spelt as on the command line
  std::uint32_t shard{1}, shards{1};
  int threads{};  ///< 0: all that the machine offers
  bool resume{}, overwrite{}, dry_run{}, quiet{};
  std::string progress{"auto"};
  std::string command_line{};  ///< what makes it again, quoted for a shell
};

/// Mild, and safe for labels: nothing that turns a 6 into a 9, hides the object or changes its colour beyond what a
/// camera would.
inline constexpr const char* kDefaultPreset = "light";
/// The same for tables: a little noise on numbers, now and then another category.
inline constexpr const char* kDefaultTablePreset = "table";
/// The same for time series: a little noise, size and warping of time.
inline constexpr const char* kDefaultSeriesPreset = "series";
inline constexpr std::uint32_t kDefaultTimes = 4;

struct PlanCommand {
  std::string recipe{}, image{}, size{"500x375"};
  std::optional<std::uint64_t> seed{};
  std::uint32_t copy{1};
  bool unfused{};
};

struct ExplainCommand {
  std::string file{}, source{}, files{}, page{};  ///< page empty: <stem>.explain.html here
  bool no_page{};
};

struct ReplayCommand {
  std::string file{}, line{}, source{}, files{}, output{};
  bool check{};
};

struct OpsCommand {
  bool json{}, markdown{};
};

struct GalleryCommand {
  std::string in{}, page{"leaven.gallery.html"};
  std::string input_format{}, sample{};  ///< of series
  std::vector<std::string> families{};  ///< empty: all
};

struct PreviewCommand {
  std::string recipe{}, page{"leaven.preview.html"};
  std::vector<std::string> photos{};
  std::optional<std::uint64_t> seed{};
  std::uint32_t copies{12};
  bool watch{};
};

struct ProfileCommand {
  std::string table{}, recipe{}, target{};
  bool json{};
};

struct PrepareCommand {
  std::string table{}, file{}, run{};
  bool back{};
};

struct VerifyCommand {
  std::string out{};
  int threads{};
};

/// Each returns the program's exit code and throws leaven::Error.
int augment(const JobCommand& command);
int run(const JobCommand& command);
int convert(const JobCommand& command);
int check(const std::string& recipe);
int profile(const ProfileCommand& command);
int prepare(const PrepareCommand& command);
int plan(const PlanCommand& command);
int gallery(const GalleryCommand& command);
int preview(const PreviewCommand& command);
int explain(const ExplainCommand& command);
int replay(const ReplayCommand& command);
int verify(const VerifyCommand& command);
int merge(const std::string& out, bool quiet);
int ops(const OpsCommand& command);
/// Another name than an op's is refused with the nearest of the ops and `commands`.
int help_op(const std::string& name, const std::vector<std::string>& commands);
int presets(const std::string& name);
int version(bool verbose);
/// Becomes leaven-learn, the program beside this one, with these arguments; comes back only with an error.
int start_learn(const std::vector<std::string>& arguments);
/// Becomes Python with the package, which reads Parquet and Arrow files, with these arguments; comes back only with an error.
int start_python(const std::string& in, const std::vector<std::string>& arguments);
/// Whether this folder, or what is called so inside one, was made by `augment` of Parquet and Arrow files.
bool made_by_python(const std::string& result);

}  // namespace leaven::cli
