"""What people's input methods make browsers do: a tool that records it. See `record.py`."""
