"""How a layer is switched off: what is patched must be there, or nothing was switched off."""


def patch(owner, name, value):
    """Set an attribute that exists; AttributeError, and so a failed test, where it does not."""
    if not hasattr(owner, name):
        raise AttributeError(f"{owner!r} has no {name}: this layer cannot be switched off")
    setattr(owner, name, value)
