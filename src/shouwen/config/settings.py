"""Django's settings. Everything a carrier may change comes from the environment (docs/reference/settings.md)."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from shouwen.config import environment

HERE = Path(__file__).parent

DEBUG = False
DEMO = environment.flag("SHOUWEN_DEMO")
SHOUWEN_SECRETS = environment.secrets(os.environ.get("SHOUWEN_SECRETS"))
SECRET_KEY = SHOUWEN_SECRETS["django_secret_key"]
ALLOWED_HOSTS = environment.words("SHOUWEN_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("SHOUWEN_ORIGINS", "")
SHOUWEN_BASE_URL = os.environ.get("SHOUWEN_BASE_URL", "http://localhost:8000")
SHOUWEN_CELL = os.environ.get("SHOUWEN_CELL", "AH")
# How many proxies of the carrier's own stand before this: what they add to X-Forwarded-For is believed.
SHOUWEN_PROXIES = environment.whole_number("SHOUWEN_PROXIES", 0, at_least=0)
# What customers read on top of the public pages, and the number they may call instead; the demo's rings nowhere.
SHOUWEN_CARRIER = os.environ.get("SHOUWEN_CARRIER", "")
SHOUWEN_HOTLINE = environment.phone_number("SHOUWEN_HOTLINE", "000-0000-0000" if DEMO else "")
SHOUWEN_COUNTRY = os.environ.get("SHOUWEN_COUNTRY", "CN")
# Under whose rules the desk starts: one of the packs that come with it.
_PACKS = [file.parent.name for file in (HERE.parent / "editions" / "packs").glob("*/edition.yaml")]
SHOUWEN_PACK = environment.one_of("SHOUWEN_PACK", "cn-telecom-2025", _PACKS)
# A carrier of one person lets its rules be approved by whoever wrote them; shown on the page of the rules and logged.
SHOUWEN_RULES_ALONE = environment.flag("SHOUWEN_RULES_ALONE")
SHOUWEN_WIRING = "shouwen.config.wiring"

INSTALLED_APPS = [
    "shouwen.screens",  # first: its pages stand in for those of the libraries
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "shouwen.config.apps.SignIns",
    "rules.apps.AutodiscoverRulesConfig",
    "django_htmx",
    "csp",
    "django_vite",
    "shouwen.vault",
    "shouwen.people",
    "shouwen.editions",
    "shouwen.customers",
    "shouwen.notices",
    "shouwen.tickets",
    "shouwen.service_levels",
    "shouwen.escalations",
    "shouwen.surveys",
    "shouwen.telling",
    "shouwen.intake",
    "shouwen.desk",
    "shouwen.portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shouwen.screens.compressing.CompressedPages",  # what WhiteNoise serves was compressed when it was built
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shouwen.people.second_factor.CodesFirst",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "shouwen.config.urls"
WSGI_APPLICATION = "shouwen.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shouwen.desk.header.header",
                "shouwen.screens.reading.reading",
            ],
        },
    }
]

DATABASES = {"default": environment.database(os.environ["DATABASE_URL"])}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] |= {
    "pool": {"min_size": 1, "max_size": environment.whole_number("SHOUWEN_CONNECTIONS", 16), "timeout": 10},
    # Statements are prepared where the program says so, and nowhere else.
    "prepare_threshold": sys.maxsize if environment.flag("SHOUWEN_PREPARE", default=True) else None,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "shouwen.people.sign_in.Adapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds until setting up one-time codes asks for the password again
MFA_ADAPTER = "shouwen.people.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "首问 Shouwen"
MFA_TOTP_TOLERANCE = 1  # half a minute before and after: phones' clocks are not exact
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up here, so nobody takes an account before its owner
MFA_FORMS = {
    "activate_totp": "shouwen.people.second_factor.ActivateForm",
    "authenticate": "shouwen.people.second_factor.CodeForm",
    "reauthenticate": "shouwen.people.second_factor.CodeAgainForm",
}
# Roles whose holders sign in with a one-time code beside their password, separated by commas; * is every role.
SHOUWEN_SECOND_FACTOR = environment.words("SHOUWEN_SECOND_FACTOR", "")
ACCOUNT_SESSION_REMEMBER = False
# What one address may try is less than what shuts a name to everybody: nobody locks others out alone.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "15/m/ip,100/5m/key"}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "shouwen.people.sign_in.tried_from"
AXES_USERNAME_CALLABLE = "shouwen.people.sign_in.name_tried"
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [HERE.parent / "locale"]
TIME_ZONE = os.environ.get("SHOUWEN_TIME_ZONE", "Asia/Shanghai")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "assets"] if (HERE / "assets").is_dir() else []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+[.-][0-9A-Za-z_-]{8,12}\..+$"
DJANGO_VITE = {"default": {"manifest_path": HERE / "assets" / "manifest.json", "static_url_prefix": ""}}

# Ways out for messages, by channel (notices/gateways.py). Without one a message stays readable in the outbox.
EMAIL_HOST = os.environ.get("SHOUWEN_EMAIL_HOST", "")
EMAIL_PORT = environment.whole_number("SHOUWEN_EMAIL_PORT", 25)
EMAIL_USE_TLS = environment.flag("SHOUWEN_EMAIL_STARTTLS")
EMAIL_USE_SSL = environment.flag("SHOUWEN_EMAIL_TLS")
EMAIL_HOST_USER = os.environ.get("SHOUWEN_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = SHOUWEN_SECRETS.get("email_password", "")
SHOUWEN_EMAIL_CA = os.environ.get("SHOUWEN_EMAIL_CA", "")  # a file of certificates to trust instead of the machine's
DEFAULT_FROM_EMAIL = os.environ.get("SHOUWEN_EMAIL_FROM", "shouwen@localhost")
_WAYS = {"email": EMAIL_HOST and "shouwen.notices.gateways.Smtp", "sms": os.environ.get("SHOUWEN_SMS_GATEWAY", "")}
SHOUWEN_GATEWAYS = {channel: path for channel, path in _WAYS.items() if path}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.flag("SHOUWEN_HTTPS")
SECURE_HSTS_SECONDS = 31_536_000 if environment.flag("SHOUWEN_HTTPS") else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("SHOUWEN_HTTPS") else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# Files on tickets: the largest picture or document, the largest recording, and how many a ticket may have.
SHOUWEN_FILE_MB = environment.whole_number("SHOUWEN_FILE_MB", 20)
SHOUWEN_RECORDING_MB = environment.whole_number("SHOUWEN_RECORDING_MB", 100)
SHOUWEN_FILES_PER_TICKET = environment.whole_number("SHOUWEN_FILES_PER_TICKET", 50)
FILE_UPLOAD_HANDLERS = [
    "shouwen.vault.uploads.NoMoreThanAllowed",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}


def _without_the_way_to_a_refusal(record: logging.LogRecord) -> bool:
    """A refused page is no fault: one line says so, and the way there would hide the faults beside it."""
    if getattr(record, "status_code", None) == 403:
        record.exc_info = record.exc_text = None
    return True


class _Line(logging.Formatter):
    """A line of the log, without what opens something to whoever reads it: the way to a survey or a password link."""

    secret_after = re.compile(r"(/portal/surveys/|/accounts/password/link/)[^/\s?\"']+")

    def format(self, record: logging.LogRecord) -> str:
        return self.secret_after.sub(r"\1…", super().format(record))


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"one_line": {"()": "django.utils.log.CallbackFilter", "callback": _without_the_way_to_a_refusal}},
    "formatters": {"line": {"()": _Line, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one_line"]}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("SHOUWEN_LOG_LEVEL", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}},
}
