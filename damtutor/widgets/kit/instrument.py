"""What all instruments share in Python: their class, settings that are checked, words where nothing runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any, ClassVar

import anywidget
import traitlets

from damtutor.validate import shown
from damtutor.widgets.kit.bundle import entry, module, shared_style, style
from damtutor.widgets.kit.former_names import FORMER
from damtutor.widgets.kit.settings import Setting, accepts, as_declared, documented, for_browser, signature, words


class Values(traitlets.Dict):
    """A dict of settings, refused in our words if it is none."""

    def validate(self, obj: Any, value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValueError(
                f'{self.name} is {shown(value)}; expected a dict of what changes, for example {{"seed": 3}}'
            )
        return super().validate(obj, dict(value))


class Instrument(anywidget.AnyWidget):
    """An instrument: its dynamics run in the browser, with or without a kernel.

    A subclass stands in a folder named by its slug, beside `slug.js`, which renders, and `slug.css` where it needs a
    style sheet of its own. It gives `declared`, a `describe` in whole sentences, `fixed` where the browser needs data,
    and `check` where settings depend on others. Its arguments, their entries in its docstring, what a link may say and
    the controls follow from `declared`. One that is given data has an `__init__` that keeps them before it calls this
    one.

    Attributes
    ----------
    slug : the name of the class in small letters, "HopfieldRetrieval" -> "hopfield_retrieval": folder, files,
        `data-instrument` in a page, and key of its links.
    declared : its settings, in the order in which links and calls name them.
    config : fixed data (patterns, tables), made once; `defaults`, `allowed` and `controls` in it tell the browser what
        is declared, `links` by which keys a link may say it, the first for new links, and `call` how a Python call
        begins that rebuilds the instrument (None: there is none).
    settings : what the user set; in step with the browser. Assigning a dict changes the named settings, the others
        stay. ValueError for an unknown name or a value that the instrument cannot show.
    """

    slug = ""
    declared: ClassVar[tuple[Setting, ...]] = ()
    config = traitlets.Dict().tag(sync=True)
    settings = Values().tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any):
        if Instrument in cls.__bases__:  # and not for the class that anywidget derives for every single widget
            cls.slug = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
            cls._esm, cls._css = module(entry(cls.slug)), shared_style() + style(cls.slug)
            if cls.declared:
                cls.__signature__ = signature(cls.__init__, cls.declared)
                cls.__doc__ = documented(cls.__doc__ or "", cls.declared)
        super().__init_subclass__(**kwargs)

    def __init__(self, **settings: Any):
        self._settings = tuple(setting.of(self) for setting in self.declared)
        names = [setting.name for setting in self._settings]
        for name in settings:
            if name not in names:
                raise TypeError(f"{type(self).__name__}.__init__() got an unexpected keyword argument {name!r}")
        start = {}
        for given, setting in zip(self.declared, self._settings, strict=True):
            value = settings.get(setting.name, setting.default)
            start[setting.name] = setting.plain(setting.default if value is None and callable(given.default) else value)
        config = {"call": f"{type(self).__name__}(", **self.fixed(), **for_browser(self._settings)}
        super().__init__(config={**config, "links": link_keys(self.slug, config.get("title"))}, settings=start)

    def fixed(self) -> Mapping[str, Any]:
        """Data for the browser, as JSON has them; `call` and `title` among them where they are not the usual ones."""
        return {}

    def allowed(self) -> dict[str, Any]:
        """Name of every setting -> the values it may have (a range, a tuple, a `Kind`)."""
        return {setting.name: setting.choices for setting in self._settings}

    def check(self, settings: Mapping[str, Any]) -> None:
        """ValueError if settings that are each allowed do not go together."""

    def describe(self) -> str:
        """What is to be seen, in words, from the present settings."""
        return ", ".join(f"{name} = {value}" for name, value in self.settings.items())

    @traitlets.validate("settings")
    def _checked(self, proposal) -> dict[str, Any]:
        merged = {**self.settings, **proposal["value"]}
        allowed = self.allowed()
        for name, value in merged.items():
            if name not in allowed:
                raise ValueError(f"unknown setting {shown(name)}; expected one of {', '.join(allowed)}")
            choices = allowed[name]
            merged[name] = value = as_declared(choices, value)
            if not accepts(choices, value):
                raise ValueError(f"{name} is {shown(value)}; expected {words(choices)}")
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
