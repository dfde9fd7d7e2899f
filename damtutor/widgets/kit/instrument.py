"""What all instruments share in Python: their class, settings that are checked, words where nothing runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from html import escape
from typing import Any

import anywidget
import traitlets

from damtutor.widgets.kit.bundle import entry, module, shared_style, style
from damtutor.widgets.kit.former_names import FORMER
from damtutor.widgets.kit.settings import accepts, shape, words


class Instrument(anywidget.AnyWidget):
    """An instrument: its dynamics run in the browser, with or without a kernel.

    A subclass stands in a folder named by its slug, beside `slug.js`, which renders, and `slug.css` where it needs a
    style sheet of its own. It gives `allowed` and `describe`, and `check` where settings depend on others.

    Attributes
    ----------
    slug : the name of the class in small letters, "HopfieldRetrieval" -> "hopfield_retrieval": folder, files,
        `data-instrument` in a page, and key of its links.
    config : fixed data (patterns, tables), made once; `allowed` in it tells the browser what a link may say, `links` by
        which keys it may say so, the first for new links.
    settings : what the user set; in step with the browser. Assigning a dict changes the named settings, the others
        stay. ValueError for an unknown name or a value that the instrument cannot show.
    """

    slug = ""
    config = traitlets.Dict().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any):
        if Instrument in cls.__bases__:  # and not for the class that anywidget derives for every single widget
            cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
            cls._esm, cls._css = module(entry(cls.slug)), shared_style() + style(cls.slug)
        super().__init_subclass__(**kwargs)

    def __init__(self, config: Mapping[str, Any], settings: Mapping[str, Any]):
        shapes = {name: shape(choices) for name, choices in self.allowed().items()}
        links = link_keys(self.slug, config.get("title"))
        super().__init__(config={**config, "allowed": shapes, "links": links}, settings=dict(settings))

    def allowed(self) -> Mapping[str, Iterable[Any]]:
        """Name of every setting -> the values it may have (a range, a tuple)."""
        raise NotImplementedError

    def check(self, settings: Mapping[str, Any]) -> None:
        """ValueError if settings that are each allowed do not go together."""

    def describe(self) -> str:
        """What is to be seen, in words, from the present settings."""
        raise NotImplementedError

    @traitlets.validate("settings")
    def _checked(self, proposal) -> dict[str, Any]:
        merged = {**self.settings, **proposal["value"]}
        allowed = self.allowed()
        for name, value in merged.items():
            if name not in allowed:
                raise ValueError(f"unknown setting {name!r}; expected one of {', '.join(allowed)}")
            choices = allowed[name]
            if not accepts(choices, value):
                raise ValueError(f"{name} is {value!r}; expected {words(choices)}")
        self.check(merged)
        return {name: merged[name] for name in allowed if name in merged}

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.describe()}"

    def _repr_mimebundle_(self, **kwargs: Any):
        """The widget, and a sentence for places where no widget can run (a stored notebook, a preview)."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        text = f"Run this cell to start the instrument: {self.describe()}"
        return {**data, "text/plain": repr(self), "text/html": f"<p><em>{escape(text)}</em></p>"}, metadata


def link_keys(slug: str, title: str | None = None) -> list[str]:
    """Keys by which a link may name an instrument, the present one first.

    Parameters
    ----------
    slug : the instrument's.
    title : of an instrument of which a page may show several, each with a title of its own.
    """
    words_of = partial(re.sub, r"[^a-z0-9]+", "-")
    keys = [slug + words_of(f" {title}".lower()) if title else slug]
    return keys + ([FORMER[slug].link.format(title=words_of((title or "").lower()))] if slug in FORMER else [])
