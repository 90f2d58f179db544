"""What a browser asks of the shop: its age gate, its language, its theme."""
