"""Starting Theriac on one machine: set-up, services, processes; imports nothing of the application."""
