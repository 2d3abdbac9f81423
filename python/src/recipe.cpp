#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <numeric>

#include "arrays.hpp"
#include "batch_room.hpp"
#include "bindings.hpp"
#include "leaven/feed.hpp"
#include "leaven/parallel.hpp"

namespace leaven::python {

namespace {

constexpr Layout layout_of(bool planes) { return planes ? Layout::chw : Layout::hwc; }

/// An array's shape, known without the array.
ImageView shape_view(int height, int width, int channels, const std::string& type) {
  const PixelType pixel = type == "uint8" ? PixelType::u8 : type == "uint16" ? PixelType::u16 : PixelType::f32;
  return {nullptr, width, height, channels, pixel, 0, channels == 2 || channels == 4, true};
}

nb::object run(const CountedRecipe& self, const ArrayPlace& array, const DrawKey& key, std::optional<bool> alpha, bool bounded, Layout layout) {
  const ArrayImage source(array, alpha, bounded);
  std::optional<Prepared> prepared;
  const auto prepare = [&] { prepared = self.recipe.prepare(source.view(), key); };
  hearing_signals(std::ref(prepare));
  const ImageView out = prepared->out();
  void* data = nullptr;
  nb::object made = new_array(out.type, dimensions(out, layout, array.dimensions == 2), data);
  const auto work = [&] {
    source.check();
    prepared->run(source.view(), data, layout);
  };
  without_gil(std::ref(work));
  return made;
}

nb::object apply(const CountedRecipe& self, nb::handle image, const std::string& key, std::uint64_t epoch, std::uint32_t copy,
                 const std::string& label, std::optional<bool> alpha, bool bounded, bool planes) {
  const DrawKey draw{key, copy, epoch, label};
  if (const HeldBuffer buffer(image); buffer) return run(self, ArrayPlace::of(buffer.get()), draw, alpha, bounded, layout_of(planes));
  const auto array = nb::cast<AnyArray>(image);
  return run(self, ArrayPlace::of(array), draw, alpha, bounded, layout_of(planes));
}

/// Images that may be each other's partners, checked and packed before the first of them is drawn.
class Together {
 public:
  Together(const std::vector<AnyArray>& images, int threads, std::optional<bool> alpha, bool bounded) : held_(images.size()) {
    for_each_item(images.size(), threads, [&](std::size_t i) { held_[i].emplace(images[i], alpha, bounded); }, [] { return true; });
  }
  std::vector<ImageView> views() const {
    std::vector<ImageView> views;
    for (const auto& image : held_) views.push_back(image->view());
    return views;
  }

