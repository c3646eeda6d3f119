"""Which promise a request is held to. The classes are disjoint, and each is known before the work begins.

A request is assigned by its route, a chat turn by its plan: nothing is put into another class because it was slow.
"""

from __future__ import annotations

from enum import StrEnum


class OperationClass(StrEnum):
    """The label `operation_class` of requests and turns.

    `SIMPLE`: one read on one cluster, without a model. `COMPLEX`: a change (its preview and its execution are requests
    of their own, so that the person's thinking time is in neither), a diagnosis, or several reads or clusters. `MODEL`:
    whatever a language model took part in. `API`: every other REST request. `STREAM` and `STATIC` are held to no
    latency target: exports and followed logs last as long as they last, and files are measured where they are painted.
    """

    SIMPLE = "simple"
    COMPLEX = "complex"
    MODEL = "model"
    API = "api"
    STREAM = "stream"
    STATIC = "static"
