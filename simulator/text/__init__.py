"""What the program says to people, in their language.

Every shown sentence passes through `_`, so that English and Russian are equals and F2 can switch between them
while the program runs. Wire text, codes, queries and file keys never do: protocols speak one language. Message ids
are the English texts; the rest lies in `locale/*.po` (the format of GNU gettext).

    from simulator.text import _, ngettext
    _("The scenario {name} has no timeline.").format(name=name)
    ngettext("{n} letter", "{n} letters", n).format(n=n)

Tables made at import time mark their texts with `N_` and translate when they show them: `_(action.label)`.
"""

from simulator.text.translation import (
    LANGUAGES,
    N_,
    Translator,
    _,
    choose_language,
    language,
    ngettext,
    pgettext,
    set_language,
    translator,
)

__all__ = [
    "LANGUAGES",
    "N_",
    "Translator",
    "_",
    "choose_language",
    "language",
    "ngettext",
    "pgettext",
    "set_language",
    "translator",
]
