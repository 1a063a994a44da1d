"""The pages that follow from the code follow from this code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
_spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
assert _spec is not None
assert _spec.loader is not None
generate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(generate)


@pytest.mark.parametrize("name", sorted(generate.PAGES))
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == generate.PAGES[name](), "run `make docs`"


def test_links_lead_somewhere() -> None:
    root = DOCS.parent
    for page in (*root.glob("*.md"), *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(root)} links to {target}"


def test_every_decision_is_listed() -> None:
    records = {path.name for path in (DOCS / "adr").glob("0*.md")}
    listed = set(re.findall(r"\((0[^)]+\.md)\)", (DOCS / "adr" / "README.md").read_text(encoding="utf-8")))
    assert records == listed


def test_the_examples_of_data_are_data_sets() -> None:
    """And every data set that there is has one, or is named beside those that it is written like."""
    from nncli.config.load import parse_config
    from nncli.spec.describing.config import type_names

    page = (DOCS / "data.md").read_text(encoding="utf-8")
    examples = re.findall(r"^(?:    )?(dataset: \{.*\})$", page, re.MULTILINE)
    rest = "name: a\nmodel: {layers: [{type: dense, units: 1}]}\noptimizer: adam\nloss: mse\n"
    for example in examples:
        parse_config(f"{rest}{example}\n", "data.md", "/")
    assert len(examples) > 15
    for name in type_names("dataset"):
        assert f"type: {name}," in page or f"`{name}`" in page, name
