#include "flow/gallery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.hpp"
#include "flow/gallery_steps.hpp"
#include "flow/html.hpp"
#include "flow/partners.hpp"
#include "flow/recipe_files.hpp"
#include "flow/report_picture.hpp"
#include "flow/report_text.hpp"
#include "io/file.hpp"
#include "plan/draw_program.hpp"
#include "recipe/mixing.hpp"

namespace leaven::flow {

namespace {

constexpr int kWorkSide = 400, kShownSide = 240;  // px

void write_figure(HtmlWriter& page, const RasterView& pixels, std::string_view kind, const std::string& caption) {
  page.element("figure", {{"class", kind}}, [&] {
    write_picture(page, pixels, kShownSide, caption);
    page.element("figcaption", {{"title", caption}}, caption);
  });
}

/// A copy by the job's own path, and what was done.
void write_copy(HtmlWriter& page, const recipe::Recipe& recipe, const LoadedSource& source, const DrawContext& context,
                const plan::ChoosePartner& choose, const std::string& word, const plan::Surroundings& around) {
  const plan::DrawnProgram drawn = plan::draw_program(recipe, context, source.shape(), "", choose, around);
  const Raster made = run_program(source, drawn, plan_options(source, recipe.fuse, recipe.decode_scaled));
  const std::string values = values_text(drawn.program);
  write_figure(page, made.view(), "copy", word.empty() ? (values.empty() ? "unchanged" : values) : word + ": " + values);
}

/// The gallery has one photo: its partner is the photo upside down, with an ellipse marked in the middle.
plan::Partner upside_down(const LoadedSource& source) {
  const Raster& photo = source.image.pixels;
  const RasterShape& shape = photo.shape();
  auto turned = std::make_shared<Raster>(shape);
  const std::size_t size = shape.pixel_bytes();
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x)
      std::copy_n(photo.row<std::byte>(y) + static_cast<std::size_t>(x) * size, size,
                  turned->row<std::byte>(shape.height - 1 - y) + static_cast<std::size_t>(shape.width - 1 - x) * size);
  auto marks = std::make_shared<Annotations>();
  Outline ellipse;
  for (int i = 0; i < 32; ++i)
    ellipse.push_back({shape.width * (0.5 + 0.2 * std::cos(i * 0.19635)), shape.height * (0.5 + 0.2 * std::sin(i * 0.19635))});
  marks->instances.emplace_back().outlines.push_back(std::move(ellipse));
  return {"upside down", {}, {}, shape, std::move(turned), std::move(marks)};
}

/// What ops show that name files: instead of an image the photo upside down, instead of a map gentle waves.
class GalleryFiles : public OpenedFiles {
 public:
  explicit GalleryFiles(const LoadedSource& photo) : photo_(photo) {}
  std::shared_ptr<const OpenedFile> file(const std::string& path) override { return recipe_files().file(path); }
  std::shared_ptr<const OpenedImage> image(const std::string& path) override {
    if (path.ends_with(".npy")) return std::make_shared<const OpenedImage>(OpenedImage{waves(), {}});
    return std::make_shared<const OpenedImage>(OpenedImage{upside_down(photo_).pixels->clone(), {}});
  }

 private:
  static Raster waves() {
    constexpr int kCells = 8;
    constexpr float kFar = 0.03F;
    Raster map({kCells, kCells, 2, Dtype::f32, false, false});
    for (int y = 0; y < kCells; ++y)
      for (int x = 0; x < kCells; ++x) {
        map.row<float>(y)[2 * x] = y % 2 == 0 ? kFar : -kFar;
        map.row<float>(y)[2 * x + 1] = x % 2 == 0 ? kFar : -kFar;
      }
    return map;
  }

