"""KubeChat's processes and what they share."""

VERSION = "0.1.0"
"""Of the product, as in `pyproject.toml`; a build that is rolled out more often says its own by `KUBECHAT_VERSION`."""
