"""Figures of a check."""


class Drawing:
    def __init__(self, screen):
        self.screen = screen
