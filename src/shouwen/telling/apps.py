from django.apps import AppConfig


class TellingConfig(AppConfig):
    name = "shouwen.telling"
