// From class folders to a generator to new pictures, by the generator that needs no training.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.hpp"
#include "io/codec.hpp"
#include "io/file.hpp"
#include "learn/generate/generate.hpp"
#include "learn/generate/image_source.hpp"
#include "learn/generate/small_classes.hpp"
#include "learn/picture_material.hpp"
#include "tests/learn/small_data.hpp"

namespace leaven::learn {
namespace {

const std::atomic<bool> kGoOn{false};

class ImageGenerator : public testing::Test {
 protected:
  ImageGenerator() { write_bars(scratch_ / "bars", 30); }
  Fitted fit(const FitOptions& more = {}) {
    FitOptions options = more;
    options.data = scratch_ / "bars";
    options.out = scratch_ / "gen";
    return fit_images(options, kinds_, {}, kGoOn);
  }
  Sampled sample(SampleOptions options) {
    options.generator = scratch_ / "gen";
    options.out = scratch_ / "out";
    options.overwrite = true;
    return sample_images(options, kinds_, kGoOn);
  }
  std::vector<ImageKind> kinds_{pca_kind()};
  ScratchFolder scratch_{};
};

/// Mean of the left half less that of the right one.
double leaning(std::span<const float> picture, const InputShape& shape) {
  double sum = 0;
  for (int y = 0; y < shape.height; ++y)
    for (int x = 0; x < shape.width; ++x) sum += (2 * x < shape.width ? 1 : -1) * picture[static_cast<std::size_t>(y * shape.width + x)];
  return sum;
}

TEST_F(ImageGenerator, MakesPicturesOfTheClassAskedFor) {
  const Fitted fitted = fit();
  EXPECT_EQ(fitted.train, 48U);
  EXPECT_EQ(fitted.held_out, 12U);
  const SavedGenerator saved = load_generator(scratch_ / "gen");
  const ImageCard card = image_card(saved);
  EXPECT_EQ(card.classes, (std::vector<std::string>{"left", "right"}));
  const auto model = kinds_.front().load(saved, card.shape, 2);
  for (std::uint32_t label = 0; label < 2; ++label) {
    const std::vector<float> made = model->draw(label, 3, 0, 20);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_GT((label == 0 ? 1 : -1) * leaning(std::span(made).subspan(i * card.shape.values(), card.shape.values()), card.shape), 0) << i;
  }
}

TEST_F(ImageGenerator, NewPicturesOfASmallClassLieBetweenThoseThatThereAre) {
  const auto put = [&](const std::string& name, int count) {
    for (int i = 0; i < count; ++i) {
      std::filesystem::create_directories(scratch_ / ("some/" + name));
      write_png(scratch_ / ("some/" + name + "/" + std::to_string(i) + ".png"), bar_picture(name == "few", 100 * static_cast<int>(name.size()) + i));
    }
  };
  put("many", 30), put("few", 3), put("one", 1);
  const Fitted fitted = fit_images({.data = scratch_ / "some", .out = scratch_ / "gen", .held_out = 0}, kinds_, {}, kGoOn);
  const auto told = [&](const std::string& words) { return std::ranges::find(fitted.notes, words) != fitted.notes.end(); };
  EXPECT_TRUE(told("class few has 3 pictures: its new ones are taken from between them"));
  EXPECT_TRUE(told("class one has 1 picture: all its new ones are that one"));
  EXPECT_EQ(fitted.notes.size(), 3U) << "and that nothing is held out";
  const SavedGenerator saved = load_generator(scratch_ / "gen");
  const ImageCard card = image_card(saved);
  const auto model = load_image_model(kinds_, saved, card);
  const ImageData real = split_as_fitted(saved, scratch_ / "some", 1).train;
  const std::size_t values = card.shape.values();
  const std::vector<float> few = model->draw(0, 4, 0, 50), one = model->draw(2, 4, 0, 2);
  EXPECT_EQ(model->draw(0, 4, 7, 2), (std::vector<float>(few.begin() + 7 * static_cast<std::ptrdiff_t>(values), few.begin() + 9 * static_cast<std::ptrdiff_t>(values))));
  EXPECT_EQ(kinds_.front().load(saved, card.shape, 3)->draw(1, 4, 0, 5), model->draw(1, 4, 0, 5));
  std::vector<std::span<const float>> parents;
  for (std::size_t i = 0; i < real.size(); ++i) {
    if (real.labels[i] == 0) parents.push_back(real.of(i));
    if (real.labels[i] != 2) continue;
    EXPECT_TRUE(std::ranges::equal(real.of(i), std::span(one).first(values)));
    EXPECT_TRUE(std::ranges::equal(real.of(i), std::span(one).subspan(values)));
  }
  ASSERT_EQ(parents.size(), 3U);
  const auto apart = [](std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t v = 0; v < a.size(); ++v) sum += (a[v] - b[v]) * (a[v] - b[v]);
    return std::sqrt(sum);
  };
  for (std::size_t i = 0; i < 50; ++i) {  // on one of the three lines: the way over it is no longer
    const std::span<const float> made = std::span(few).subspan(i * values, values);
    double least = INFINITY;
    for (std::size_t a = 0; a < 3; ++a) least = std::min(least, apart(parents[a], made) + apart(made, parents[(a + 1) % 3]) - apart(parents[a], parents[(a + 1) % 3]));
    EXPECT_LT(least, 1e-4) << i;
  }
}

TEST_F(ImageGenerator, APictureOfASmallClassInADamagedFileIsRefused) {
  write_bars(scratch_ / "few", 4);
  fit_images({.data = scratch_ / "few", .out = scratch_ / "gen", .held_out = 0}, kinds_, {}, kGoOn);
  SavedGenerator saved = load_generator(scratch_ / "gen");
  const ImageCard card = image_card(saved);
  const Tensors whole = saved.tensors;
  saved.tensors = {};
  for (const Tensor& tensor : whole.all()) {
    if (tensor.name == "interpolated_labels") saved.tensors.add(tensor.name, std::vector<std::int32_t>(8, 2));
    else saved.tensors.add(tensor.name, tensor.floats, tensor.shape);
  }
  EXPECT_THROW(load_image_model(kinds_, saved, card), Error);
}

TEST(InnerSplit, SparesSomeOfLargeClassesAndNoneOfSmallOnes) {
  ImageData data{.shape = {1, 1, 1}, .classes = {"large", "small"}};
  for (std::uint32_t i = 0; i < 100; ++i) data.add(std::vector<float>{0}, i < 70 ? 0 : 1, std::to_string(i));
  const ImageSplit split = inner_split(data, 3);
  EXPECT_EQ(split.held_out.size(), 7U);
  EXPECT_EQ(split.train.size(), 93U);
  for (const std::uint32_t i : split.held_out) EXPECT_EQ(data.labels[i], 0U);
  EXPECT_EQ(inner_split(data, 3).held_out, split.held_out);
  EXPECT_NE(inner_split(data, 4).held_out, split.held_out);
}

TEST_F(ImageGenerator, PrincipalComponentsKeepMeanAndVariance) {
  ImageData data{.shape = {2, 1, 1}, .classes = {"a"}};
  for (int i = 0; i < 400; ++i) {  // along (1, 1) with deviation 0.1 about 0.5
    const float along = 0.1f * static_cast<float>(std::sqrt(2.0) * std::sin(i * 2.399));
    data.add(std::vector<float>{0.5f + along, 0.5f + along}, 0, std::to_string(i));
  }
  std::vector<std::string> notes;
  const FitWatch watch;
  const auto model = pca_kind().fit({data, nullptr, 0, 0, watch, kGoOn, notes});
  const std::vector<float> made = model->draw(0, 1, 0, 4000);
  double sum = 0, squares = 0, apart = 0;
  for (std::size_t i = 0; i < made.size(); i += 2) sum += made[i], squares += made[i] * made[i], apart = std::max<double>(apart, std::fabs(made[i] - made[i + 1]));
  EXPECT_NEAR(sum / 4000, 0.5, 0.01);
  EXPECT_NEAR(std::sqrt(squares / 4000 - sum * sum / 16e6), 0.1, 0.01);
  EXPECT_LT(apart, 0.01);
}

TEST_F(ImageGenerator, TakesAwayNoFileButItsOwnGrids) {
  write_text(scratch_ / "gen/progress_report.png", "mine");
  write_text(scratch_ / "gen/progress_000100.png", "an earlier fit's");
  fit();
  EXPECT_EQ(read_text(scratch_ / "gen/progress_report.png"), "mine");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "gen/progress_000100.png"));
}

