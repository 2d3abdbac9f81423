// `leaven gallery PHOTO` and `leaven preview RECIPE PHOTO…`: pages to look at before a job.
#include "flow/gallery.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/print.hpp"
#include "cli/recipe_choice.hpp"
#include "core/error.hpp"
#include "io/atomic_file.hpp"
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
  const Interrupt interrupt;
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

}  // namespace

int gallery(const GalleryCommand& command) {
  const flow::LoadedSource photo = flow::load_source_file(command.photo);
  io::write_file_atomically(command.page, flow::gallery_page(photo, ops::op_table(), command.families));
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
