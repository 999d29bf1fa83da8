"""Parts of the screens that belong to this trade: the limit ruler, the keypad, the verdict."""
