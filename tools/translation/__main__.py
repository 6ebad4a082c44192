"""`python -m tools.translation`: bring the catalogs up to date with the source. `make catalog` does it."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from sriov_tui.language import CHINESE
from sriov_tui.language.catalog import DOMAIN

ROOT = Path(__file__).parents[2]
FOLDERS = ("checks", "screens", "sriov_tui")
KEYWORDS = {"say": None, "plural": (1, 2)}  # where messages stand, see sriov_tui/message.py
FOLDER = ROOT / "sriov_tui" / "locale" / CHINESE / "LC_MESSAGES"
PO, MO = FOLDER / f"{DOMAIN}.po", FOLDER / f"{DOMAIN}.mo"
HEADER = "# The sentences of sriov-tui in Simplified Chinese; `make catalog` keeps them in step with the source."
WIDTH = 110  # of a line in a .po file
Id = str | tuple[str, str]


def messages() -> dict[Id, list[str]]:
    """Every message of the source, without the space around it, and the files that it stands in."""
    found: dict[Id, list[str]] = {}
    for folder in FOLDERS:
        for name, _, message, _, _ in extract_from_dir(
            ROOT / folder, [("**.py", "tools.translation.nested:extract")], keywords=KEYWORDS
        ):
            id = (message[0].strip(), message[1].strip()) if isinstance(message, tuple) else message.strip()
            places = found.setdefault(id, [])
            places += [file] if (file := f"{folder}/{name}") not in places else []
    return found


def template() -> Catalog:
    """The messages of the source, untranslated."""
    found = Catalog(project="sriov-tui", fuzzy=False)
    for message, files in sorted(messages().items(), key=lambda item: (item[1][0], str(item[0]))):
        found.add(message, locations=[(file, 0) for file in files])
    return found


def read(path: Path = PO) -> Catalog:
    """A catalog; an empty one where there is none yet."""
    if not path.exists():
        return Catalog(locale=CHINESE, domain=DOMAIN, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=CHINESE, domain=DOMAIN)


def brought_up_to_date(catalog: Catalog) -> Catalog:
    """The catalog with the messages of the source: those that are gone are left out, a changed one is fuzzy."""
    catalog.update(template(), no_fuzzy_matching=False, update_creation_date=False)
    catalog.obsolete.clear()
    catalog.project, catalog.header_comment = "sriov-tui", HEADER
    return catalog


def untranslated(catalog: Catalog) -> list[object]:
    """The messages that wait for a translation, or for somebody to look at a guess (fuzzy)."""
    return [one.id for one in catalog if one.id and (one.fuzzy or not one.string or not all(one.string))]


def write(catalog: Catalog) -> None:
    """The .po file for people and the .mo file for gettext."""
    with PO.open("wb") as file:
        write_po(file, catalog, width=WIDTH, include_lineno=False, omit_header=False, sort_by_file=True)
    with MO.open("wb") as file:
        write_mo(file, catalog)


def main() -> None:
    """Update both files and report what is left to do."""
    catalog = brought_up_to_date(read())
    write(catalog)
    left = untranslated(catalog)
    print(f"{PO.relative_to(ROOT)}: {len(list(catalog)) - 1} messages, {len(left)} to translate")
    for message in left:
        print(f"  {message!r}")


if __name__ == "__main__":
    main()
