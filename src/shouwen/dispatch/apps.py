from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "shouwen.dispatch"
