from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.model_server import MODEL, ModelServer
from tests.support.nlp_service import Nlp, service


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as made:
        yield made


@pytest.fixture
async def nlp(tmp_path: Path, server: ModelServer) -> AsyncIterator[Nlp]:
    async with service(tmp_path, model_url=server.url, model_name=MODEL, model_timeout_s=5) as made:
        yield made
