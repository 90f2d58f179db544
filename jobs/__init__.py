"""Work behind the pages: the relay, the workers, the scheduler, and who listens to which event."""
