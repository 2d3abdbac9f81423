"""Generator: how the program is called, and what becomes of its answers. test_generate.py of tests_engines calls the real one."""

from __future__ import annotations

import json

import pytest

import leaven as lv
from recorded_program import words


def test_fit_starts_the_program_and_gives_the_generator(program):
    generator = lv.Generator.fit("points.csv", out="gen", target="y", seed=4, held_out=0.1, threads=2)
    assert words(program) == [
        "generate", "fit", "--data", "points.csv", "-o", "gen", "--kind", "auto", "--target", "y", "--seed", "4", "--held-out", "0.1", "--threads", "2",
    ]  # fmt: skip
    assert generator.kind == "copula" and generator.notes == ["small"]
    assert repr(generator) == "<leaven.Generator: copula of points.csv, unchecked>"
    assert not generator.gate.accepted and generator.gate.page is None


def test_notes_name_the_arguments_of_python(program):
    card = lv.Generator.fit("points.csv", out="gen").folder / "generator.json"
    card.write_text(json.dumps({**json.loads(card.read_text()), "notes": ["it did not learn; --steps takes more"]}))
    assert lv.Generator("gen").notes == ["it did not learn; steps= takes more"]


def test_a_generator_is_overwritten_only_when_asked(program):
    lv.Generator.fit("points.csv", out="gen")
    with pytest.raises(ValueError, match="overwrite=True"):
        lv.Generator.fit("points.csv", out="gen")
    lv.Generator.fit("points.csv", out="gen", overwrite=True)
    assert "--overwrite" in words(program)


def test_a_stopped_fit_goes_on(program):
    lv.Generator.fit("points.csv", out="gen")
    assert lv.Generator.fit("points.csv", out="gen", resume=True).kind == "copula"
    assert words(program)[-1] == "--resume" and "--overwrite" not in words(program)
    (program.parent / "error").write_text("130 stopped at step 4 of 9 (--resume goes on)")
    with pytest.raises(KeyboardInterrupt, match=r"step 4 of 9 \(resume=True goes on\)"):
        lv.Generator.fit("points.csv", out="gen", resume=True)


def test_a_recipe_goes_as_a_file(program):
    recipe = lv.Recipe([lv.rotate(degrees=10)])
    lv.Generator.fit("photos", out="gen", recipe=recipe)
    said = words(program)
    assert lv.Recipe.load(said[said.index("--recipe") + 1]) == recipe


def test_check_answers_with_the_gate_whatever_it_says(program):
    generator = lv.Generator.fit("points.csv", out="gen")
    gate = generator.check(seeds=2)
    assert words(program) == ["generate", "check", "gen", "--data", "points.csv", "--seeds", "2"]
    assert gate.verdict == "refused" and gate.reasons == ["copies"] and gate.scores == {"copies": 3}
    assert gate.page is not None and repr(gate) == "<leaven.Gate: refused; copies>"
    assert "refused; copies" in generator._repr_html_() and "<td>copies</td><td>3</td>" in generator._repr_html_()
    opened = lv.Generator("gen")
    assert opened.gate.verdict == "refused"
    with pytest.raises(ValueError, match=r"check\(data\)"):
        opened.check()
    assert opened.check("points.csv").verdict == "refused"


def test_sample_says_what_was_written(program, tmp_path):
    generator = lv.Generator.fit("points.csv", out="gen")
    samples = generator.sample("more", per_class=20, classes=["a", "b"], where={"sex": "Male"}, seed=7, force=True)
    assert words(program) == [
        "generate", "sample", "gen", "-o", "more", "--class", "a", "--class", "b", "--where", "sex=Male", "--per-class", "20", "--seed", "7", "--force",
    ]  # fmt: skip
    assert samples.count == 40 and str(samples.table) == "more/points.csv" and str(samples.lineage) == "more/leaven.lineage.jsonl"
    generator.sample("more", recipe="rules.yaml")
    assert words(program)[-6:] == ["--recipe", "rules.yaml", "--data", "points.csv", "--seed", "0"]


def test_what_is_wrong_is_an_exception(program):
    with pytest.raises(FileNotFoundError, match="nowhere holds no generator"):
        lv.Generator("nowhere")
    generator = lv.Generator.fit("points.csv", out="gen")
    (program.parent / "error").write_text("12 gen: the gate refused this generator: copies (--force samples all the same)")
    with pytest.raises(RuntimeError, match=r"the gate refused this generator: copies \(force=True samples all the same\)"):
        generator.sample("more")
    (program.parent / "error").write_text("2 there is no class c (did you mean a?)")
    with pytest.raises(ValueError, match="did you mean a"):
        generator.sample("more", classes=["c"])


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("gen: holds a fit that was stopped (--resume goes on with it, --overwrite begins anew)", "gen: holds a fit that was stopped (resume=True goes on with it, overwrite=True begins anew)"),
        ("give more time (--budget 30m), or --level 1", 'give more time (budget="30m"), or level=1'),
        ("another --seed, or fewer --steps", "another seed=, or fewer steps="),
        ("name it: --target COLUMN", "name it: target=COLUMN"),
        ("--kind flow can be guided", 'kind="flow" can be guided'),
        ("--size makes the sides of both equal", "size= makes the sides of both equal"),
        ("another beginning (--from, --pretrain)", "another beginning (from_=, pretrain=)"),
        ("fit with a larger --held-out", "fit with a larger held_out="),
        ("-o names a folder of their own", "out= names a folder of their own"),
        ("x--resume/y--kind.csv: is a table", "x--resume/y--kind.csv: is a table"),
        ("was fitted without guidance (leaven generate fit --kind flow --guidance 2)", "was fitted without guidance (leaven generate fit --kind flow --guidance 2)"),
    ],
)
def test_errors_name_the_arguments_of_python(program, said, heard):
    (program.parent / "error").write_text("2 " + said)
    with pytest.raises(ValueError) as error:
        lv.Generator.fit("points.csv", out="gen")
    assert str(error.value) == heard
