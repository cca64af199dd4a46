"""When to look, and what it means: plan, schedule, run, verdict, and the board."""
