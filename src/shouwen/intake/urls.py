from django.urls import path

from shouwen.intake import replying as replying  # its calls belong to the same API
from shouwen.intake.api import api

urlpatterns = [path("", api.urls)]
