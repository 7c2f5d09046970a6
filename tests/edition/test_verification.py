"""Freezing, verifying, and a frozen number that was changed by 5 percent; the study really runs."""

import json
from argparse import ArgumentParser

import pandas as pd
import pytest

from gaitbook.edition.commands import add_commands
from gaitbook.edition.verification import freeze, has_drifted, verify


def command_line(*words):
    parser = ArgumentParser()
    add_commands(parser.add_subparsers())
    arguments = parser.parse_args(words)
    return arguments.handler(arguments)


@pytest.mark.usefixtures("toy_subject")
def test_a_fresh_run_reproduces_and_a_changed_number_is_caught(project, monkeypatch, capsys):
    written = freeze("toy", project=project)
    folder = project.expected("toy") / "01_toy"
    assert [path.name for path in written] == ["errors.csv", "values.csv"]
    assert json.loads((folder / "tolerances.json").read_text())["default"]["rtol"] == 0.01
    assert "14.2" not in (folder / "errors.csv").read_text()

    verdicts = verify("toy", cached=True, project=project)
    assert [verdict.outcome for verdict in verdicts] == ["reproduced", "reproduced"]
    page = (project.edition("toy") / "verdict.md").read_text()
    assert "2 of 2 figures reproduced, 0 drifted, 0 not run." in page

    frozen = pd.read_csv(folder / "errors.csv")
    frozen.assign(error=frozen["error"].to_numpy() * [1, 1.05]).to_csv(folder / "errors.csv", index=False)
    pd.DataFrame({"x": [1.0]}).to_csv(folder / "gone.csv", index=False)
    monkeypatch.chdir(project.root)
    assert command_line("verify", "toy", "--cached") == 1
    out = capsys.readouterr().out
    assert "drifted     01_toy  errors: figure errors, column error, row 1: expected 8.61, found 8.2" in out
    assert "not run     01_toy  gone: the study does not draw it any more" in out
    assert "reproduced  01_toy  values" in out
    assert "1 of 3 figures reproduced, 1 drifted, 1 not run." in out
    assert command_line("verify", "toy", "--cached", "--figure", "values") == 0
    with pytest.raises(KeyError, match=r"'mistakes'; there are: errors, gone, values"):
        verify("toy", figure="mistakes", project=project)


@pytest.mark.usefixtures("toy_subject")
def test_verification_executes_even_what_the_cache_holds(project, monkeypatch):
    folder = project.expected("toy") / "01_toy"
    folder.mkdir(parents=True)
    (folder / "errors.csv").write_text("speed_mps,error\n2.5,7.1\n3.5,8.2\n")
    calls = []

    def pretend(*_, fresh, **__):
        calls.append(fresh)
        return ()

    monkeypatch.setattr("gaitbook.edition.verification.run_studies", pretend)
    verdicts = verify("toy", project=project)
    assert calls == [True]
    assert [verdict.outcome for verdict in verdicts] == ["not run"]
    assert has_drifted(verdicts)


@pytest.mark.usefixtures("toy_subject")
def test_without_frozen_tables_the_message_says_how_to_make_them(project):
    with pytest.raises(FileNotFoundError, match="run `gaitbook freeze toy`"):
        verify("toy", project=project)
