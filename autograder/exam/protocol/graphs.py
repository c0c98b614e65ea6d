"""networkx's graphs as data: nodes, edges, and the attributes of both."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import networkx as nx

from autograder.exam.protocol.bounds import checked_keys
from autograder.exam.protocol.data_type import DataType


def _parts(graph: Any) -> list[Any]:
    nodes = [(node, dict(about)) for node, about in graph.nodes(data=True)]
    keyed = {"keys": True} if graph.is_multigraph() else {}
    edges = [(*ends, dict(about)) for *ends, about in graph.edges(data=True, **keyed)]
    return [nodes, edges, dict(graph.graph)]


def _built(kind: Any) -> Any:
    def build(nodes: Any, edges: Any, about: Any) -> Any:
        if type(nodes) is not list or type(edges) is not list or type(about) is not dict:
            raise TypeError("no graph")
        checked_keys([node for node, _ in nodes])
        graph = kind()
        graph.add_nodes_from(nodes)
        keys = defaultdict[Any, list[Any]](
            list
        )  # of the edges between two nodes, in a graph of several
        for one, other, *key in (edge[:-1] for edge in edges):
            if one not in graph or other not in graph:
                raise ValueError("an edge of no nodes")
            keys[one, other] += key
        for several in keys.values():
            checked_keys(several)
        graph.add_edges_from(edges)
        graph.graph.update(about)
        return graph

    return build


KINDS = (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph)
DATA_TYPES = tuple(DataType(kind, _parts, _built(kind)) for kind in KINDS)
