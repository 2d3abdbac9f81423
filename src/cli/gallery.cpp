// `leaven gallery IN` and `leaven preview RECIPE PHOTO…`: pages to look at before a job.
#include "flow/gallery.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "cli/commands.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "core/error.hpp"
#include "flags/interrupt.hpp"
#include "flow/series_gallery.hpp"
#include "io/atomic_file.hpp"
#include "io/dataset.hpp"
#include "io/series_file.hpp"
#include "ops/families.hpp"

namespace leaven::cli {

namespace fs = std::filesystem;

namespace {

/// How often a watched recipe is looked at, and the page in the browser loaded anew.
constexpr std::chrono::milliseconds kLook{300};
constexpr const char* kReload = "<script>setTimeout(()=>location.reload(),1000)</script>";

void write_preview(const PreviewCommand& command, const std::vector<flow::PreviewPhoto>& photos) {
  recipe::Recipe recipe = load_recipe_or_preset(command.recipe);
  if (command.seed) recipe.seed = *command.seed;
  io::write_file_atomically(command.page, flow::preview_page(recipe, photos, command.copies) + (command.watch ? kReload : ""));
}

void watch(const PreviewCommand& command, const std::vector<flow::PreviewPhoto>& photos) {
  const flags::Interrupt interrupt;
  std::error_code error;
  auto seen = fs::last_write_time(command.recipe, error);
  if (error) throw usage_error("--watch needs a recipe file, not a preset").with_place(command.recipe);
  print("drawn anew whenever " + command.recipe + " is saved; Ctrl-C ends\n");
  flush();
  while (!interrupt.stop()) {
    std::this_thread::sleep_for(kLook);
    const auto now = fs::last_write_time(command.recipe, error);
    if (error || now == seen) continue;  // an editor may be replacing it
    seen = now;
    try {
      write_preview(command, photos);
      print("drawn anew\n");
    } catch (const Error& wrong) {
      if (wrong.fault() != Fault::usage && wrong.fault() != Fault::data) throw;
      complain(std::string("leaven: ") + wrong.what() + "\n");
    }
    flush();
  }
}

bool holds_series(const GalleryCommand& command) {
  return !command.input_format.empty() || fs::is_directory(command.in) || io::holds_series(command.in, {});
}

std::string page_of_series(const GalleryCommand& command) {
  const auto reader = io::open_dataset(command.in, {.format = command.input_format});
  if (!reader->index().series)
    throw usage_error(command.in + ": is neither an image file nor a dataset of time series; detected: " + reader->index().description);
  return flow::series_gallery_page(*reader, command.sample, ops::op_table(), command.families);
}

std::string page_of_photo(const GalleryCommand& command) {
  if (!command.sample.empty()) throw usage_error("--sample is for datasets of time series");
  return flow::gallery_page(flow::load_source_file(command.in), ops::op_table(), command.families);
}

}  // namespace

int gallery(const GalleryCommand& command) {
  io::write_file_atomically(command.page, holds_series(command) ? page_of_series(command) : page_of_photo(command));
  print("page    " + command.page + "\n");
  return 0;
}

int preview(const PreviewCommand& command) {
  std::vector<flow::PreviewPhoto> photos;
  for (const std::string& file : command.photos)
    photos.push_back({fs::path(file).filename().string(), flow::load_source_file(file)});
  write_preview(command, photos);
  print("page    " + command.page + "\n");
  if (command.watch) watch(command, photos);
  return 0;
}

}  // namespace leaven::cli
