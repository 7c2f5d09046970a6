"""One small edition, built for real, and looked at as files; about ten seconds."""

import re
import zipfile
from argparse import ArgumentParser

import pytest

from gaitbook.edition.archive import write_archive
from gaitbook.edition.build import BookError, build_edition, build_pages
from gaitbook.edition.commands import add_commands
from gaitbook.edition.execution import StudyError


@pytest.mark.book
@pytest.mark.usefixtures("toy_subject")
def test_an_edition_stands_on_its_own_and_a_second_build_only_does_what_changed(project, capsys, monkeypatch):
    monkeypatch.chdir(project.root)
    parser = ArgumentParser()
    add_commands(parser.add_subparsers())
    arguments = parser.parse_args(["build", "lab", "-p", "factor=2"])
    assert arguments.handler(arguments) == 0
    pages = project.edition("lab") / "_build" / "html"
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1 of 1 studies executed")
    assert lines[-1] == f"Open {pages / 'index.html'}"

    study = (pages / "notebooks" / "01_toy.html").read_text()
    welcome = (pages / "book" / "welcome.html").read_text()
    assert (
        study.count('data-figure="errors"') == 1
    )  # shown with its caption, not a second time below its cell
    assert "14.2 (6.5 to 7.7) %BW" in study
    assert "14.2 (6.5 to 7.7) %BW" in welcome
    assert "<math" in welcome
    assert '<span class="eqno">(1)' in welcome
    assert "lab" in re.search(r'class="bd-header-announcement.*?</', welcome, re.DOTALL).group()
    for page in pages.rglob("*.html"):
        text = page.read_text()
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"', text)
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []
        assert not re.search(r"mathjax|thebe|require\.js|as=.font", text, re.IGNORECASE)
        assert all(
            (page.parent / address.split("?")[0].split("#")[0]).exists()
            for address in loaded
            if ":" not in address
        )

    written = {path: path.stat().st_mtime_ns for path in pages.rglob("*.html")}
    again = build_edition("lab", overrides={"factor": 2}, project=project)
    assert [execution.cached for execution in again.executions] == [True]
    assert {path: path.stat().st_mtime_ns for path in pages.rglob("*.html")} == written
    with zipfile.ZipFile(again.archive) as archive:
        assert {"open-me.html", "gaitbook-lab/index.html", "gaitbook-lab/_static/page/page.css"} <= set(
            archive.namelist()
        )

    build_edition("lab", overrides={"factor": 3}, project=project)
    assert (
        "21.4 (6.5 to 7.7) %BW" in (pages / "book" / "welcome.html").read_text()
    )  # no page quotes an old number


@pytest.mark.usefixtures("toy_subject")
def test_a_page_with_a_fault_fails_the_build_and_says_where(project):
    folder = project.root
    (folder / "book" / "welcome.md").write_text("# Welcome\n\nSee {ref}`nowhere`.\n")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/welcome\n")
    for _ in range(2):  # a second attempt does not pass because the page was already read
        with pytest.raises(BookError, match=r"welcome.md:3: WARNING: undefined label: 'nowhere'"):
            build_pages(folder)


@pytest.mark.usefixtures("toy_subject")
def test_an_unknown_parameter_or_another_cohort_stops_before_anything_runs(project):
    with pytest.raises(ValueError, match=r"Unknown parameter.*facotr.*known are: cohort, factor"):
        build_edition("lab", overrides={"facotr": 2}, project=project)
    with pytest.raises(ValueError, match=r"give another cohort as the argument"):
        build_edition("lab", overrides={"cohort": "other"}, project=project)
    assert not project.cache.exists()


@pytest.mark.usefixtures("toy_subject")
def test_a_failing_study_fails_the_build(project, monkeypatch):
    def fail(*_, **__):
        raise StudyError("01_toy.ipynb failed in cell 4 ('x'): ValueError: no")

    monkeypatch.setattr("gaitbook.edition.runner.execute", fail)
    with pytest.raises(StudyError, match=r"failed in cell 4"):
        build_edition("lab", project=project)
    assert not project.edition("lab").exists()


@pytest.mark.usefixtures("toy_subject")
def test_a_book_without_studies_is_refused(project):
    project.notebook("01").unlink()
    with pytest.raises(FileNotFoundError, match=r"no studies in .*notebooks"):
        build_edition("lab", project=project)


def test_without_pages_there_is_no_archive(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"run `gaitbook build` first"):
        write_archive(tmp_path, tmp_path / "book.zip")
