"""Settings of LiveCaller, read from the environment only.

Only LIVECALLER_DEBUG, one's own machine, gives secrets a default and lets addresses be http. It shows nobody
more than others see: Django's DEBUG, with its pages of traces and settings, is never on.
"""

from pathlib import Path
from typing import Any  # Django's settings are dictionaries of anything by design
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from livecaller import env

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = False
IS_LOCAL = env.flag("LIVECALLER_DEBUG", default=False)
_port = env.whole_number("LIVECALLER_PORT", default=8437, least=1, most=65535)
_local = f"localhost:{_port}" if IS_LOCAL else None


def _local_default(prefix: str) -> str | None:
    return f"http://{prefix}{_local}" if _local else None


SITE_URL = env.origin("LIVECALLER_SITE_URL", _local_default(""))
WIDGET_URL = env.origin("LIVECALLER_WIDGET_URL", _local_default("widget."))
FILES_URL = env.origin("LIVECALLER_FILES_URL", _local_default("files."))
# The demonstration shop is a stranger's site: it has its own host and no session.
SHOP_URL = env.origin("LIVECALLER_SHOP_URL", f"http://127.0.0.1:{_port}" if IS_LOCAL else "http://shop.invalid")
if not IS_LOCAL and any(urlsplit(url).scheme != "https" for url in (SITE_URL, WIDGET_URL, FILES_URL)):
    raise ImproperlyConfigured("Outside LIVECALLER_DEBUG the site, widget and files addresses must be https.")
if len({SITE_URL, WIDGET_URL, FILES_URL, SHOP_URL}) != 4:
    raise ImproperlyConfigured("Site, widget, files and shop must be four different origins.")

SITE_HOST, WIDGET_HOST, FILES_HOST, SHOP_HOST = (
    urlsplit(url).netloc for url in (SITE_URL, WIDGET_URL, FILES_URL, SHOP_URL)
)
_development_key = "only-for-development-never-in-production-0123456789"
SECRET_KEY = env.text("LIVECALLER_SECRET_KEY", _development_key if IS_LOCAL else None)
if not IS_LOCAL and (len(SECRET_KEY) < 50 or _development_key == SECRET_KEY):
    raise ImproperlyConfigured("LIVECALLER_SECRET_KEY is too short or known. Use at least 50 random characters.")
# Newest first. Version 0 is derived from SECRET_KEY, so that a sealing key of its own can be added later.
SEALING_KEYS = {**env.versioned_keys("LIVECALLER_SEALING_KEY"), 0: SECRET_KEY}

METRICS_TOKEN = env.text("LIVECALLER_METRICS_TOKEN", "")
if METRICS_TOKEN and len(METRICS_TOKEN) < 24:
    raise ImproperlyConfigured("LIVECALLER_METRICS_TOKEN is too short. Use at least 24 random characters, or none.")

ALLOWED_HOSTS = [urlsplit(url).hostname for url in (SITE_URL, WIDGET_URL, FILES_URL, SHOP_URL)]
DATA_DIR = env.folder("LIVECALLER_DATA", BASE_DIR / ".livecaller")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_vite",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "allauth",
    "allauth.account",
    "livecaller.core",
    "livecaller.embedded",
    "livecaller.website",
    "accounts",
    "privacy",
    "billing",
    "widget",
    "chats",
    "calls",
]

MIDDLEWARE = [
    "livecaller.core.middleware.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "livecaller.core.middleware.HostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "livecaller.core.middleware.SurfaceHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "livecaller.core.middleware.SiteLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.SessionEndMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.TenantMiddleware",
]

ROOT_URLCONF = "livecaller.urls"
HOST_URLCONFS = {
    SITE_HOST: "livecaller.urls",
    WIDGET_HOST: "livecaller.widget_host_urls",
    FILES_HOST: "chats.file_urls",
    SHOP_HOST: "livecaller.website.shop_urls",
}
ASGI_APPLICATION = "livecaller.asgi.application"
WSGI_APPLICATION = "livecaller.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "livecaller.website.context.site",
            ],
        },
    }
]

