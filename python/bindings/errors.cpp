// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/module.h"
#include "sim/base/check.h"

namespace py = pybind11;

namespace chipcast::python {
namespace {

/// The exception classes live as long as the process; the translator below may run at any time.
struct ErrorTypes {
  py::handle input, limit, internal;
};

ErrorTypes& types() {
  static ErrorTypes instance;
  return instance;
}

py::handle new_type(py::module_& module, const char* name, PyObject* base, const char* doc) {
  const std::string qualified = std::string("chipcast.") + name;
  const py::handle type = PyErr_NewExceptionWithDoc(qualified.c_str(), doc, base, nullptr);
  if (!type) throw py::error_already_set();
  module.attr(name) = type;
  return type;
}

/// Raises an InputError whose attributes `place` and `message` are the two halves of its text.
void raise_input_error(const InputError& error) {
  py::object instance = py::reinterpret_borrow<py::object>(types().input)(error.what());
  instance.attr("place") = error.place();
  instance.attr("message") = error.message();
  PyErr_SetObject(types().input.ptr(), instance.ptr());
}

void translate(std::exception_ptr pointer) {
  try {
    if (pointer) std::rethrow_exception(pointer);
  } catch (const InputError& error) {
    raise_input_error(error);
  } catch (const LimitError& error) {
    PyErr_SetString(types().limit.ptr(), error.what());
  } catch (const InvariantError& error) {
    PyErr_SetString(types().internal.ptr(), error.what());
  }
}

}  // namespace

void bind_errors(py::module_& module) {
  types().input = new_type(module, "InputError", PyExc_ValueError,
                           "A mistake in a model, a platform or an option; the text says where and what to do.");
  types().limit =
      new_type(module, "LimitError", PyExc_RuntimeError, "A limit on events, simulated time or size was reached.");
  types().internal = new_type(module, "InternalError", PyExc_RuntimeError, "A bug of Chipcast; please report it.");
  py::register_exception_translator(&translate);
}

}  // namespace chipcast::python
