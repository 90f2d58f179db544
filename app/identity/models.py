"""People: one identity for everybody, memberships that say who they are in each store."""

from datetime import date

from flask_appbuilder.security.sqla.models import User as FrameworkUser
from sqlalchemy import Date, ForeignKey, Identity, Index, SmallInteger, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, UtcDateTime
from app.core.tenancy import TenantScoped

NO_EMAIL = "@people.invalid"
"""Domain of the placeholder that fills the framework's required e-mail of a person who gave none."""


class Person(FrameworkUser):
    """The framework's user, extended. Global: stores reach people only through memberships and profiles."""

    __tablename__ = "ab_user"
    __table_args__ = {"extend_existing": True}

    phone: Mapped[str | None] = mapped_column(String(16), unique=True)
    phone_verified_at: Mapped[UtcDateTime | None]
    email_verified_at: Mapped[UtcDateTime | None]
    locale: Mapped[str | None] = mapped_column(String(5))
    birth_date: Mapped[date | None] = mapped_column(Date)
    platform_admin: Mapped[bool] = mapped_column(server_default="false", default=False)
    epoch: Mapped[int] = mapped_column(server_default="0", default=0)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def contact_email(self) -> str | None:
        """The e-mail address, or None for a person who has given none."""
        return None if self.email.endswith(NO_EMAIL) else self.email

    def __str__(self) -> str:
        return self.full_name or self.username


class Membership(TenantScoped, Base):
    """(store, person, role): a manager here is a customer next door."""

    __tablename__ = "membership"
    __tenant__ = (UniqueConstraint("store_id", "user_id", "role"), Index("ix_membership_user", "user_id"))

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    role: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    user: Mapped[Person] = relationship()

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Customer(TenantScoped, Base):
    """What one store knows of a buyer."""

    __tablename__ = "customer"
    __tenant__ = (UniqueConstraint("store_id", "user_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    age_verified_at: Mapped[UtcDateTime | None]
    blocked: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    user: Mapped[Person] = relationship()

    def __str__(self) -> str:
        return str(self.user)


class LoginSession(Base):
    """A signed-in browser. Without its row the cookie is worthless, so sign-out is real. Global, as people are."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    epoch: Mapped[int]
    hostname: Mapped[str] = mapped_column(String(253), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    expires_at: Mapped[UtcDateTime]
    confirmed_at: Mapped[UtcDateTime | None]  # the person proved once more who they are: stepup.py


class OtpChallenge(Base):
    """A code sent to a phone: kept as a keyed hash, five minutes, five tries. Global, as phones are."""

    __tablename__ = "otp_challenge"
    __table_args__ = (
        Index("ix_otp_challenge_phone", "phone", "sent_at"),
        Index("ix_otp_challenge_ip", "ip", "sent_at"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    phone: Mapped[str] = mapped_column(String(16))
    ip: Mapped[str] = mapped_column(String(45), default="")
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    sent_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    expires_at: Mapped[UtcDateTime]
    used_at: Mapped[UtcDateTime | None]


class SignUp(Base):
    """Somebody who wants to join by e-mail, until the address is proved; see registration.py. Global, as people are."""

    __tablename__ = "sign_up"
    __table_args__ = (Index("ix_sign_up_email", "email", "sent_at"), Index("ix_sign_up_ip", "ip", "sent_at"))

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(String(120))
    password: Mapped[str] = mapped_column(String(256))
    first_name: Mapped[str] = mapped_column(String(64))
    last_name: Mapped[str] = mapped_column(String(64), default="")
    birth_date: Mapped[date | None] = mapped_column(Date)
    locale: Mapped[str] = mapped_column(String(5))
    code_hash: Mapped[str] = mapped_column(String(64))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0", default=0)
    ip: Mapped[str] = mapped_column(String(45), default="")
    sent_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    expires_at: Mapped[UtcDateTime]
    used_at: Mapped[UtcDateTime | None]


class SignInFailure(Base):
    """A failed sign-in, counted per account and per address so that guessing slows down. Global."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("ix_sign_in_failure_key", "key", "at"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())


class RefreshToken(Base):
    """One link of an API client's rotating chain; a second use of a spent link ends the whole chain. Global."""

    __tablename__ = "refresh_token"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    family: Mapped[str] = mapped_column(String(43), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    device_id: Mapped[str] = mapped_column(String(64), default="")
    epoch: Mapped[int]
    created_at: Mapped[UtcDateTime] = mapped_column(server_default=func.now())
    expires_at: Mapped[UtcDateTime]
    used_at: Mapped[UtcDateTime | None]
    revoked_at: Mapped[UtcDateTime | None]
