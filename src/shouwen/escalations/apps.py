from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    name = "shouwen.escalations"
