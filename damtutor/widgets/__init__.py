"""Instruments (their dynamics run in the browser) and explorers (pictures made beforehand).

Every folder here but `kit` and `dynamics` holds one instrument, whose class has the folder's name: `flow_field` holds
`FlowField`. So no list of them is kept by hand, and a class is imported when it is asked for.

Former class names (`kit/former_names.py`) are still understood: `damtutor.widgets.Recall` is `HopfieldRetrieval`.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from damtutor.widgets.kit.former_names import FORMER

SHARED = ("kit", "dynamics")  # folders that hold no instrument
SLUGS = tuple(sorted(made.name for made in iter_modules(__path__) if made.ispkg and made.name not in SHARED))
_CLASSES = {"".join(map(str.capitalize, slug.split("_"))): slug for slug in SLUGS}

__all__ = sorted([*_CLASSES, "Instrument"])


def named(name: str) -> type:
    """The class of an instrument.

    Parameters
    ----------
    name : its slug, as a page names it, its class name, or a former class name.

    Raises
    ------
    ValueError : no instrument is or was called so.
    """
    for class_name, slug in _CLASSES.items():
        former = FORMER[slug].class_name if slug in FORMER else None
        if isinstance(name, str) and name in (slug, class_name, former):
            return getattr(import_module(f"{__name__}.{slug}"), class_name)
    raise ValueError(f"no instrument {name!r}; expected one of {', '.join(SLUGS)}")


def __getattr__(name: str) -> Any:
    """The class of a name or a former name."""
    if name == "Instrument":
        return import_module(f"{__name__}.kit.instrument").Instrument
    if name in _CLASSES or name in (former.class_name for former in FORMER.values()):
        return named(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
