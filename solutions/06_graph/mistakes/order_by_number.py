"""The units in the order of their numbers.

loses: test_topological_order
says: the units are in the order of their numbers
"""
# %% solution id="topological_order"
def topological_order(w, units):
    return sorted(units)