TEST_F(ImageGenerator, SaysBeforehandWhatWouldBeInVain) {
  const Fitted fitted = fit({.held_out = 0.1});
  EXPECT_EQ(std::ranges::count(fitted.notes, "the gate needs 20 pictures that are held out, and has 6: nobody can say whether what this generator makes may be used"), 1);
  const auto message = [&](const FitOptions& options) -> std::string {
    try {
      fit(options);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_NE(message({.steps = 5, .overwrite = true}).find("the kind pca has no steps of training, and a number of them is asked for"), std::string::npos);
  EXPECT_THROW(fit_images({.data = scratch_ / "bars", .out = scratch_ / "bars/gen"}, kinds_, {}, kGoOn), Error);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "bars/gen"));
  kinds_.front().trains = true;
  EXPECT_NE(message({.per_class = 4, .overwrite = true}).find("every class has fewer than 6 pictures to learn from"), std::string::npos);
  EXPECT_NE(message({.held_out = 0.1, .overwrite = true, .to_be_accepted = true}).find("the gate needs 20 pictures that are held out, and has 6"), std::string::npos);
}

TEST_F(ImageGenerator, SaysOfHowManyPicturesLessIsLearntThanTheyHold) {
  EXPECT_TRUE(fit({.held_out = 0.5}).notes.empty());
  const auto put = [&](const char* name, const RasterShape& shape) {
    Raster picture(shape);
    std::ranges::fill(std::span(picture.data(), shape.bytes()), static_cast<std::byte>(name[0]));
    write_png(scratch_ / "bars/left" / name, picture);
  };
  put("a.png", {.width = 12, .height = 12, .channels = 4, .alpha = true});
  put("b.png", {.width = 12, .height = 12, .channels = 3, .dtype = Dtype::u16});
  put("c.png", {.width = 12, .height = 12, .channels = 3, .dtype = Dtype::u16});
  write_text(scratch_ / "bars/left/broken.png", "no picture");
  const Fitted fitted = fit({.held_out = 0.5, .overwrite = true});
  for (const char* note : {"1 of 63 pictures has transparency: it is laid over white", "60 of 63 pictures are grey, the others are coloured: they are seen as colours of three equal channels",
                           "2 pictures have more than 8 bits a channel: new ones have 8", "1 picture cannot be read and was left out: left/broken.png"})
    EXPECT_EQ(std::ranges::count(fitted.notes, note), 1) << note;
  EXPECT_EQ(load_generator(scratch_ / "gen").card["notes"], fitted.notes);
  write_png(scratch_ / "bars/left/wide.png", Raster(RasterShape{.width = 20, .height = 12, .channels = 1}));
  EXPECT_EQ(std::ranges::count(fit({.held_out = 0.5, .overwrite = true}).notes, "64 of 64 pictures have other sides: they are learnt in 64×64 px, and new ones have those"), 1);
  EXPECT_EQ(std::ranges::count(fit({.held_out = 0.5, .side = 12, .overwrite = true}).notes, "1 of 64 pictures has other sides: it is learnt in 12×12 px, and new ones have those"), 1);
}

