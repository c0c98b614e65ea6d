"""A depth-first search that walks round a cycle without noticing.

loses: test_topological_order
says: units that wait for one another are in the order
"""
# %% solution id="topological_order"
def topological_order(w, units):
    order, seen = [], set()

    def visit(l):
        if l in seen:
            return
        seen.add(l)
        for target, j in w:
            if target == l:
                visit(j)
        order.append(l)

    for l in units:
        visit(l)
    return order
