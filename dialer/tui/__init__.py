"""The manager's console: Textual screens over the control API, in a process of its own."""
