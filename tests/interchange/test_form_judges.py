"""The engines of other survey tools accept the forms, and agree on every route.

JUDGES=all runs these tests, as .ci/run does; NODE_JUDGES is a folder with the packages of npm.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from microcred_cli.interchange.surveyjs import as_surveyjs
from microcred_cli.questionnaire.loading import load
from tests.interchange.drawing import drawn, in_odk, in_surveyjs

if TYPE_CHECKING:
    from collections.abc import Callable

    from microcred_cli.questionnaire.models import Questionnaire

pytestmark = [
    pytest.mark.skipif(
        os.environ.get("JUDGES") != "all", reason="JUDGES=all runs the engines of other tools"
    ),
    # Warnings of other programs about themselves.
    pytest.mark.filterwarnings("ignore"),
]

HERE = Path(__file__).parent
RESPONSES = 200


def routes_by(script: str, form: Path, cases: list[Any]) -> dict[str, Any]:
    """The output of a script for node."""
    node, modules = shutil.which("node"), os.environ.get("NODE_JUDGES", "")
    if node is None or not (Path(modules) / "node_modules").is_dir():
        pytest.skip("node, or the folder NODE_JUDGES with its packages, is missing")
    answers = form.with_name("cases.json")
    answers.write_text(json.dumps(cases), encoding="utf-8")
    command = [node, str(HERE / script), modules, str(form), str(answers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def agreeing(
    questionnaire: Questionnaire,
    script: str,
    form: Path,
    written: Callable[[Questionnaire, dict[str, Any]], dict[str, Any]],
) -> None:
    """Assert that an engine shows exactly the items asked, for each of many responses."""
    random = Random(20)
    known = [drawn(questionnaire, random) for _ in range(RESPONSES)]
    found = routes_by(script, form, [written(questionnaire, answers) for answers, _ in known])
    assert found["faults"] == []
    for (_, asked), names in zip(known, found["shown"], strict=True):
        bare = [name.removeprefix("grid_").removeprefix("ranks_") for name in names]
        assert [name for name in bare if name in questionnaire.by_id] == asked


def test_surveyjs_asks_what_the_program_asks(tmp_path: Path) -> None:
    loaded = load("mc_employers")
    form = tmp_path / "form.json"
    form.write_bytes(as_surveyjs(loaded, "en"))
    agreeing(loaded.questionnaire, "surveyjs_routes.mjs", form, in_surveyjs)


def test_odk_accepts_the_form_and_asks_what_the_program_asks(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter", reason="the extra export is not installed")
    xls2xform = pytest.importorskip("pyxform.xls2xform", reason="pyxform is not installed")
    from microcred_cli.interchange.xlsform import as_xlsform

    loaded = load("mc_employers")
    book, form = tmp_path / "form.xlsx", tmp_path / "form.xml"
    book.write_bytes(as_xlsform(loaded, "en"))
    warnings = xls2xform.xls2xform_convert(
        str(book), str(form), validate=shutil.which("java") is not None
    )
    assert warnings == []
    agreeing(loaded.questionnaire, "odk_routes.cjs", form, in_odk)
