"""prove() and tune(): how the program is found and called, and what becomes of its answer. The program itself is tested in
tests/networks; test_prove.py of tests_engines calls it from here."""

from __future__ import annotations

import json

import pytest

import leaven as lv
from leaven import _program
from recorded_program import RECORDED, words, write_program


def test_a_proof_is_an_object(program):
    proof = lv.prove("table", "points.csv", target="y", seeds=3, budget="none")
    recorded = json.loads(RECORDED.read_text())
    assert isinstance(proof, lv.Proof)
    assert proof.verdict == "inconclusive" and proof.sentence == recorded["sentence"]
    assert proof.difference == pytest.approx(4.1667, abs=1e-4)
    assert proof.interval[0] < proof.difference < proof.interval[1]
    assert proof.metric == "accuracy" and proof.notes == []
    assert [(arm.arm, arm.training, arm.seeds) for arm in proof.arms] == [("table", "matched", 3), ("dup", "matched", 3), ("none", "matched", 3)]
    assert proof.arms[0].metrics["accuracy"] - proof.arms[1].metrics["accuracy"] == pytest.approx(proof.difference)
    assert "r2" not in proof.arms[0].metrics and proof.arms[0].failures == []
    assert proof.page.is_file() and proof.data["facts"]["items"] == "rows"
    assert repr(proof) == f"<leaven.Proof: {proof.sentence}>"


def test_in_a_notebook_it_shows_its_sentence_arms_and_page(program):
    shown = lv.prove("table", "points.csv")._repr_html_()
    assert "Inconclusive: table changes accuracy by +4.17 points" in shown
    assert shown.count("<tr>") == 4 and "macro_f1" in shown and "r2" not in shown
    assert "leaven.proof/leaven.proof.html" in shown


def test_arguments_become_flags(program):
    lv.prove("light", "photos", against=["none", "medium"], out="there", metric="auc", seeds=2, budget="90s", per_class=20, no_converged=True, no_robustness=False)
    assert words(program) == [
        "prove", "light", "--data", "photos", "-o", "there", "--against", "none,medium",
        "--metric", "auc", "--learner", "auto", "--seeds", "2", "--budget", "90s", "--per-class", "20", "--no-converged",
    ]  # fmt: skip


def test_recipes_go_as_files(program, tmp_path):
    recipe, other = lv.Recipe([lv.rotate(degrees=10)], seed=3), lv.Recipe([lv.invert()])
    lv.prove(recipe, "photos", against=["none", other])
    said = words(program)
    assert lv.Recipe.load(said[1]) == recipe
    none, file = said[said.index("--against") + 1].split(",")
    assert none == "none" and lv.Recipe.load(file) == other


def test_tune_gives_the_recipe_and_its_proof(program):
    recipe, proof = lv.tune("photos", start=lv.Recipe([lv.invert()]), level=0)
    assert recipe == lv.Recipe([lv.rotate(degrees=10)])
    assert proof.verdict == "inconclusive" and str(proof.folder) == "best.proof"
    said = words(program)
    assert said[:7] == ["tune", "--data", "photos", "-o", "best.yaml", "--proof", "best.proof"]
    assert said[-2:] == ["--level", "0"] and "invert" in lv.Recipe.load(said[said.index("--start") + 1]).yaml


def test_progress_is_told_or_not(program, capfd):
    lv.prove("light", "photos")
    assert capfd.readouterr().err == "[0/2] training\n[2/2] table, matched, seed 1: 90.00\n"
    lv.prove("light", "photos", progress=False)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "code, kind", [(2, ValueError), (3, RuntimeError), (1, RuntimeError), (70, RuntimeError), (130, KeyboardInterrupt)]
)
def test_what_the_program_refuses_is_an_exception_with_its_words(program, code, kind):
    (program.parent / "error").write_text(f"{code} there is no metric accurcy (did you mean accuracy?)")
    with pytest.raises(kind, match=r"^there is no metric accurcy \(did you mean accuracy\?\)$"):
        lv.prove("light", "photos", metric="accurcy")


def test_the_program_is_found(program, tmp_path, monkeypatch):
    assert _program.find_program() == str(program)
    other = write_program(tmp_path / "other")
    assert _program.find_program(other) == str(other)
    monkeypatch.delenv("LEAVEN_PROGRAM")
    monkeypatch.setenv("PATH", str(other.parent))
    monkeypatch.setattr(_program.sys, "executable", str(tmp_path / "nowhere" / "python"))
    assert _program.find_program() == str(other)
    monkeypatch.setattr(_program.sys, "executable", str(program.parent / "python"))
    assert _program.find_program() == str(program)


def test_without_a_program_it_is_said_what_to_do(program, tmp_path, monkeypatch):
    monkeypatch.setenv("LEAVEN_PROGRAM", str(tmp_path / "gone"))
    with pytest.raises(RuntimeError, match="gone is no program that can be run"):
        lv.prove("light", "photos")
    monkeypatch.delenv("LEAVEN_PROGRAM")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(_program.sys, "executable", str(tmp_path / "nowhere" / "python"))
    with pytest.raises(RuntimeError, match="make learn.*LEAVEN_PROGRAM"):
        lv.tune("photos")
