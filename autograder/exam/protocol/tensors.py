"""torch's tensors as data: numbers on the CPU, without the graph that computed them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from autograder.exam.protocol.data_type import DataType


def _parts(tensor: Any) -> list[Any]:
    if tensor.layout is not torch.strided or tensor.device.type != "cpu":
        raise TypeError("it is no dense tensor on the CPU")
    return [tensor.detach().numpy(), bool(tensor.requires_grad)]


def _build(values: Any, gradient: Any) -> Any:
    if type(values) is not np.ndarray or values.dtype.kind not in "biufc":
        raise TypeError("no tensor")
    tensor = torch.from_numpy(np.array(values))
    return tensor.requires_grad_() if gradient is True else tensor


def _parameter(values: Any, gradient: Any) -> Any:
    return torch.nn.Parameter(_build(values, False), requires_grad=gradient is True)


_NAMES = ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8",
          "bool", "complex64", "complex128")  # fmt: skip
_KINDS = {f"torch.{name}": getattr(torch, name) for name in _NAMES}

DATA_TYPES = (
    DataType(torch.Tensor, _parts, _build),
    DataType(torch.nn.Parameter, _parts, _parameter),
    DataType(torch.Size, lambda one: [list(one)], lambda one: torch.Size(one)),
    DataType(torch.dtype, lambda one: [str(one)], lambda name: _KINDS[name]),
    DataType(torch.device, lambda one: [str(one)], lambda name: torch.device("cpu")),
)
