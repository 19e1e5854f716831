"""What the demonstration plays, a chapter a module, in the order of `story.py`."""
