"""The threshold of the prediction, applied to the score.

loses: test_decide
says: threshold for σ(z), not for z
"""
# %% solution id="decide"
def decide(z):
    return (z > 0.5).astype(int)
