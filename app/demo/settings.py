"""The demo server's settings."""

from __future__ import annotations

from pathlib import Path

from app.infra.settings import ProcessSettings


class DemoSettings(ProcessSettings):
    """What the demo server reads besides every process' settings.

    Attributes:
        demo_tokens_file: JSON, `{token: {"user": …, "groups": […]}}`.
    """

    demo_tokens_file: Path