 private:
  std::vector<std::optional<ArrayImage>> held_;
};

/// The images, and of each how much every label counts that is seen on it (empty where nothing is mixed).
nb::tuple batch(const CountedRecipe& self, const std::vector<AnyArray>& images, const std::vector<std::string>& keys,
                const std::vector<std::string>& labels, std::uint64_t epoch, std::uint32_t copy, int threads,
                std::optional<bool> alpha, bool bounded, bool planes) {
  if (keys.size() != images.size() || (!labels.empty() && labels.size() != images.size()))
    throw nb::value_error("keys and labels must be as many as images");
  BatchRoom room(images.size(), layout_of(planes));
  std::vector<DrawKey> draws;
  for (std::size_t i = 0; i < keys.size(); ++i)
    draws.push_back({keys[i], copy, epoch, labels.empty() ? std::string_view() : std::string_view(labels[i])});
  const bool mixes = self.recipe.mixes();
  std::vector<std::vector<std::pair<std::string, double>>> shares(mixes ? images.size() : 0);
  bool whole = false;
  {
    const nb::gil_scoped_release released;
    std::optional<Together> together;
    std::optional<Batch> mixed;
    std::vector<ImageView> views;
    if (mixes) {
      views = together.emplace(images, threads, alpha, bounded).views();
      mixed.emplace(self.recipe, views, draws);
    }
    whole = for_each_item(images.size(), threads, [&](std::size_t i) {
      try {
        std::optional<ArrayImage> own;
        const ImageView source = mixed ? views[i] : own.emplace(images[i], alpha, bounded).view();
        const Prepared prepared = mixed ? mixed->prepare(i) : self.recipe.prepare(source, draws[i]);
        prepared.run(source, room.slot(prepared.out(), i, keys[i]), room.layout());
        if (mixed) shares[i] = mixed->shares(i, prepared);
      } catch (Error& error) {
        throw error.with_sample(keys[i]);
      }
    }, SignalWatch());
  }
  if (!whole) throw nb::python_error();
  std::vector<std::size_t> all(images.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return nb::make_tuple(std::move(room).to_array(all), shares);
}

using ApplyFile = std::function<AppliedFile(std::vector<std::byte> file, std::size_t number)>;

/// Files in; out come pairs of a file and its line of lineage. What is broken comes back as its reason, a str.
nb::list each_file(const std::vector<nb::bytes>& files, const std::vector<std::string>& keys, int threads, const ApplyFile& apply_file) {
  std::vector<AppliedFile> made(files.size());
  std::vector<std::string> reasons(files.size());
  std::vector<std::pair<const std::byte*, std::size_t>> sources;
  for (const nb::bytes& file : files) sources.emplace_back(static_cast<const std::byte*>(file.data()), file.size());
  bool whole = false;
  {
    const nb::gil_scoped_release released;
    whole = for_each_item(files.size(), threads, [&](std::size_t i) {
      try {
        made[i] = apply_file({sources[i].first, sources[i].first + sources[i].second}, i);
      } catch (Error& error) {
        error.with_sample(keys[i]);
        if (error.fault() != Fault::data) throw;
        reasons[i] = error.what();
      }
    }, SignalWatch());
  }
  if (!whole) throw nb::python_error();
  nb::list result;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (reasons[i].empty()) result.append(nb::make_tuple(nb::bytes(made[i].file.data(), made[i].file.size()), made[i].line));
    else result.append(nb::str(reasons[i].c_str()));
  }
  return result;
}

nb::list batch_files(const CountedRecipe& self, const std::vector<nb::bytes>& files, const std::vector<std::string>& keys,
                     const std::vector<std::string>& ids, const std::vector<std::string>& labels, std::uint64_t epoch, std::uint32_t copy,
                     int threads) {
  if (keys.size() != files.size() || ids.size() != files.size() || labels.size() != files.size())
    throw nb::value_error("keys, ids and labels must be as many as files");
  return each_file(files, keys, threads, [&](std::vector<std::byte> file, std::size_t i) {
    return self.recipe.apply_file(std::move(file), {keys[i], copy, epoch, labels[i]}, ids[i]);
  });
}

nb::list original_files(const std::vector<nb::bytes>& files, const std::vector<std::string>& keys, const std::vector<std::string>& labels,
                        bool keep_metadata, bool decode, int threads) {
  if (keys.size() != files.size() || labels.size() != files.size()) throw nb::value_error("keys and labels must be as many as files");
  return each_file(files, keys, threads, [&](std::vector<std::byte> file, std::size_t i) {
    return original_file(std::move(file), keys[i], labels[i], {keep_metadata, decode});
  });
}

nb::tuple explain(const CountedRecipe& self, const AnyArray& image, const std::string& key, std::uint64_t epoch,
                  std::uint32_t copy, const std::string& label, std::optional<bool> alpha, bool bounded) {
  const ArrayImage source(image, alpha, bounded);
  const Prepared prepared = self.recipe.prepare(source.view(), {key, copy, epoch, label});
  nb::list pictures;
  for (std::size_t step = 0; step < prepared.size(); ++step) {
    Image after;
    without_gil([&] { after = prepared.after(source.view(), step + 1); });
    pictures.append(to_array(after, image.ndim() == 2));
  }
  return nb::make_tuple(prepared.steps(), pictures);
}

nb::object again(const CountedRecipe& self, const std::string& line, const AnyArray& image, std::optional<bool> alpha, bool bounded) {
  const ArrayImage source(image, alpha, bounded);
  const Prepared prepared = self.recipe.prepare_again(line, source.view());
  Buffer buffer(bytes_of(prepared.out()));
  without_gil([&] { prepared.run(source.view(), buffer.data()); });
  return std::move(buffer).to_array(prepared.out().type, dimensions(prepared.out(), Layout::hwc, image.ndim() == 2));
}

/// (width, height, digest, difference hash or None), or the reason why it is no picture.
nb::object look_at(const nb::bytes& file, bool pixels) {
  const auto* first = static_cast<const std::byte*>(file.data());
  PictureFacts facts;
  std::string reason;
  {
    const nb::gil_scoped_release released;
    try {
      facts = look_at_picture({first, first + file.size()}, pixels);
    } catch (const Error& error) {
      if (error.fault() != Fault::data) throw;
      reason = error.what();
    }
  }
  if (!reason.empty()) return nb::cast(reason);
  return nb::make_tuple(facts.width, facts.height, facts.digest, facts.difference_hash);
}

}  // namespace

bool SignalWatch::operator()() {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(20)) return true;
  last_ = now;
  const nb::gil_scoped_acquire acquired;
  return PyErr_CheckSignals() == 0;
}

void hearing_signals(const std::function<void()>& work) {
  if (!interruptible(work, SignalWatch())) throw nb::python_error();
}

void without_gil(const std::function<void()>& work) {
  bool whole = false;
  {
    const nb::gil_scoped_release released;
    whole = interruptible(work, SignalWatch());
  }
  if (!whole) throw nb::python_error();
}

void bind_recipe(nb::module_& m) {
  nb::class_<CountedRecipe>(m, "Recipe")
      .def_static("from_text", [](const std::string& text) { return new CountedRecipe{Recipe::from_text(text)}; })
      .def_static("from_file", [](const std::string& file) { return new CountedRecipe{Recipe::from_file(file)}; })
      .def_static("preset", [](const std::string& name) { return new CountedRecipe{Recipe::preset(name)}; })
      .def("mixes", [](const CountedRecipe& self) { return self.recipe.mixes(); })
      .def("yaml", [](const CountedRecipe& self) { return self.recipe.yaml(); })
      .def("next_call", [](CountedRecipe& self) { return self.calls++; })
      .def_prop_rw("seed", [](const CountedRecipe& self) { return self.recipe.seed(); },
                   [](CountedRecipe& self, std::uint64_t seed) { self.recipe.seed(seed); })
      .def_prop_rw("calls", [](const CountedRecipe& self) { return self.calls.load(); },
                   [](CountedRecipe& self, std::uint64_t calls) { self.calls = calls; })
      .def("plan", [](const CountedRecipe& self, int height, int width, int channels, const std::string& type,
                      const std::string& key, std::uint64_t epoch, std::uint32_t copy, const std::string& label) {
        return self.recipe.plan(shape_view(height, width, channels, type), {key, copy, epoch, label});
      })
      .def("apply", &apply, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), nb::arg())
      .def("batch", &batch, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg(),
           nb::arg())
      .def("batch_files", &batch_files)
      .def("again", &again, nb::arg(), nb::arg(), nb::arg().none(), nb::arg())
      .def("explain", &explain, nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg());
  m.def("look_at", &look_at);
  m.def("original_files", &original_files);
}

}  // namespace leaven::python
