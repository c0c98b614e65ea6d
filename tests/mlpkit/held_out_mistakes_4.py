"""A fourth bank, over other models than the third, written after the diagnosis had learned from it.

First run, nothing changed, 88 mistakes: 84 right (95.5 %), 3 wrong (3.4 %), 1 unnamed. The unnamed
one was right, and ``differing`` mistaken: it is 85 (96.6 %). Of the 67 that must be named, 65 were
right (97.0 %) and 2 wrong (3.0 %). All 3 were false, and were fixed afterwards.
"""

from tests.mlpkit.held_out_bank import (
    AT_ACTIVATION,
    AT_PRE_ACTIVATION,
    CHANGED,
    DIGITS,
    EXCHANGED,
    HALF,
    LAMBDA_BIAS,
    LAMBDA_HALF,
    LAMBDA_N,
    LAMBDA_SIGN,
    LAMBDA_TWICE,
    LEFT_OUT,
    NO_LAMBDA,
    NO_TARGET,
    ONE_HOT,
    ORDER,
    OVER_N,
    RANDOM,
    SHAPE,
    SIGN,
    TIMES_N,
    TRANSPOSE,
    TWICE,
    WHOLE,
    ZERO,
    bank,
    edit,
)

OVER_SMALL_N = r"divided by n\b|times 1 ?/ ?n\b|mean where"
TIMES_SMALL_N = r"(times|by) n\b|sum where"
NO_ALPHA = r"(lacks|missing|without).*alpha|alpha.*missing"

POISSON = [
    edit("no 1/n", "(rate - y) / n", "rate - y", says=TIMES_SMALL_N),
    edit("mean of the bias", "error.sum()", "error.mean()", says=OVER_SMALL_N),
    edit("y - rate", "(rate - y)", "(y - rate)", says=SIGN),
    edit("no rate", "(rate - y) / n", "(X @ P['w'] + P['b'] - y) / n"),
    edit("rate twice", "(rate - y) / n", "(rate - y) * rate / n"),
    edit("half for w", "X.T @ error", "X.T @ error / 2", says=HALF),
    edit("last entry left", "db =", "dw[-1] = 0\n        db =", says=ZERO, where=r"entry \[4\]"),
    edit("counts cut", "X.T @ error", "(X.T @ error * 8).astype(int)", says=WHOLE),
]  # fmt: skip

SQUARED_HINGE = [
    edit("2 left out", "-2 * t * slack", "-t * slack", "alpha *", "alpha / 2 *", says=HALF),
    edit("2 left out of the data", "-2 * t * slack", "-t * slack", says=HALF),
    edit("t left out", "-2 * t * slack", "-2 * slack"),
    edit("hinge, not squared", "-2 * t * slack", "-t * (slack > 0)"),
    edit("no max", "np.maximum(margin, 0)", "margin"),
    edit("no alpha", ' + alpha * P["w"]', "", says=NO_ALPHA),
    edit("alpha on b", "delta.sum()", 'delta.sum() + alpha * P["b"]', says="alpha|penal",
         unnamed=True),
    edit("mean of the data", "-2 * t * slack", "-2 * t * slack / N", says=OVER_N),
    edit("sign of the data", "-2 * t * slack", "2 * t * slack", says=SIGN),
    edit("first two turned", "db =", "dw[[0, 1]] = dw[[1, 0]]\n        db =", says=ORDER),
]  # fmt: skip

WHOLE_DECAY = [
    edit("2 left out of the decay", "2 * lam *", "lam *", says=LAMBDA_HALF),
    edit("no decay", ' + 2 * lam * P["W"]', "", says=NO_LAMBDA),
    edit("decay twice", "2 * lam *", "4 * lam *", says=LAMBDA_TWICE),
    edit("decay subtracted", "/ N + 2 * lam", "/ N - 2 * lam", says=LAMBDA_SIGN),
    edit("decay over N", "2 * lam *", "2 * lam / N *", says=LAMBDA_N),
    edit("decay on the bias", "Q.mean(axis=0)", 'Q.mean(axis=0) + 2 * lam * P["b"]',
         says=LAMBDA_BIAS),
    edit("sum for b", "Q.mean(axis=0)", "Q.sum(axis=0)", says=TIMES_N),
    edit("classes from 1", "y] -= 1", "y - 1] -= 1", says=ONE_HOT),
]  # fmt: skip

