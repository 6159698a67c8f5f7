"""The window: tabs, dialogs and the kit of parts they are made of."""
