"""Pages of the site that nobody writes: one for each family of ops, from the op table and the gallery of a built `leaven`.

A hook of MkDocs. LEAVEN_BUILD names the folder of the build.
"""

from __future__ import annotations

import base64
import html
import os
import pathlib
import re
import subprocess
import tempfile
from typing import Dict, List, NamedTuple

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).parents[1]


class Op(NamedTuple):
    name: str
    family: str
    text: str  # Markdown below its heading


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _build() -> pathlib.Path:
    return ROOT / os.environ.get("LEAVEN_BUILD", "build")


def ops() -> List[Op]:
    """In the order of the table, as `leaven ops --markdown` prints them."""
    parts = re.split(r"^# (\w+)$", _run(str(_build() / "leaven"), "ops", "--markdown"), flags=re.MULTILINE)[1:]
    found = []
    for name, text in zip(parts[::2], parts[1::2]):
        family = re.search(r"^Family ([^;]+);", text, re.MULTILINE)
        if family is None:
            raise ValueError(f"the page of {name} names no family")
        found.append(Op(name, family.group(1), text.strip()))
    return found


def pictures() -> Dict[str, List[bytes]]:
    """JPEGs of each op of images, the original first, drawn on a picture that the program draws itself."""
    with tempfile.TemporaryDirectory() as folder:
        _run(str(_build() / "tools/draw_shapes"), f"{folder}/shapes")
        photo = min(pathlib.Path(folder, "shapes").rglob("*.jpg"))
        _run(str(_build() / "leaven"), "gallery", str(photo), "-o", f"{folder}/gallery.html")
        page = pathlib.Path(folder, "gallery.html").read_text(encoding="utf-8")
    parts = re.split(r'<h3 id="(\w+)">', page)[1:]
    return {
        name: [base64.b64decode(code) for code in re.findall(r"data:image/jpeg;base64,([^\"]+)", part)]
        for name, part in zip(parts[::2], parts[1::2])
    }


def _page(family: str, members: List[Op], drawn: Dict[str, List[bytes]]) -> str:
    lines = [f"# {family.capitalize()}", ""]
    for op in members:
        lines += [f"## {op.name}", ""]
        if drawn.get(op.name):
            names = [f"pictures/{op.name}_{number}.jpg" for number in range(len(drawn[op.name]))]
            shown = " ".join(
                f'<img src="{name}" alt="{html.escape(op.name if number else "original")}" width="23%">' for number, name in enumerate(names)
            )
            lines += [f"<p>{shown}</p>", ""]
        lines += [op.text, ""]
    return "\n".join(lines)


def on_config(config):
    """The families stand in the menu; a page that is not there is left out, and one that nobody named is added at the end."""
    families = list(dict.fromkeys(op.family for op in ops()))
    named = set(re.findall(r"[\w/]+\.md", str(config.nav)))
    nav = []
    for entry in config.nav:
        ((title, what),) = entry.items()
        if title == "Ops":
            what = [{family.capitalize(): f"ops/{_file(family)}.md"} for family in families]
        if isinstance(what, str) and not (ROOT / "docs" / what).exists():
            continue
        nav.append({title: what})
    others = sorted(page.name for page in (ROOT / "docs").glob("*.md") if page.name not in named)
    config.nav = nav + others
    return config


def _file(family: str) -> str:
    return re.sub(r"\W+", "_", family)


def on_files(files, config):
    drawn = pictures()
    families: Dict[str, List[Op]] = {}
    for op in ops():
        families.setdefault(op.family, []).append(op)
    for family, members in families.items():
        files.append(File.generated(config, f"ops/{_file(family)}.md", content=_page(family, members, drawn)))
    for name, codes in drawn.items():
        for number, code in enumerate(codes):
            files.append(File.generated(config, f"ops/pictures/{name}_{number}.jpg", content=code))
    return files


def on_page_markdown(markdown, page, config, files):
    """Files of the repository that are no pages are named, not linked."""
    return re.sub(r"\[([^\]]+)\]\(\.\./[^)]+\)", r"\1", markdown)
