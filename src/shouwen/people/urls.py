from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from django.urls import path

from shouwen.people import pages, second_factor

# Not all that the library has: nobody signs up, and who has forgotten a password asks the administrator.
urlpatterns = [
    path("accounts/login/", pages.SignInPage.as_view(), name="account_login"),
    path("accounts/logout/", views.logout, name="account_logout"),
    path("accounts/inactive/", views.account_inactive, name="account_inactive"),
    path("accounts/password/change/", views.password_change, name="account_change_password"),
    path("accounts/password/set/", views.password_set, name="account_set_password"),
    path("accounts/password/link", pages.SetPasswordPage.as_view(), name="set_password"),
    path("accounts/password/link/<str:secret>", pages.PasswordLinkPage.as_view(), name="password_link"),
    path("accounts/reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("accounts/2fa/", mfa.index, name="mfa_index"),
    path("accounts/2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", second_factor.ActivatePage.as_view(), name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", second_factor.DeactivatePage.as_view(), name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "accounts/2fa/recovery-codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"
    ),
    path(
        "accounts/2fa/recovery-codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("demo/sign-in/<slug:role>", pages.sign_in_as, name="demo_sign_in"),
]
