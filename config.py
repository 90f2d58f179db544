"""Every setting, read from the environment once. `DATABASE_URL` is the owner's; the application's roles are derived."""

import hashlib
import hmac
import os
from datetime import timedelta
from typing import Any

from sqlalchemy.engine import URL, make_url


def _flag(name: str, default: str) -> bool:
    return os.environ.get(name, default).lower() not in {"0", "false", "no", ""}


def role_name(role: str) -> str:
    """The database role for `owner`, `app` or `relay`; DB_ROLE_PREFIX keeps copies on one server apart."""
    return f"{os.environ.get('DB_ROLE_PREFIX', 'theriac')}_{role}"


def role_password(secret_key: str, role: str) -> str:
    """The role's password: derived, so that no file has to keep it."""
    return hmac.new(secret_key.encode(), f"database:{role}".encode(), hashlib.sha256).hexdigest()[:32]


def role_url(database_url: str, secret_key: str, role: str) -> str:
    """DATABASE_URL as seen by one of the three roles."""
    url: URL = make_url(database_url)
    return url.set(
        drivername="postgresql+psycopg2",
        username=role_name(role),
        password=role_password(secret_key, role),
    ).render_as_string(hide_password=False)


def load_config() -> dict[str, Any]:
    """Flask's configuration. Raises KeyError naming the variable when a required one is missing."""
    secret = os.environ["SECRET_KEY"]
    database = os.environ["DATABASE_URL"]
    demo = _flag("DEMO", "1")
    secure = _flag("COOKIE_SECURE", "0" if demo else "1")
    return {
        "SECRET_KEY": secret,
        "VAULT_KEYS": os.environ.get("VAULT_KEYS", ""),
        "DEMO": demo,
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "info"),
        "PORT": int(os.environ.get("PORT", "8000")),
        "DATA_DIR": os.environ.get("DATA_DIR", "var"),
        "DATABASE_URL": database,
        "SQLALCHEMY_DATABASE_URI": os.environ.get("APP_DATABASE_URL") or role_url(database, secret, "app"),
        "RELAY_DATABASE_URL": os.environ.get("RELAY_DATABASE_URL") or role_url(database, secret, "relay"),
        "OWNER_DATABASE_URL": os.environ.get("OWNER_DATABASE_URL") or role_url(database, secret, "owner"),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": int(os.environ.get("DB_POOL_SIZE", "20")),
            "max_overflow": int(os.environ.get("DB_POOL_OVERFLOW", "20")),
            "pool_pre_ping": True,
            "pool_recycle": 1800,
        },
        "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        "PUBLIC_SCHEME": "https" if secure else "http",
        "PUBLIC_PORT": os.environ.get("PUBLIC_PORT", "" if secure else f":{os.environ.get('PORT', '8000')}"),
        "SANDBOX_URL": os.environ.get("SANDBOX_URL", ""),
        "SANDBOX_DATA": os.environ.get("SANDBOX_DATA", ""),
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        **_freshness(),
        **_files(),
        **_sessions(secure),
        **_framework(),
        **_background(),
        **_providers(),
        **_gateways(),
        **_chains(),
    }


def _freshness() -> dict[str, Any]:
    """Seconds for which what was read may be shown again."""
    return {
        "DIRECTORY_TTL": float(os.environ.get("DIRECTORY_TTL", "5")),
        "WORLD_TTL": float(os.environ.get("WORLD_TTL", "3")),
        # Seconds that a page of the shop may be shared among strangers; 0 renders each one.
        "PAGE_TTL": float(os.environ.get("PAGE_TTL", "60")),
    }


def _files() -> dict[str, Any]:
    """Where pictures and imported files are kept: below DATA_DIR, or in an S3-compatible bucket."""
    env = os.environ.get
    bucket = env("S3_BUCKET", "")
    return {
        "STORAGE": env("STORAGE", "s3" if bucket else "local"),
        "S3_BUCKET": bucket,
        "S3_PREFIX": env("S3_PREFIX", ""),
        "S3_ENDPOINT_URL": env("S3_ENDPOINT_URL", ""),
        "S3_REGION": env("S3_REGION", "us-east-1"),
        "S3_ACCESS_KEY_ID": env("S3_ACCESS_KEY_ID", ""),
        "S3_SECRET_ACCESS_KEY": env("S3_SECRET_ACCESS_KEY", ""),
    }


