"""Starting Theriac on one machine: set-up, embedded services, processes; imports nothing of the application."""
