"""The roles of PostgreSQL that services work under, by which their connections are told from all others."""

from __future__ import annotations

from typing import Final

GATEWAY_ROLE: Final = "kubechat_gateway"
AUDIT_ROLE: Final = "kubechat_audit"
SERVICE_ROLES: Final = (GATEWAY_ROLE, AUDIT_ROLE)
"""Maintenance and people have other roles: their queries may take long, and their connections may stay."""