TEST_F(ImageGenerator, WritesPngWithLineage) {
  const Fitted fitted = fit();
  const Sampled sampled = sample({.per_class = 3, .seed = 9});
  EXPECT_EQ(sampled.rows, 6U);
  const io::Bytes bytes = io::read_file(scratch_ / "out/left/generated_000003.png");
  EXPECT_EQ(io::decode(bytes, io::read_header(bytes)).shape().width, 12);
  std::string lines = read_text(scratch_ / "out/leaven.lineage.jsonl");
  EXPECT_EQ(std::ranges::count(lines, '\n'), 6);
  const auto line = nlohmann::json::parse(lines.substr(0, lines.find('\n')));
  EXPECT_EQ(line["id"], "left/generated_000001.png");
  EXPECT_EQ(line["synthetic"], true);
  EXPECT_EQ(line["generator"], fitted.hash);
  EXPECT_EQ(line["condition"]["class"], "left");
  EXPECT_EQ(line["seed"], 9);
}

TEST_F(ImageGenerator, ClassesWhoseNamesMakeTheSameFolderLieApart) {
  std::string list = "path,label\n";
  for (int i = 0; i < 15; ++i)
    for (const bool right : {false, true}) {
      const std::string name = std::to_string(i) + (right ? "r.png" : "l.png");
      write_png(scratch_ / ("listed/" + name), bar_picture(right, i));
      list += name + (right ? ",a_b\n" : ",a/b\n");
    }
  write_text(scratch_ / "listed/list.csv", list);
  fit_images({.data = scratch_ / "listed/list.csv", .out = scratch_ / "gen"}, kinds_, {}, kGoOn);
  EXPECT_EQ(sample({.per_class = 3}).rows, 6U);
  const auto leaning_of = [&](const char* file) {
    const io::Bytes bytes = io::read_file(scratch_ / file);
    std::vector<float> values(12 * 12);
    standardise(io::decode(bytes, io::read_header(bytes)).view(), {}, {12, 12, 1}, values);
    return leaning(values, {12, 12, 1});
  };
  EXPECT_LT(leaning_of("out/a_b/generated_000003.png"), 0);
  EXPECT_GT(leaning_of("out/a_b_2/generated_000003.png"), 0);
}

