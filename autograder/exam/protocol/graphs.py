"""networkx's graphs as data: nodes, edges, and the attributes of both."""

from __future__ import annotations

from typing import Any

import networkx as nx

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
        graph = kind()
        graph.add_nodes_from(nodes)
        graph.add_edges_from(edges)
        graph.graph.update(about)
        return graph

    return build


KINDS = (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph)
DATA_TYPES = tuple(DataType(kind, _parts, _built(kind)) for kind in KINDS)
