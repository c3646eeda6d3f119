"""The main job against a stack that runs already; prints each step. Needs nothing but what `make run` installs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.support.chat import Person, only


def main() -> None:
    kubechat = Path(sys.executable).with_name("kubechat")
    status = json.loads(subprocess.run([kubechat, "status", "--json"], capture_output=True, check=True).stdout)
    person = Person(status["url"], status["admin"]["user"], status["admin"]["password"])
    with person.chat() as chat:
        table = only(chat.say("show me the pods"), "table")
        print(f"show me the pods: {table['total']} rows")
        preview = only(chat.say("scale web to 5"), "preview")
        print(f"scale web to 5: {preview['steps'][0]['summary']}")
        outcome = only(chat.confirm(preview), "outcome")
        print(f"confirmed: {outcome['state']}")
        assert outcome["state"] == "applied"
    events = person.http.get("/api/v1/audit/events", params={"verb": "scale"}).json()["events"]
    (done,) = [event for event in events if event["event_id"] in outcome["events"]]
    kinds = sorted(event["kind"] for event in events if event["intent_id"] == done["intent_id"])
    assert kinds == ["intent", "outcome"], kinds
    print("audit: intent and outcome")


if __name__ == "__main__":
    main()
