"""The phone's screens. They draw what the workflows say and hold no rule of their own."""
