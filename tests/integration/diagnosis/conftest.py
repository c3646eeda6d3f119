"""The demo clusters as a process, and an engine that speaks to them."""

from tests.integration.commands.conftest import admin, clients, demo, engine, viewer

__all__ = ["admin", "clients", "demo", "engine", "viewer"]
