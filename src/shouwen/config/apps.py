"""What libraries are called in the administration."""

from axes.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignIns(AppConfig):
    """Attempts to sign in, and who is locked out for a while."""

    verbose_name = _("Sign-ins")