def _sessions(secure: bool) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "__Host-theriac" if secure else "theriac",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "WTF_CSRF_TIME_LIMIT": None,
        "PROXY_HOPS": int(os.environ.get("PROXY_HOPS", "0")),
        "CUSTOMER_IDLE": timedelta(days=30),
        "STAFF_IDLE": timedelta(minutes=int(os.environ.get("STAFF_IDLE_MINUTES", "30"))),
    }


def _framework() -> dict[str, Any]:
    return {
        "APP_NAME": "Theriac",
        "AUTH_TYPE": 1,
        "AUTH_ROLE_ADMIN": "platform_admin",
        "AUTH_ROLE_PUBLIC": "Public",
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_API": False,
        "FAB_API_SWAGGER_UI": False,
        "FAB_ADD_SECURITY_VIEWS": True,
        "FAB_PASSWORD_COMPLEXITY_ENABLED": False,
        "AUTH_USER_REGISTRATION": False,
        "AUTH_RATE_LIMITED": False,
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": True,
        "RATELIMIT_STORAGE_URI": "onetrip+" + os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_TRANSLATION_DIRECTORIES": os.path.join(
            os.path.dirname(os.path.abspath(__file__)), "translations"
        ),
        "LANGUAGES": {
            "en": {"flag": "us", "name": "English"},
            "ru": {"flag": "ru", "name": "Русский"},
            "es": {"flag": "es", "name": "Español"},
        },
    }


def _background() -> dict[str, Any]:
    """Workers and leases. A lease is how long the work of a process that died waits for another one."""
    env = os.environ.get
    return {
        "WORKER_PROCESSES": int(env("WORKER_PROCESSES", "2")),
        "RELAY_LEASE_SECONDS": float(env("RELAY_LEASE_SECONDS", "30")),
        "DELIVERY_LEASE_SECONDS": float(env("DELIVERY_LEASE_SECONDS", "20")),
    }


def _providers() -> dict[str, Any]:
    """Addresses and secrets of outside services. In demo mode they default to the sandbox on this machine."""
    sandbox = os.environ.get("SANDBOX_URL", "")
    env = os.environ.get
    return {
        "PUSHOVER_URL": env("PUSHOVER_URL")
        or (f"{sandbox}/pushover" if sandbox else "https://api.pushover.net"),
        "PUSHOVER_TOKEN": env("PUSHOVER_TOKEN", "a" * 30 if sandbox else ""),
        "TELEGRAM_URL": env("TELEGRAM_URL")
        or (f"{sandbox}/telegram" if sandbox else "https://api.telegram.org"),
        "TELEGRAM_DISPATCH_TOKEN": env(
            "TELEGRAM_DISPATCH_TOKEN", "100000002:sandbox-dispatcher-token" if sandbox else ""
        ),
        "TWILIO_URL": env("TWILIO_URL") or (f"{sandbox}/twilio" if sandbox else "https://api.twilio.com"),
        "TWILIO_ACCOUNT_SID": env("TWILIO_ACCOUNT_SID", "AC" + "0" * 32 if sandbox else ""),
        "TWILIO_AUTH_TOKEN": env("TWILIO_AUTH_TOKEN", "sandbox-twilio-token" if sandbox else ""),
        "TWILIO_SMS_FROM": env("TWILIO_SMS_FROM", "+13055550000" if sandbox else ""),
        "TWILIO_WHATSAPP_FROM": env("TWILIO_WHATSAPP_FROM", "+13055550001" if sandbox else ""),
        "SENDGRID_URL": env("SENDGRID_URL")
        or (f"{sandbox}/sendgrid" if sandbox else "https://api.sendgrid.com"),
        "SENDGRID_API_KEY": env("SENDGRID_API_KEY", "SG.sandbox-sendgrid-key" if sandbox else ""),
        "SENDGRID_FROM": env("SENDGRID_FROM", "hello@theriac.test" if sandbox else ""),
        "SENDGRID_FROM_NAME": env("SENDGRID_FROM_NAME", "Theriac"),
        "BITESHIP_URL": env("BITESHIP_URL")
        or (f"{sandbox}/biteship" if sandbox else "https://api.biteship.com"),
        "BITESHIP_API_KEY": env("BITESHIP_API_KEY", "biteship_test.sandbox" if sandbox else ""),
        "BITESHIP_WEBHOOK_HEADER": env("BITESHIP_WEBHOOK_HEADER", "X-Biteship-Secret"),
        "BITESHIP_WEBHOOK_SECRET": env(
            "BITESHIP_WEBHOOK_SECRET", "sandbox-biteship-secret" if sandbox else ""
        ),
        "COURIERS": env("COURIERS", "jne,jnt,sicepat,anteraja,gojek,grab"),
        "COURIER_QUOTE_SECONDS": int(env("COURIER_QUOTE_SECONDS", "900")),
        "CHAT_URL": env("CHAT_URL") or (f"{sandbox}/chatwoot" if sandbox else ""),
        "CHAT_TOKEN": env("CHAT_TOKEN", "sandbox-chat-token" if sandbox else ""),
        # Empty: the bundled table of ZIPs is all that is asked, and distances are straight lines.
        "GEOCODER_URL": env("GEOCODER_URL") or (f"{sandbox}/geocoder" if sandbox else ""),
        "ROUTER_URL": env("ROUTER_URL") or (f"{sandbox}/geocoder" if sandbox else ""),
        "GEOCODER_AGENT": env("GEOCODER_AGENT", "Theriac"),
        "TILE_URL": env("TILE_URL", ""),
        "TILE_ATTRIBUTION": env("TILE_ATTRIBUTION", ""),
    }


