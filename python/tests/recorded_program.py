"""A stand-in for the program leaven, whose trainings take minutes and need libtorch: it notes how it was called and answers
with a proof that the real one once made (recorded_proof.json), or with a generator that its gate refuses."""

from __future__ import annotations

import json
import pathlib
import sys

RECORDED = pathlib.Path(__file__).with_name("recorded_proof.json")

PROGRAM = """#!{python}
import json, os, pathlib, sys
words = sys.argv[1:]
here = pathlib.Path(__file__).parent
(here / "words.json").write_text(json.dumps(words))
print("[0/2] training", file=sys.stderr)
if (here / "error").exists():
    code, text = (here / "error").read_text().split(" ", 1)
    print("leaven: " + text, file=sys.stderr)
    sys.exit(int(code))
after = lambda flag: pathlib.Path(words[words.index(flag) + 1])
if words[0] == "generate":
    if words[1] == "fit":
        after("-o").mkdir(parents=True, exist_ok=True)
        card = {{"kind": "copula", "data": "points.csv", "notes": ["small"], "columns": []}}
        (after("-o") / "generator.json").write_text(json.dumps(card))
    if words[1] == "check":
        verdict = {{"verdict": "refused", "reasons": ["copies"], "scores": {{"copies": 3}}}}
        (pathlib.Path(words[2]) / "leaven.gate.json").write_text(json.dumps(verdict))
        (pathlib.Path(words[2]) / "leaven.gate.html").write_text("<html></html>")
        sys.exit(12)
    if words[1] == "sample":
        after("-o").mkdir(parents=True, exist_ok=True)
        (after("-o") / "leaven.generated.json").write_text(json.dumps({{"file": "points.csv", "rows": 40}}))
        (after("-o") / "points.csv").write_text("x,n,w,day\\n0.5,1,a,2024-03-31\\n0.25,,,2024-04-01\\n")
    sys.exit(0)
out = after("--proof" if words[0] == "tune" else "-o")
out.mkdir(parents=True, exist_ok=True)
(out / "leaven.proof.json").write_bytes(pathlib.Path({recorded!r}).read_bytes())
(out / "leaven.proof.html").write_text("<html></html>")
if words[0] == "tune":
    after("-o").write_text("leaven: 1\\nsteps: [rotate: {{degrees: 10}}]\\n")
print("[2/2] table, matched, seed 1: 90.00", file=sys.stderr)
print("a table that nobody reads here")
sys.exit(11)
"""


def write_program(folder: pathlib.Path) -> pathlib.Path:
    """Makes folder/leaven; folder/error ("2 what is wrong") makes it fail."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "leaven"
    program.write_text(PROGRAM.format(python=sys.executable, recorded=str(RECORDED)), encoding="utf-8")
    program.chmod(0o755)
    return program


def words(program: pathlib.Path) -> list:
    """What it was last called with."""
    return json.loads((program.parent / "words.json").read_text())
