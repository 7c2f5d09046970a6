"""One file with a whole edition: unpacked anywhere, it opens from disk.

The archive holds the built pages and a first page beside their folder. Entries are sorted and carry a fixed date, so
that equal pages make equal archives.
"""

import zipfile
from pathlib import Path

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
START_NAME = "open-me.html"
START_PAGE = (
    '<!doctype html><meta charset="utf-8"><title>gaitbook</title>'
    '<meta http-equiv="refresh" content="0; url={url}"><a href="{url}">Open the book</a>\n'
)


def write_archive(pages: Path, target: Path) -> Path:
    """Zip file with the built pages.

    Parameters
    ----------
    pages
        Folder with ``index.html``.
    target
        The zip file; replaced at the end, so that an interrupted run leaves the former one.

    Raises
    ------
    FileNotFoundError
        There are no built pages.
    """
    if not (pages / "index.html").exists():
        raise FileNotFoundError(f"There is no built book in {pages}: run `gaitbook build` first.")
    draft = target.with_suffix(".part")
    folder = target.stem
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        start = START_PAGE.format(url=f"{folder}/index.html")
        archive.writestr(zipfile.ZipInfo(START_NAME, FIXED_DATE), start)
        for path in sorted(path for path in pages.rglob("*") if path.is_file() and path.suffix != ".map"):
            entry = zipfile.ZipInfo(f"{folder}/{path.relative_to(pages).as_posix()}", FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    draft.replace(target)
    return target
