"""Every address of the platform."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("shouwen.people.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("portal/", include("shouwen.portal.urls")),
    path("api/v1/", include("shouwen.intake.urls")),
    path("intake/", include("shouwen.intake.desk_urls")),
    path("", include("shouwen.desk.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("_styleguide/", include("shouwen.screens.styleguide")))
