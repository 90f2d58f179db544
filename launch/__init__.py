"""Starting Theriac on one machine: set-up, embedded services, processes. Knows nothing of the application's code."""