_database_default = "postgres://livecaller_app@127.0.0.1:8438/livecaller" if IS_LOCAL else None
_owner_default = "postgres://livecaller_owner@127.0.0.1:8438/livecaller" if IS_LOCAL else None
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", _database_default),
    # Only `migrate` uses it; the web process may run without the owner's password.
    "owner": env.database("DATABASE_OWNER_URL", _owner_default or env.text("DATABASE_URL")),
}
# A lock is held for milliseconds. Whoever waits longer waits for a mishap, and must not take a thread with them.
_TIMEOUTS = {"statement_timeout": "15s", "lock_timeout": "3s", "idle_in_transaction_session_timeout": "30s"}
DATABASES["default"]["OPTIONS"] |= {"options": " ".join(f"-c {name}={time}" for name, time in _TIMEOUTS.items())}
DATABASES["owner"]["OPTIONS"] |= {"options": "-c lock_timeout=2s"}
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis("REDIS_URL", "redis://127.0.0.1:8439/0" if IS_LOCAL else None)
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # Pub/sub knows no database numbers, so the number is part of the prefix.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "prefix": f"lc{urlsplit(REDIS_URL).path.strip('/') or 0}",
        },
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Each may run twice at once without harm. Seconds.
CELERY_BEAT_SCHEDULE = {"sweep-files": {"task": "chats.sweep_files", "schedule": 3600}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.passwords.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.PredictableValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/inbox/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.adapter.SignInForm",
    "signup": "accounts.adapter.SignUpForm",
    "reset_password": "accounts.adapter.PasswordForgottenForm",
    "reset_password_from_key": "accounts.adapter.NewPasswordForm",
    "change_password": "accounts.adapter.PasswordChangeForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
# Each further rate is a longer wait. A key is an account as seen from one network (accounts.adapter).
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,60/h/ip,5/5m/key,20/h/key",
    "signup": "8/m/ip,40/h/ip",
    "reset_password": "8/m/ip,40/h/ip,3/10m/key",
    "confirm_email": "1/m/key,5/h/key",
}
# As long as somebody may take from signing up to opening the mail and still be signed in by it.
ACCOUNT_LOGIN_TIMEOUT = 3600
PASSWORD_RESET_TIMEOUT = 3600

# In the session and not in a cookie of its own: these lines name people.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_NAME = "__Host-lc-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = "__Host-lc-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "livecaller.website.errors.form_expired"
LANGUAGE_COOKIE_NAME = "__Host-lc-language"
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

SECURE_SSL_REDIRECT = not IS_LOCAL
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = None if IS_LOCAL else ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not IS_LOCAL
SECURE_HSTS_PRELOAD = not IS_LOCAL
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, FILES_URL, "blob:", "data:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF, SITE_URL.replace("http", "ws", 1)],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("ka", "ქართული"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("ar", "العربية"),
    ("he", "עברית"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static" / "collected"
# Listing static/ itself would publish the TypeScript sources.
STATICFILES_DIRS = [("dist", BASE_DIR / "static" / "dist"), ("img", BASE_DIR / "static" / "img")]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "livecaller.core.static.BuiltStaticFilesStorage"},
}
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9A-Za-z_-]{8,12}\..+$"
WHITENOISE_USE_FINDERS = IS_LOCAL
WHITENOISE_MAX_AGE = 0 if IS_LOCAL else 60
WHITENOISE_AUTOREFRESH = False
DJANGO_VITE = {
    "default": {"manifest_path": BASE_DIR / "static" / "dist" / "manifest.json", "static_url_prefix": "dist"}
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
ATTACHMENT_MAX_BYTES = 20 * 1024 * 1024
# Where ClamAV looks at uploads; None: they are not scanned.
CLAMAV = env.scanner("LIVECALLER_CLAMAV")
ATTACHMENT_ORGANIZATION_QUOTA_BYTES = 5 * 1024 * 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["livecaller.core.bodies.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["livecaller.core.bodies.OrjsonParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "livecaller.core.api.render_error",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LiveCaller",
    "DESCRIPTION": "Conversations, messages and people of one organization.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"AuthorKind": "chats.enums.AuthorKind", "MessageKind": "chats.enums.MessageKind"},
}

EMAIL_BACKEND, EMAIL_SETTINGS = env.mail("LIVECALLER_EMAIL_URL", "catch:" if IS_LOCAL else None)
EMAIL_HOST = str(EMAIL_SETTINGS.get("host", "localhost"))
EMAIL_PORT = int(EMAIL_SETTINGS.get("port", 25))
EMAIL_HOST_USER = str(EMAIL_SETTINGS.get("user", ""))
EMAIL_HOST_PASSWORD = str(EMAIL_SETTINGS.get("password", ""))
EMAIL_USE_TLS = bool(EMAIL_SETTINGS.get("starttls", False))
EMAIL_USE_SSL = bool(EMAIL_SETTINGS.get("tls", False))
EMAIL_TIMEOUT = 20
MAIL_IS_CAUGHT = EMAIL_BACKEND == "livecaller.embedded.mail.CatchingBackend"
if MAIL_IS_CAUGHT and not IS_LOCAL:
    raise ImproperlyConfigured("LIVECALLER_EMAIL_URL=catch: shows every mail to everybody who comes. Use smtp://.")
DEFAULT_FROM_EMAIL = env.text("LIVECALLER_EMAIL_FROM", "LiveCaller <hello@livecaller.localhost>" if IS_LOCAL else None)

LOGGING_CONFIG = "livecaller.core.logs.configure"
LOGGING: dict[str, Any] = {"json": not IS_LOCAL}
