"""torch, jax and autograd: losses in their arrays, gradients by their reverse mode."""

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.stranger_cases import Problem

RNG = np.random.default_rng(11)
X = RNG.normal(size=(12, 3))
Y = RNG.normal(size=12)
S = X.T @ X / 12 + np.eye(3)


def problems() -> Iterator[Problem]:
    for library in (torch_problems, jax_problems, autograd_problems):
        try:
            yield from library()
        except ImportError as error:
            print(f"left out: {error}")


def losses(np, special, solve, logdet) -> dict[str, tuple[Callable, int]]:
    """The same losses in any of the three; (loss, size of x)."""

    def network(x, act):
        return ((act(X_(np) @ x[:12].reshape(3, 4) + x[12:16]) @ x[16:20] - Y_(np)) ** 2).mean()

    def recurrent(x):
        h = 0 * x[:4]
        for t in range(6):
            h = np.tanh(X_(np)[t] @ x[:12].reshape(3, 4) + h @ x[12:28].reshape(4, 4))
        return (h**2).sum()

    def attention(x):
        q, k = X_(np) @ x[:9].reshape(3, 3), X_(np) @ x[9:18].reshape(3, 3)
        a = np.exp(q @ k.T / 2)
        return (((a / a.sum(1)[:, None]) @ X_(np)) ** 2).sum()

    def logistic(x):
        s = X_(np) @ x[:3]
        return (np.log(1 + np.exp(s)) - (Y_(np) > 0) * s).mean() + 0.05 * (x**2).sum()

    def gauss(x):
        A = x[:9].reshape(3, 3)
        C = A @ A.T + 3 * np.eye(3)
        return logdet(C) + (X_(np).T * solve(C, X_(np).T)).sum()

    return {
        "network, tanh": (lambda x: network(x, np.tanh), 20),
        "network, relu": (lambda x: network(x, lambda a: np.maximum(a, 0 * a)), 20),
        "recurrent": (recurrent, 28),
        "attention": (attention, 18),
        "logistic": (logistic, 3),
        "log det": (gauss, 9),
        "erf": (lambda x: special.erf(x).sum() + (x**2).mean(), 6),
        "softplus": (lambda x: (np.log1p(np.exp(x)) ** 2).sum(), 6),
    }


def X_(np):
    return np.asarray(X, dtype=np.kind) if hasattr(np, "kind") else X


def Y_(np):
    return np.asarray(Y, dtype=np.kind) if hasattr(np, "kind") else Y


def _problems(library: str, found: dict, pair: Callable, kind: str) -> Iterator[Problem]:
    for name, (loss, size) in found.items():
        value, gradient = pair(loss)
        draw = lambda rng, size=size: rng.normal(size=size)  # noqa: E731
        smooth = name in ("logistic",)
        zeros = "relu" not in name
        yield Problem(library, name, value, gradient, draw, smooth, zeros, kind)


def torch_problems() -> Iterator[Problem]:
    import torch

    torch.set_num_threads(1)
    for kind, dtype in (("", torch.float64), ("float32", torch.float32)):

        class Like:  # numpy's names on torch
            kind = dtype
            exp, log, log1p, tanh, maximum = (
                torch.exp, torch.log, torch.log1p, torch.tanh, torch.maximum,
            )  # fmt: skip
            asarray = staticmethod(torch.as_tensor)
            eye = staticmethod(lambda n, d=dtype: torch.eye(n, dtype=d))

        found = losses(Like, torch.special, torch.linalg.solve, torch.logdet)
        found["lstm"] = _lstm(torch, dtype)
        found["conv2d"] = _conv(torch, dtype)
        found["layer_norm"] = (_layer_norm(torch, dtype), 12)

        def pair(loss, dtype=dtype):
            def value(x):
                return float(loss(torch.as_tensor(np.asarray(x), dtype=dtype)))

            def gradient(x):
                t = torch.tensor(np.asarray(x), dtype=dtype, requires_grad=True)
                with torch.enable_grad():  # torch's own checker calls this in a backward pass
                    return torch.autograd.grad(loss(t), t)[0].double().numpy()

            return value, gradient

        yield from _problems("torch", found, pair, kind)


def _layer_norm(torch, dtype) -> Callable:
    weight = torch.as_tensor(X, dtype=dtype)

    def loss(x):
        h = torch.nn.functional.layer_norm(weight @ x.reshape(3, 4), (4,))
        return (h**3).sum()

    return loss


def _lstm(torch, dtype) -> tuple[Callable, int]:
    torch.manual_seed(0)
    cell = torch.nn.LSTM(3, 3).to(dtype)
    shapes = {name: p.shape for name, p in cell.named_parameters()}
    size = sum(s.numel() for s in shapes.values())
    data = torch.as_tensor(X[:, None], dtype=dtype)

    def loss(x):
        parts = torch.split(x, [s.numel() for s in shapes.values()])
        given = {n: p.reshape(s) for (n, s), p in zip(shapes.items(), parts, strict=True)}
        out, _ = torch.func.functional_call(cell, given, (data,))
        return (out[-1] ** 2).sum()

    return loss, size


def _conv(torch, dtype) -> tuple[Callable, int]:
    image = torch.as_tensor(RNG.normal(size=(2, 2, 6, 6)), dtype=dtype)

    def loss(x):
        out = torch.nn.functional.conv2d(image, x.reshape(2, 2, 3, 3), stride=2, padding=1)
        return torch.nn.functional.gelu(out).sum()

    return loss, 36


def jax_problems() -> Iterator[Problem]:
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    for kind, dtype in (("", np.float64), ("float32", np.float32)):

        class Like:
            kind = dtype
            exp, log, log1p, tanh, maximum = jnp.exp, jnp.log, jnp.log1p, jnp.tanh, jnp.maximum
            asarray = staticmethod(jnp.asarray)
            eye = staticmethod(lambda n, d=dtype: jnp.eye(n, dtype=d))

        found = losses(
            Like, jax.scipy.special, jnp.linalg.solve, lambda C: jnp.linalg.slogdet(C)[1]
        )

        def pair(loss, dtype=dtype):
            f, df = jax.jit(loss), jax.jit(jax.grad(loss))

            def real(x):
                if np.iscomplexobj(x):
                    raise TypeError("grad requires real inputs")
                return jnp.asarray(x, dtype=dtype)

            return lambda x: float(f(real(x))), lambda x: np.asarray(df(real(x)), dtype=float)

        yield from _problems("jax", found, pair, kind)


def autograd_problems() -> Iterator[Problem]:
    import autograd.numpy as anp
    import autograd.scipy.special as special
    from autograd import grad

    found = losses(anp, special, anp.linalg.solve, lambda C: anp.linalg.slogdet(C)[1])
    yield from _problems("autograd", found, lambda loss: (loss, grad(loss)), "")
