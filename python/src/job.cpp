#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"

namespace leaven::python {

namespace {

nb::dict augment_folder(const CountedRecipe& recipe, const std::string& in, const std::string& out, std::optional<std::uint32_t> times,
                        int threads, bool resume, bool overwrite, Progress& progress) {
  AugmentResult made;
  {
    const nb::gil_scoped_release released;
    made = augment(recipe.recipe, {in, out, times, threads, resume, overwrite}, [&](std::uint64_t done, std::uint64_t total) {
      if (total > 0) {  // a stage of unknown length says nothing of how far the run is
        progress.done = done;
        progress.total = total;
      }
      return !progress.stop;
    });
  }
  nb::dict result;
  result["sources"] = made.sources;
  result["outputs"] = made.outputs;
  result["set_aside"] = made.set_aside;
  result["too_many_broken"] = made.too_many_broken;
  result["report"] = made.report.string();
  return result;
}

}  // namespace

void bind_job(nb::module_& m) {
  nb::class_<Progress>(m, "Progress")
      .def(nb::init<>())
      .def_prop_ro("done", [](const Progress& self) { return self.done.load(); })
      .def_prop_ro("total", [](const Progress& self) { return self.total.load(); })
      .def_prop_rw("stop", [](const Progress& self) { return self.stop.load(); },
                   [](Progress& self, bool stop) { self.stop = stop; });
  m.def("augment", &augment_folder, nb::arg(), nb::arg(), nb::arg(), nb::arg().none(), nb::arg(), nb::arg(), nb::arg(), nb::arg());
  m.def("usual_preset", [](const std::string& in) { return usual_preset(in); });
  m.def("prepare_table", [](const std::string& run, const std::string& in, const std::string& out, bool back) {
    const nb::gil_scoped_release released;
    return prepare_table(run, in, out, back);
  });
  m.def("schema", &ops_schema);
  m.def("presets", &preset_names);
  m.def("version", &version);
}

}  // namespace leaven::python