def _gateways() -> dict[str, Any]:
    """Where the payment gateways are. Accounts with them are the stores', sealed in the database."""
    sandbox = os.environ.get("SANDBOX_URL", "")

    def at(name: str, path: str, real: str) -> str:
        return os.environ.get(name) or (f"{sandbox}/{path}" if sandbox else real)

    return {
        "AUTHORIZENET_URL": at("AUTHORIZENET_URL", "authorizenet", "https://api.authorize.net"),
        "AUTHORIZENET_FORM_URL": at("AUTHORIZENET_FORM_URL", "authorizenet", "https://accept.authorize.net"),
        # Where its scripts come from; those of a test account from https://jstest.authorize.net.
        "AUTHORIZENET_JS_URL": at("AUTHORIZENET_JS_URL", "authorizenet", "https://js.authorize.net"),
        "MIDTRANS_SNAP_URL": at("MIDTRANS_SNAP_URL", "midtrans", "https://app.midtrans.com"),
        "MIDTRANS_API_URL": at("MIDTRANS_API_URL", "midtrans", "https://api.midtrans.com"),
        # Midtrans has no call for its settlement report: where the operator's own is fetched as CSV, if anywhere.
        "MIDTRANS_REPORT_URL": at("MIDTRANS_REPORT_URL", "midtrans/reports/settlement.csv", ""),
        "XENDIT_URL": at("XENDIT_URL", "xendit", "https://api.xendit.co"),
    }


def _chains() -> dict[str, Any]:
    """Where the chains of coins are read, and what coins cost."""
    sandbox = os.environ.get("SANDBOX_URL", "")
    env = os.environ.get
    return {
        # Esplora, Etherscan (API v2) and TronGrid.
        "BITCOIN_EXPLORER_URL": env("BITCOIN_EXPLORER_URL")
        or (f"{sandbox}/chain/bitcoin" if sandbox else "https://blockstream.info/api"),
        "ETHEREUM_EXPLORER_URL": env("ETHEREUM_EXPLORER_URL")
        or (f"{sandbox}/chain/ethereum" if sandbox else "https://api.etherscan.io"),
        "ETHEREUM_EXPLORER_KEY": env("ETHEREUM_EXPLORER_KEY", "sandbox-etherscan-key" if sandbox else ""),
        "TRON_EXPLORER_URL": env("TRON_EXPLORER_URL")
        or (f"{sandbox}/chain/tron" if sandbox else "https://api.trongrid.io"),
        "TRON_EXPLORER_KEY": env("TRON_EXPLORER_KEY", ""),
        "COIN_RATES_URL": env("COIN_RATES_URL")
        or (f"{sandbox}/chain/rates" if sandbox else "https://api.coinbase.com"),
    }
