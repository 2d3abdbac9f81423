#include <nanobind/nanobind.h>

#include "bindings.hpp"
#include "errors.hpp"

NB_MODULE(_core, m) {
  // What Python still holds at its end is not worth a word to users.
  nanobind::set_leak_warnings(false);
  leaven::python::translate_errors();
  leaven::python::bind_recipe(m);
  leaven::python::bind_marks(m);
  leaven::python::bind_custom(m);
  leaven::python::bind_dataset(m);
  leaven::python::bind_feed(m);
  leaven::python::bind_job(m);
  leaven::python::bind_series(m);
  leaven::python::bind_series_feed(m);
  leaven::python::bind_strength(m);
}
