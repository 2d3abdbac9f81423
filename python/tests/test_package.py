"""What the package promises besides what it does."""

from __future__ import annotations

import ast
import inspect
import json
import pathlib
import subprocess
import sys

import pytest

import leaven as lv
from leaven import _core
from leaven._ops import OPS, POLICIES
from leaven._table import _LABELS
from leaven._type_hints import type_hints

FOLDER = pathlib.Path(lv.__file__).parent


def test_the_printed_type_hints_are_those_of_the_op_table():
    assert (FOLDER / "__init__.pyi").read_text(encoding="utf-8") == type_hints(OPS, POLICIES)


def test_type_hints_name_every_op_and_field_of_the_schema_and_nothing_else():
    tree = ast.parse((FOLDER / "__init__.pyi").read_text(encoding="utf-8"))
    hinted = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    definitions = json.loads(_core.schema())["$defs"]
    ops = {name[3:]: schema for name, schema in definitions.items() if name.startswith("op_") and "." not in name}
    assert set(hinted) == set(ops) | set(POLICIES) | {"presets"}
    for name, schema in ops.items():
        arguments = {argument.arg.rstrip("_") for argument in hinted[name].args.kwonlyargs}
        assert arguments - ({"size"} - set(schema["properties"])) == set(schema["properties"]), name
        doc = ast.get_docstring(hinted[name])
        assert doc.startswith(schema["description"]) and all(f"\n{a.arg}: " in doc for a in hinted[name].args.kwonlyargs[:-2])


@pytest.mark.parametrize("name", sorted(OPS))
def test_functions_of_ops_have_signature_docstring_and_work_as_they_are(name):
    assert OPS[name].labels in _LABELS
    function = getattr(lv, name)
    assert function.__name__ == name and function.__doc__ == OPS[name].docstring()
    assert {"p", "when"} <= set(inspect.signature(function).parameters)
    example = lv.Recipe.from_text(f"leaven: 1\nsteps:\n  - {OPS[name].example}\n")
    assert name in example.yaml


@pytest.mark.parametrize("name", sorted(POLICIES))
def test_policies_are_functions_and_become_plain_steps(name):
    assert lv.Recipe([getattr(lv, name)(p=0.5)]) == lv.Recipe.from_text(f"leaven: 1\nsteps:\n  - {name}: {{p: 0.5}}\n")
    with pytest.raises(ValueError, match=name):
        getattr(lv, name)(no_such_field=1)


def test_the_published_policies_are_there():
    assert {"rand_augment", "trivial_augment", "auto_augment"} <= set(POLICIES)


def test_names_of_ops_take_no_other_name():
    assert len(lv.__all__) == len(set(lv.__all__))
    assert all(hasattr(lv, name) for name in lv.__all__) and set(lv.__all__) <= set(dir(lv))
    with pytest.raises(AttributeError, match="no_such_op"):
        lv.no_such_op


def test_hints_export_what_the_package_exports():
    tree = ast.parse((FOLDER / "__init__.pyi").read_text(encoding="utf-8"))
    names = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names} - {None}
    names |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert names == set(lv.__all__)


def test_numpy_is_all_that_it_imports():
    code = (
        "import sys, numpy\nbefore = set(sys.modules)\nimport leaven\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "['leaven']"


def test_the_module_brings_its_libraries():
    module = next(FOLDER.glob("_core*.so"))
    shown = subprocess.run(["ldd", str(module)], capture_output=True, text=True, check=True).stdout
    system = ("linux-vdso", "libstdc++", "libm.so", "libgcc_s", "libc.so", "/lib64/ld-linux", "libpthread", "libdl", "librt")
    foreign = [line for line in shown.splitlines() if not line.strip().startswith(system) and str(FOLDER) not in line]
    assert not foreign
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 24 << 20


def test_import_is_quick():
    code = "import numpy, json, inspect, time; t = time.process_time(); import leaven; print(time.process_time() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    assert min(times) < 0.06