RESIDUAL = [
    edit("no skip below", "dtop + dt @", "dt @", says="skip|path|h \\+", unnamed=True),
    edit("only the skip", 'dtop + dt @ P["B"].T', "dtop", says="path|B", unnamed=True),
    edit("A and B exchanged", '"A": dA', '"A": dB', '"B": dB', '"B": dA', says=EXCHANGED),
    edit("a given twice", '"b": db', '"b": da', says=EXCHANGED),
    edit("outer turned", "h.T @ dt", "dt.T @ h", says=TRANSPOSE),
    edit("X for h", "h.T @ dt", "X.T @ dt", says="input|X", unnamed=True),
    edit("columns shifted", "dA, da =", "dA, da = np.roll(X.T @ ds, 1, axis=1), ds.sum(axis=0)\n"
         "        _ =", says=ORDER),
    edit("over N", "- Y\n        dV", "- Y\n        E /= N\n        dV", says=OVER_N),
    edit("axis 1 for c", "E.sum(axis=0)", "E.sum(axis=1)", says=SHAPE + "|axis"),
    edit("c is the mean", "E.sum(axis=0)", "E.mean(axis=0)", says=OVER_N),
]  # fmt: skip

FACTORS = [
    edit("all entries", "np.where(seen, P[\"U\"] @ P[\"V\"].T - R, 0)\n        dU",
         "P[\"U\"] @ P[\"V\"].T - R\n        dU"),
    edit("no decay of V", ' + lam * P["V"]', "", says=NO_LAMBDA),
    edit("U's decay on V", 'lam * P["V"]', 'lam * P["V"][::-1]'),
    edit("2 for the squares", "R, 0)\n        dU", "R, 0) * 2\n        dU", says=TWICE + "|twice"),
    edit("lambda left off", "lam * P[\"U\"]", "P[\"U\"]", says=r"lambda|1 U"),
    edit("U stepped on", "dV =", 'P["U"] -= 0.1 * dU\n        dV =', says=CHANGED),
    edit("rows 2 and 5", "return {", "dU[[2, 5]] = dU[[5, 2]]\n        return {", says=ORDER),
    edit("V turned", "return {", "dV = dV.T\n        return {", says=SHAPE),
]  # fmt: skip

GATED = [
    edit("F and G exchanged", '"F": X.T @ dF', '"F": X.T @ dG', '"G": X.T @ dG', '"G": X.T @ dF',
         says=EXCHANGED),
    edit("gate's slope left out", " * gate * (1 - gate)", "", says=LEFT_OUT, unnamed=True),
    edit("gate left out", "dh * gate * (1 - value**2)", "dh * (1 - value**2)"),
    edit("1/N again", '"c": D.sum(axis=0)', '"c": D.mean(axis=0)', says=OVER_N),
    edit("g not summed", "dG.sum(axis=0)", "dG", says=SHAPE),
    edit("noise", "h = gate * value", "h = gate * value * rng.uniform(0.9, 1)", says=RANDOM),
    edit("float32", "X.T @ dF", "(X.T @ dF).astype(np.float32)", says=DIGITS),
    edit("a column of F", "return {", "dF[:, 1] *= -1\n        return {", says=SIGN, unnamed=True,
         where="column 1|entry"),
]  # fmt: skip

FILTERED = [
    edit("filter turned", 'np.einsum("nt,ntj->j", E, windows)',
         'np.einsum("nt,ntj->j", E, windows)[::-1]', says=ORDER),
    edit("filter one off", 'np.einsum("nt,ntj->j", E, windows)',
         'np.roll(np.einsum("nt,ntj->j", E, windows), -1)', says=ORDER),
    edit("no 1/N", "- Y) / N", "- Y)", says=TIMES_N),
    edit("mean of E", "E.sum()", "E.mean()", says="divided|times 1", unnamed=True),
    edit("over the width", "E, windows)", "E, windows) / width", says="width"),
    edit("first signal only", 'np.einsum("nt,ntj->j", E, windows)', "E[0] @ windows[0]"),
]  # fmt: skip