  const LoadedSource& photo_;
};

/// A preview's photos are each other's partners.
plan::ChoosePartner chooser(std::span<const PreviewPhoto> photos, std::size_t own) {
  return [photos, own](const OpValue&, Key key) {
    const std::size_t others = photos.size() - 1, at = draw_below(key, std::max<std::size_t>(others, 1));
    const PreviewPhoto& photo = photos[others == 0 ? own : at < own ? at : at + 1];
    return partner_of(photo.source, photo.name, {});
  };
}

void write_op(HtmlWriter& page, const OpInfo& op, const OpTable& ops, const LoadedSource& source) {
  page.element("h3", {{"id", op.name}}, op.name);
  page.element("p", {{"class", "soft"}}, std::string(op.summary) + ".");
  HtmlWriter row;
  GalleryFiles files(source);
  const std::shared_ptr<const Annotations> marks = upside_down(source).annotations;
  try {
    write_figure(row, source.image.pixels.view(), "first", "original");
    const bool strengths = has_strength(op);
    for (std::uint32_t i = 0; i < kStrengths.size(); ++i) {
      recipe::Recipe recipe = example_of(op, ops);
      if (strengths) set_strength(recipe.steps.front(), kStrengths[i].second);
      write_copy(row, recipe, source, {.sample = "gallery", .copy = i + 1}, [&](const OpValue&, Key) { return upside_down(source); }, strengths ? kStrengths[i].first : "",
                 {&files, marks.get()});
    }
  } catch (const Error& error) {
    page.element("p", std::string("No picture: ") + error.what());
    return;
  }
  page.element("div", {{"class", "grid"}}, [&] { page.markup(row.take()); });
}

/// Small enough that a radius or a grain can be seen.
LoadedSource shrunk(const LoadedSource& photo) {
  LoadedSource small;
  small.image.pixels = picture_of(decode_whole(photo).view(), kWorkSide);
  small.header = photo.header;
  small.header.shape = small.header.stored = small.image.pixels.shape();
  return small;
}

}  // namespace

std::string gallery_page(const LoadedSource& photo, const OpTable& ops, std::span<const std::string> families) {
  const std::vector<std::string_view> shown = shown_families(ops, Domain::raster, families);
  const LoadedSource source = shrunk(photo);
  HtmlWriter page;
  page.element("h1", "Every op, at rising strength");
  page.element("p", {{"class", "lead"}}, "Low, middle and strong are a third, two thirds and all of the way from doing nothing to the op's strong value; ops without a strength show three draws. What is mixed in is the photo itself, upside down.");
  for (const std::string_view family : shown)
    page.element("section", [&] {
      page.element("h2", family);
      for (const auto& op : ops.all())
        if (op->family == family && op->domain == Domain::raster) write_op(page, *op, ops, source);
    });
  page.element("footer", "Made by leaven " LEAVEN_VERSION);
  return html_page("Leaven gallery", page.take());
}

std::string preview_page(const recipe::Recipe& recipe, std::span<const PreviewPhoto> photos, std::uint32_t copies) {
  HtmlWriter page;
  page.element("h1", "Preview of " + recipe.name);
  page.element("p", {{"class", "lead"}}, fmt::format("The first {} of each photo, seed {}.", count_text(copies, "copy", "copies"), recipe.seed));
  if (photos.size() == 1 && !recipe::mixing_steps(recipe).empty())
    page.element("p", {{"class", "soft"}}, "The recipe mixes samples, and there is one photo: it is mixed with itself. Name more photos to see more.");
  for (const PreviewPhoto& photo : photos)
    page.element("section", [&] {
      page.element("h2", io::printable(photo.name));
      page.element("div", {{"class", "grid"}}, [&] {
        const Raster original = decode_whole(photo.source);
        write_figure(page, original.view(), "first", "original, " + describe(original.shape()));
        for (std::uint32_t copy = 1; copy <= copies; ++copy)
          write_copy(page, recipe, photo.source, {.seed = recipe.seed, .epoch = recipe.epoch, .sample = photo.name, .copy = copy},
                     chooser(photos, static_cast<std::size_t>(&photo - photos.data())), "",
                     surroundings_of(photo.source));
      });
    });
  page.element("section", [&] { page.element("h2", "The recipe").element("pre", recipe::to_yaml(recipe)); });
  page.element("footer", "Made by leaven " LEAVEN_VERSION);
  return html_page("Preview of " + recipe.name, page.take());
}

}  // namespace leaven::flow
