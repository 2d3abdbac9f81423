#include "errors.hpp"

#include <nanobind/nanobind.h>

#include "leaven/error.hpp"

namespace leaven::python {

namespace nb = nanobind;

namespace {

PyObject* type_for(Fault fault) {
  switch (fault) {
    case Fault::usage:
    case Fault::data: return PyExc_ValueError;
    case Fault::environment: return PyExc_OSError;
    case Fault::interrupted: return PyExc_KeyboardInterrupt;
    case Fault::refused:
    case Fault::bug: break;
  }
  return PyExc_RuntimeError;
}

const char* name_of(Fault fault) {
  switch (fault) {
    case Fault::usage: return "usage";
    case Fault::data: return "data";
    case Fault::environment: return "environment";
    case Fault::refused: return "refused";
    case Fault::interrupted: return "interrupted";
    case Fault::bug: break;
  }
  return "bug";
}

}  // namespace

void translate_errors() {
  nb::register_exception_translator([](const std::exception_ptr& pointer, void*) {
    try {
      std::rethrow_exception(pointer);
    } catch (const Error& error) {
      PyObject* const type = type_for(error.fault());
      const nb::object made = nb::borrow<nb::object>(type)(error.what());
      made.attr("fault") = name_of(error.fault());
      made.attr("place") = error.place().c_str();
      PyErr_SetObject(type, made.ptr());
    }
  });
}

}  // namespace leaven::python
