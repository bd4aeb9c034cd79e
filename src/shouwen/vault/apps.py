from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "shouwen.vault"
    verbose_name = _("Access to personal data")
