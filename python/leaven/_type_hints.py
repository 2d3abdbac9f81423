"""Prints leaven/__init__.pyi, the type hints and docstrings of every op: `_type_hints.py MODULE_FILE OUTPUT`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_HEAD = '''\
# Printed from the op table when the package is built. Do not edit.
from typing import Any, Dict, List, Literal, Mapping, Optional, Sequence, Tuple, Union

from ._custom import CustomOp as CustomOp
from ._custom import custom as custom
from ._custom import custom_op as custom_op
from ._custom import load_ops as load_ops
from ._dynamic import DynamicRecipe as DynamicRecipe
from ._explain import Explanation as Explanation
from ._from_albumentations import from_albumentations as from_albumentations
from ._from_torchvision import from_torchvision as from_torchvision
from ._generate import Gate as Gate
from ._generate import Generator as Generator
from ._generate import Samples as Samples
from ._job import Augmented as Augmented
from ._job import augment as augment
from ._loader import Loader as Loader
from ._migrate import MigrationWarning as MigrationWarning
from ._prove import Proof as Proof
from ._prove import prove as prove
from ._prove import tune as tune
from ._recipe import Recipe as Recipe
from ._steps import Law as Law
from ._steps import Step as Step
from ._steps import beta as beta
from ._steps import choice as choice
from ._steps import integer as integer
from ._steps import log_uniform as log_uniform
from ._steps import normal as normal
from ._steps import one_of as one_of
from ._steps import random_order as random_order
from ._steps import repeat as repeat
from ._steps import sequence as sequence
from ._steps import some_of as some_of
from ._steps import truncated_normal as truncated_normal
from ._steps import uniform as uniform
from ._steps import with_probability as with_probability
from ._views import View as View
from ._views import Views as Views

__version__: str

def presets() -> List[str]:
    """Names that Recipe.preset knows."""
'''

_TYPES = {
    "number": "Union[float, Law]",
    "integer": "Union[int, Law]",
    "boolean": "Union[bool, Law]",
    "string": "Union[str, Law]",
    "array": "Union[float, Sequence[float], Law]",
}


def _type_of(field) -> str:
    if field.kind == "enum":
        return f"Union[Literal[{', '.join(repr(choice) for choice in field.choices)}], Law]"
    return _TYPES[field.kind]


def _indented(doc: str) -> str:
    text = doc.replace("\\", "\\\\").replace('"""', "'''")
    return "\n".join("    " + line if line else "" for line in text.split("\n")).lstrip()


def type_hints(ops, policies) -> str:
    """The whole file."""
    parts = [_HEAD]
    for op in ops.values():
        parameters = [f"{f.argument}: {_type_of(f)} = ..." for f in op.fields]
        if op.holds_steps:
            parameters.append("steps: Sequence[Any]")
        if op.takes_size:
            parameters.append("size: Union[int, Tuple[int, int], Law] = ...")
        parameters += ["p: float = ...", "on: Union[str, Sequence[str]] = ...", "when: Mapping[str, Any] = ..."]
        arguments = ",\n    ".join(parameters)
        parts.append(f'def {op.name}(\n    *,\n    {arguments},\n) -> Step:\n    """{_indented(op.docstring())}"""\n')
    for policy in policies.values():
        parts.append(f'def {policy.name}(**fields: Any) -> Step:\n    """{_indented(policy.docstring())}"""\n')
    return "\n".join(parts)


def _main(module_file: str, output: str) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    from _table import read_table

    spec = importlib.util.spec_from_file_location("_core", module_file)
    core = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(core)
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    Path(output).write_text(type_hints(*read_table(core.schema())), encoding="utf-8")


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