RELU_REGRESSION = [
    edit("no mask above", "d3 * (s2 > 0)", "d3", says=LEFT_OUT),
    edit("no mask below", "d2 * (s1 > 0)", "d2", says=LEFT_OUT),
    edit("mask of the other", "d3 * (s2 > 0)", "d3 * (s2 < 0)", says="s < 0"),
    edit("2 for the square", '[:, None] - Y\n        d2', '[:, None] - Y\n        d3 *= 2\n'
         "        d2", says=TWICE + "|twice"),
    edit("mean for b2", "d2.sum(axis=1)", "d2.mean(axis=1)", says=OVER_N),
    edit("s1 for h1", "d2 @ h1.T", "d2 @ s1.T", says="s stands where h"),
    edit("target left out", '[:, None] - Y\n        d2', '[:, None]\n        d2', says=NO_TARGET),
    edit("W1 over N", '"W1": d1 @ X.T', '"W1": d1 @ X.T / N', says=OVER_N),
]  # fmt: skip

ONE_OUTPUT = [
    edit("no sigma'", " * (1 - H**2)", "", says=LEFT_OUT),
    edit("sigma' at H", "(1 - H**2)", "(1 - np.tanh(H) ** 2)", says=AT_ACTIVATION),
    edit("1 - A^2", "(1 - H**2)", "(1 - A**2)", says=AT_PRE_ACTIVATION),
    edit("squared loss", "(q - y[:, None]) / N", "(q - y[:, None]) * q * (1 - q) / N",
         says="output's derivative"),
    edit("decay on c", "D.sum(axis=0)", 'D.sum(axis=0) + lam * P["c"]', says="lambda|penal",
         unnamed=True),
    edit("flat V", 'H.T @ D + lam * P["V"]', '(H.T @ D + lam * P["V"])[:, 0]', says=SHAPE),
    edit("no decay of W", ' + lam * P["W"]', "", says=NO_LAMBDA),
    edit("broadcast", "q - y[:, None]) / N", "q - y).mean(axis=1, keepdims=True) / N"),
]  # fmt: skip

LARGE = [
    edit("no 1/N", "- Y) / N", "- Y)", says=TIMES_N),
    edit("no sigma'", " * (1 - H**2)", "", says=LEFT_OUT),
    edit("no decay of W", ' + lam * P["W"]', "", says=NO_LAMBDA),
    edit("decay over N", 'lam * P["W"]', 'lam / N * P["W"]', says=LAMBDA_N),
    edit("half the decay", 'lam * P["W"]', 'lam / 2 * P["W"]', says=LAMBDA_HALF),
    edit("rows 4 and 21", "return {", "dW[[4, 21]] = dW[[21, 4]]\n        return {", says=ORDER),
    edit("columns turned", "return {", "dW = dW[:, ::-1]\n        return {", says=ORDER),
    edit("a row not written", "return {", "dW[17] = 0\n        return {", says=ZERO,
         where="row 17"),
    edit("a column halved", "return {", "dW[:, 20] /= 2\n        return {", says=HALF,
         unnamed=True, where="column 20"),
    edit("one entry", "return {", "dW[7, 3] += 1e-5\n        return {", where=r"entry \[7, 3\]"),
    edit("sine", "return {", "dW = np.sin(9 * dW) / 9\n        return {"),
    edit("sign of b", '"b": db', '"b": -db', says=SIGN),
    edit("class above", "D = (softmax(", "Y = np.roll(np.eye(K)[y], 1, axis=1)\n"
         "        D = (softmax(", says=ONE_HOT),
    edit("float32", "X.T @ E", "X.T.astype(np.float32) @ E.astype(np.float32)", says=DIGITS),
]  # fmt: skip

BANK = bank(
    poisson=POISSON,
    squared_hinge=SQUARED_HINGE,
    whole_decay=WHOLE_DECAY,
    residual=RESIDUAL,
    factors=FACTORS,
    gated=GATED,
    filtered=FILTERED,
    relu_regression=RELU_REGRESSION,
    one_output=ONE_OUTPUT,
    large=LARGE,
)
