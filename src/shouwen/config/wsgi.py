"""The WSGI application Granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.config.settings")

django = get_wsgi_application()

from shouwen.intake.short_way import ShortWay  # noqa: E402 -- needs Django to be set up

application = ShortWay(django)
