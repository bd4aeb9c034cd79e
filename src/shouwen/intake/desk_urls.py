"""Taking in at the desk."""

from django.urls import path

from shouwen.intake import pages

urlpatterns = [
    path("new", pages.NewPage.as_view(), name="intake_new"),
    path("new/about", pages.AboutPart.as_view(), name="intake_about"),
    path("new/categories", pages.FoundPart.as_view(), name="intake_found"),
    path("new/caller", pages.CallerPart.as_view(), name="intake_caller"),
    path("new/similar", pages.SimilarPart.as_view(), name="intake_similar"),
]
