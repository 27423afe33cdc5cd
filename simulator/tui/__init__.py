"""The screens: the stepping screen of a world, and plain mode, its line-by-line twin.

What a screen shows is worked out in modules that know no terminal library; only `app`, `widgets` and `dialogs` import
textual, so plain mode starts without it.

    opening.open_world     the stepping screen in a terminal
    plain.plain_world      the same world for a pipe, a log or a screen reader
    actions.ACTIONS        every action with its keys, label, description and command-line twin
"""
