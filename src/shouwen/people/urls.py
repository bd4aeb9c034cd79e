from django.urls import path

from shouwen.people import pages

urlpatterns = [
    path("accounts/login/", pages.SignInPage.as_view(), name="account_login"),
    path("demo/sign-in/<slug:role>", pages.sign_in_as, name="demo_sign_in"),
]
