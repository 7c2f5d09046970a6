"""OpenSim's XML: one document, its model, and properties read as text, flags and numbers.

OpenSim writes a property as a child element (``<mass>3</mass>``), a set as a list inside ``<objects>`` and an object
property either inside an element of the property's name (before version 4) or under its own type with that name as
an attribute (since). The helpers here know these forms and nothing of mechanics. What cannot be understood is
added to a list of faults, so that one message can tell all of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from gaitbook.body_model import BodyModelError, Vector

DECLARATION = re.compile(rb"^<\?xml.*?\?>", re.DOTALL)
ORIGIN = (0.0, 0.0, 0.0)


def read_model_element(path: Path) -> Element:
    """``<Model>`` element of an OpenSim document of any version, without its ``<defaults>``.

    Parameters
    ----------
    path
        File to read. Blanks before the XML declaration are skipped; text that is not in the encoding that it
        declares is taken as Latin-1 (names of authors, typically).

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    BodyModelError
        If the file is no XML, or holds no model.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no file {path}. Check the path; names are case-sensitive on some computers."
        )
    root = _parse(path)
    model = root if root.tag == "Model" else root.find(".//Model")
    if model is None:
        raise BodyModelError(
            f"{path} is XML, but holds no <Model> (its root is <{root.tag}>): it is perhaps a setup file of a tool. "
            "Choose the .osim file of the model itself."
        )
    # Defaults hold nameless samples of every type; they would be taken for parts of the body.
    for defaults in model.findall("defaults"):
        model.remove(defaults)
    return model


def _parse(path: Path) -> Element:
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        try:
            return ElementTree.fromstring(DECLARATION.sub(b"", content).decode("latin-1"))
        except ElementTree.ParseError:
            raise BodyModelError(
                f"{path} is no XML that can be read ({error}). Open the model in OpenSim and save it again, "
                "or download it anew."
            ) from error


def objects(model: Element, set_name: str) -> Iterator[Element]:
    """Members of the sets of that name, wherever in the model they stand."""
    for found in model.iter(set_name):
        listed = found.find("objects")
        yield from found if listed is None else listed


def inner_object(owner: Element, name: str) -> Element | None:
    """Object property: the element inside ``<name>``, or the child that carries ``name`` as an attribute."""
    wrapper = owner.find(name)
    if wrapper is not None and len(wrapper):
        return wrapper[0]
    return next((child for child in owner if child.get("name") == name), None)


def name_of(element: Element) -> str:
    """Name of an object, without blanks."""
    return element.get("name", "").strip()


def text(owner: Element, *names: str) -> str:
    """Text of the first of these properties that is there and not empty, else an empty string."""
    found = ((owner.findtext(name) or "").strip() for name in names)
    return next((value for value in found if value), "")


def flag(owner: Element, name: str, default: bool = False) -> bool:
    """Property that is true or false."""
    value = text(owner, name).lower()
    return value in ("true", "1") if value else default


def numbers(owner: Element, name: str, faults: list[str]) -> tuple[float, ...]:
    """All numbers of a property; none if it is absent. A word among them is a fault."""
    words = text(owner, name).replace(",", " ").split()
    try:
        return tuple(float(word) for word in words)
    except ValueError:
        faults.append(f"{label(owner)}: <{name}> should be numbers, but is '{' '.join(words)}'")
        return ()


def number(owner: Element, name: str, default: float, faults: list[str]) -> float:
    """First number of a property, or the default."""
    return (*numbers(owner, name, faults), default)[0]


def vector(owner: Element, name: str, faults: list[str], default: Vector = ORIGIN) -> Vector:
    """Three numbers of a property, or the default if it is absent."""
    found = numbers(owner, name, faults)
    if not found:
        return default
    if len(found) != len(default):
        faults.append(f"{label(owner)}: <{name}> should be 3 numbers, but is {len(found)}")
        return default
    return found[0], found[1], found[2]


def label(element: Element) -> str:
    """How a message calls an element: type and name."""
    name = name_of(element)
    return f"{element.tag} '{name}'" if name else element.tag
