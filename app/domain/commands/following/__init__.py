"""Commands whose output grows: watches, followed logs, rollouts and conditions that are waited for."""
