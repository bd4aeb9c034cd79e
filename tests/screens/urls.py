"""The product's addresses, and the style guide's as in the demo."""

from django.urls import include, path

urlpatterns = [
    path("_styleguide/", include("shouwen.screens.styleguide")),
    path("", include("shouwen.config.urls")),
]
