#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "bindings.hpp"
#include "leaven/strength.hpp"

namespace leaven::python {

namespace {

using Probabilities = nb::ndarray<const float, nb::shape<-1, -1>, nb::c_contig, nb::device::cpu>;
using Losses = nb::ndarray<const double, nb::shape<-1>, nb::c_contig, nb::device::cpu>;

void tell(StrengthTable& self, const std::vector<std::string>& keys, const std::vector<std::uint32_t>& labels, const Probabilities& probabilities) {
  if (keys.size() != probabilities.shape(0) || labels.size() != keys.size()) throw nb::value_error("keys, labels and rows of probs must be as many");
  const std::size_t classes = probabilities.shape(1);
  for (std::size_t i = 0; i < keys.size(); ++i) self.tell(keys[i], labels[i], {probabilities.data() + i * classes, classes});
}

void tell_losses(StrengthTable& self, const std::vector<std::string>& keys, const std::vector<std::uint32_t>& labels, const Losses& losses) {
  if (keys.size() != losses.shape(0) || labels.size() != keys.size()) throw nb::value_error("keys, labels and losses must be as many");
  for (std::size_t i = 0; i < keys.size(); ++i) self.tell_loss(keys[i], labels[i], losses.data()[i]);
}

}  // namespace

void bind_strength(nb::module_& m) {
  m.def("at_strength", [](const CountedRecipe& recipe, double strength) { return new CountedRecipe{at_strength(recipe.recipe, strength)}; });
  nb::class_<StrengthTable>(m, "StrengthTable")
      .def_static("made", [](const std::string& rule, std::uint32_t classes, double target, double full) {
        return StrengthTable({strength_rule_named(rule), classes, target, full});
      })
      .def_static("from_state", [](const std::string& state) { return StrengthTable::from_state(state); })
      .def("state", &StrengthTable::state)
      .def("of", [](const StrengthTable& self, const std::string& key, std::uint32_t label) { return self.of(key, label); })
      .def("tell", &tell)
      .def("tell_losses", &tell_losses)
      .def("tell_held_out", &StrengthTable::tell_held_out)
      .def("next_epoch", &StrengthTable::next_epoch)
      .def_prop_ro("curve", [](const StrengthTable& self) { return self.curve(); });
}

}  // namespace leaven::python
