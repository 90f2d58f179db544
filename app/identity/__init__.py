"""People: who somebody is, how they sign in, what their role may do."""

from app.identity.errors import (
    AccountClosed,
    CodeExpired,
    CodeNotSent,
    LastAdministrator,
    TokenRejected,
    WrongCode,
    WrongCredentials,
)
from app.identity.members import (
    GRANTABLE,
    administrator,
    grant_role,
    people_with_role,
    revoke_role,
    set_active,
)
from app.identity.models import Customer, Membership, Person
from app.identity.otp import CodeSent, request_otp, verify_otp
from app.identity.passwords import (
    change_password,
    shortest_password,
    sign_in_with_password,
    store_password,
)
from app.identity.people import (
    actor_of,
    customer_of,
    person_by_email,
    person_by_id,
    person_by_phone,
    register_actor_fact,
    roles_as_objects,
    roles_of,
)
from app.identity.phones import normalise_phone, show_phone
from app.identity.ports import OtpSender, register_otp_sender
from app.identity.profile import read_birth_date, update_profile
from app.identity.roles import PERMISSIONS, ROLES, STAFF_ROLES, framework_permissions
from app.identity.sessions import (
    Device,
    close_all_sessions,
    close_session,
    is_staff,
    list_sessions,
    live_user,
    open_session,
    revoke_session,
)
from app.identity.tokens import (
    Tokens,
    actor_of_access_token,
    issue_tokens,
    refresh_tokens,
    revoke_tokens,
)

__all__ = [
    "GRANTABLE",
    "PERMISSIONS",
    "ROLES",
    "STAFF_ROLES",
    "AccountClosed",
    "CodeExpired",
    "CodeNotSent",
    "CodeSent",
    "Customer",
    "Device",
    "LastAdministrator",
    "Membership",
    "OtpSender",
    "Person",
    "TokenRejected",
    "Tokens",
    "WrongCode",
    "WrongCredentials",
    "actor_of",
    "actor_of_access_token",
    "administrator",
    "change_password",
    "close_all_sessions",
    "close_session",
    "customer_of",
    "framework_permissions",
    "grant_role",
    "is_staff",
    "issue_tokens",
    "list_sessions",
    "live_user",
    "normalise_phone",
    "open_session",
    "people_with_role",
    "person_by_email",
    "person_by_id",
    "person_by_phone",
    "read_birth_date",
    "refresh_tokens",
    "register_actor_fact",
    "register_otp_sender",
    "request_otp",
    "revoke_role",
    "revoke_session",
    "revoke_tokens",
    "roles_as_objects",
    "roles_of",
    "set_active",
    "shortest_password",
    "show_phone",
    "sign_in_with_password",
    "store_password",
    "update_profile",
    "verify_otp",
]
