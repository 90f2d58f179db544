"""Who acts: the one object that services ask about authority."""

from dataclasses import dataclass, field

MANAGERS = ("manager", "store_admin", "platform_admin")
"""Who runs the store: its goods, prices, hours and words."""
STAFF = frozenset({*MANAGERS, "dispatcher"})


@dataclass(frozen=True)
class Actor:
    """A person (or the system) in one store.

    `roles` are those held in the store of the request. `source` says through which door: web, api, bot, job, cli.
    """

    user_id: int | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    name: str = ""
    source: str = "web"
    customer_id: int | None = None
    driver_id: int | None = None

    def has(self, *roles: str) -> bool:
        """Whether the actor holds one of the roles; the system and platform staff hold every staff role."""
        if "system" in self.roles:
            return True
        return bool(self.roles.intersection(roles))

    @property
    def is_staff(self) -> bool:
        return self.has(*STAFF)

    @property
    def is_authenticated(self) -> bool:
        return self.user_id is not None


SYSTEM = Actor(roles=frozenset({"system"}), name="system", source="job")
ANONYMOUS = Actor()
