#include "flow/table_apply.hpp"

#include "core/error.hpp"
#include "flow/fitted_file.hpp"
#include "flow/job.hpp"
#include "flow/table_source.hpp"
#include "ops/families.hpp"

namespace leaven::flow {

namespace fs = std::filesystem;

Applied apply_prepared(const fs::path& run, const fs::path& in, const fs::path& file, bool back) {
  std::error_code error;
  if (!fs::exists(run / kRecipeFile, error)) throw usage_error(run.string() + ": holds no run of Leaven's").with_hint("name the OUT of a run whose recipe has prepare:");
  recipe::Recipe recipe = recipe::load(run / kRecipeFile, ops::op_table());
  if (recipe.prepare.empty()) throw usage_error(run.string() + ": its recipe prepares nothing").with_hint("steps under prepare: are what can be applied to other tables");
  if (fs::exists(file, error)) throw usage_error(file.string() + ": is there already");
  recipe.source.path = in;
  const std::string name = in.filename().string();
  PreparedTable table(open_source(recipe.source), recipe, name);
  table.use(read_fits(run / kFittedFile));
  plan::FittedOps fits;
  constexpr std::string_view kPrefix = "prepare/";
  for (const auto& [path, fit] : table.fits()) fits[path.substr(kPrefix.size())] = fit;
  recipe.steps = recipe.prepare;
  const auto writer = table.create(file);
  for (std::uint64_t first = 0; first < table.rows(); first += kBlockRows) {
    Block block = back ? table.raw().read(first, kBlockRows) : table.read(first, kBlockRows);
    if (back) plan::take_back_columns(recipe, fits, block);
    writer->write(block);
  }
  writer->finish();
  return {table.rows(), table.bad_rows().size()};
}

}  // namespace leaven::flow
