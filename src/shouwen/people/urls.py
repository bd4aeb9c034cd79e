from allauth.account import views
from django.urls import path

from shouwen.people import pages

# Not all that the library has: nobody signs up, and who has forgotten a password asks the administrator.
urlpatterns = [
    path("accounts/login/", pages.SignInPage.as_view(), name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/password/change/", views.password_change, name="account_change_password"),
    path("accounts/password/set/", views.password_set, name="account_set_password"),
    path("accounts/password/link", pages.SetPasswordPage.as_view(), name="set_password"),
    path("accounts/password/link/<str:secret>", pages.PasswordLinkPage.as_view(), name="password_link"),
    path("demo/sign-in/<slug:role>", pages.sign_in_as, name="demo_sign_in"),
]