TEST(ClassFolders, NoTwoClassesShareOneAndNoneIsHidden) {
  EXPECT_EQ(class_folders({"a/b", "a_b", "a_b_2", "", ".", ".x", "cat"}), (std::vector<std::string>{"a_b_3", "a_b", "a_b_2", "_", "_.", "_.x", "cat"}));
}

TEST_F(ImageGenerator, CountsAreThoseAskedFor) {
  fit();
  EXPECT_EQ(sample({}).rows, 48U);
  EXPECT_EQ(sample({.rows = 7}).rows, 7U);
  EXPECT_EQ(sample({.per_class = 4, .classes = {"right"}}).rows, 4U);
  EXPECT_THROW(sample({.classes = {"up"}}), Error);
  EXPECT_THROW(sample({.where = {{"a", "b"}}}), Error);
}

TEST_F(ImageGenerator, OneClassTakesNothingFromAnother) {
  fit();
  sample({.per_class = 5});
  const std::string first = read_text(scratch_ / "out/right/generated_000002.png");
  sample({.per_class = 2, .classes = {"right"}});
  EXPECT_EQ(read_text(scratch_ / "out/right/generated_000002.png"), first);
}

TEST_F(ImageGenerator, SoManyOfEachClassLearnAndTheOthersAreHeldOut) {
  const Fitted fitted = fit({.per_class = 4});
  EXPECT_EQ(fitted.train, 8U);
  EXPECT_EQ(fitted.held_out, 52U);
  EXPECT_TRUE(std::ranges::any_of(fitted.notes, [](const std::string& note) { return note.find("class left has 4 pictures") != std::string::npos; }));
  const SplitImages split = split_as_fitted(load_generator(scratch_ / "gen"), scratch_ / "bars", 1);
  EXPECT_EQ(split.train.size(), 8U);
  for (const std::string& id : split.train.ids) EXPECT_EQ(std::ranges::count(split.held_out.ids, id), 0);
  write_png(scratch_ / "bars/left/another.png", bar_picture(false, 99));
  EXPECT_THROW(split_as_fitted(load_generator(scratch_ / "gen"), scratch_ / "bars", 1), Error);
}

TEST_F(ImageGenerator, EqualPicturesAreOnOneSide) {
  for (int i = 0; i < 10; ++i) write_png(scratch_ / ("bars/left/same" + std::to_string(i) + ".png"), bar_picture(false, 500));
  fit({.per_class = 5});
  const SplitImages split = split_as_fitted(load_generator(scratch_ / "gen"), scratch_ / "bars", 1);
  const auto same = [](const ImageData& data) { return std::ranges::count_if(data.ids, [](const std::string& id) { return id.find("same") != std::string::npos; }); };
  EXPECT_TRUE(same(split.train) == 0 || same(split.held_out) == 0);
}

TEST_F(ImageGenerator, CardsThatLieAreRefused) {
  fit();
  const SavedGenerator good = load_generator(scratch_ / "gen");
  SavedGenerator bad = good;
  bad.card["shape"] = {12, 12, 7};
  EXPECT_THROW(image_card(bad), Error);
  bad.card["shape"] = {12, 100'000, 1};
  EXPECT_THROW(image_card(bad), Error);
  bad.card.erase("shape");
  EXPECT_THROW(image_card(bad), Error);
  EXPECT_THROW(kinds_.front().load(good, {13, 12, 1}, 2), Error);
  EXPECT_THROW(fit({.kind = "gann"}), Error);
}

TEST_F(ImageGenerator, ARecipeChangesPicturesEachTime) {
  ImageData data{.shape = {12, 12, 1}, .classes = {"a"}};
  data.add(std::vector<float>(144, 0.25f), 0, "x");
  const auto recipe = picture_recipe("leaven: 1\nsteps: [brightness: {by: {uniform: [1.5, 3]}}]\n", data.shape);
  std::vector<float> plain(144), one(144), two(144);
  put_augmented(data, 0, nullptr, 0, 1, plain);
  put_augmented(data, 0, &*recipe, 0, 1, one);
  put_augmented(data, 0, &*recipe, 0, 2, two);
  EXPECT_EQ(plain, data.pixels);
  EXPECT_NE(one, two);
  EXPECT_GT(one[0], 0.3f);
  std::vector<float> again(144);
  put_augmented(data, 0, &*recipe, 0, 1, again);
  EXPECT_EQ(again, one);
}

}  // namespace
}  // namespace leaven::learn
