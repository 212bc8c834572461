"""What the target is asked, and how its answers are judged."""
