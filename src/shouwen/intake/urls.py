from django.urls import path

from shouwen.intake.api import api

urlpatterns = [path("", api.urls)]
