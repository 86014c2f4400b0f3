import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_routes_is_complete():
    from function_app import app

    served = {
        (trigger["route"], method)
        for function in app.get_functions()
        for trigger in function.get_bindings_dict()["bindings"]
        if trigger["type"] == "httpTrigger"
        for method in (str(getattr(each, "value", each)) for each in trigger["methods"])
    }
    rows = re.findall(r"^\| (`[^|]+`) \| (GET|POST)", (ROOT / "README.md").read_text(), re.MULTILINE)
    documented = {
        (route.partition("?")[0], method) for cell, method in rows for route in re.findall("`([^`]+)`", cell)
    }
    assert documented == served


def test_links_within_the_repository_lead_somewhere():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, link)
        for page in pages
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert not links
