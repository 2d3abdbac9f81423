// The engine's errors as Python's.
#pragma once

namespace leaven::python {

/// leaven::Error becomes ValueError (recipe, sample), OSError (environment), KeyboardInterrupt or RuntimeError, with
/// attributes `fault` and `place` for those who know more of the place.
void translate_errors();

}  // namespace leaven::python
