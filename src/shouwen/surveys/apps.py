from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "shouwen.surveys"
