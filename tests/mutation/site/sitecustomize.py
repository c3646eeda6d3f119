"""Makes one promise false in every Python process of a mutation run, this one's children included.

Python imports this by its name because the run puts this folder on PYTHONPATH. It does nothing unless the environment
names a mutation.
"""

import os

if os.environ.get("KUBECHAT_MUTATION"):
    import sys
    import traceback
    from pathlib import Path

    sys.path.append(str(Path(__file__).resolve().parents[3]))
    try:
        from tests.mutation.mutant import apply

        apply(os.environ["KUBECHAT_MUTATION"])
    except Exception:  # noqa: BLE001 - Python would go on without the mutation, and its test would be called green
        traceback.print_exc()
        os._exit(70)
