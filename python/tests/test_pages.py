"""Recipes and command lines in pages for users are such as the program takes."""

from __future__ import annotations

import re

import pytest

import leaven as lv
from doc_blocks import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(*kinds):
    """(name, text) of all blocks of these kinds."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            if found.group(1) in kinds:
                yield f"{page.name}:{text.count(chr(10), 0, found.start()) + 2}", found.group(2)


YAML = dict(blocks("yaml"))


@pytest.mark.parametrize("name", YAML)
def test_recipes_are_read(name):
    text = YAML[name]
    if text.lstrip().startswith("- "):
        text = "steps:\n" + text
    if not text.startswith("leaven:"):
        text = "leaven: 1\n" + text
    if not re.search(r"^(steps|extends):", text, re.MULTILINE):
        text += "steps: []\n"
    assert lv.Recipe.from_text(text).yaml


def flags():
    """Of each command its flags, from the page that the program prints."""
    parts = re.split(r"^## leaven (\w+)$", (ROOT / "docs/command_line.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)) for name, text in zip(parts[1::2], parts[2::2])}


def test_command_lines_have_commands_and_flags_of_the_program():
    known, seen = flags(), 0
    for name, text in blocks("sh", ""):
        for line in text.splitlines():
            words = re.sub(r"#.*", "", re.sub(r"^\s*(\$ )?(build/)?", "", line)).split()
            if len(words) < 2 or words[0] != "leaven" or not re.fullmatch(r"[a-z]+", words[1]):
                continue
            assert words[1] in known, f"{name}: {line}"
            for word in words[2:]:
                flag = word.partition("=")[0]
                assert not re.fullmatch(r"--?[a-z-]+", flag) or flag in known[words[1]], f"{name}: {line}: {flag}"
            seen += 1
    assert seen > 20
