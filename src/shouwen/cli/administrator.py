"""`shouwen administrator NAME`: the person who makes all the others. Their password is made up here and shown once."""

from __future__ import annotations

import argparse
import secrets

from shouwen.cli.sentences import _


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar=_("NAME"), help=_("the name to sign in with"))


def run(args: argparse.Namespace) -> int:
    """Make the person, or give an existing administrator a new password."""
    from shouwen.people.actions import make_person
    from shouwen.people.models import Person

    password = secrets.token_urlsafe(12)
    person = Person.objects.filter(username=args.name).first()
    if person is None:
        make_person(args.name, display_name=args.name, roles=["administrator"], password=password)
    elif "administrator" in person.roles:
        person.set_password(password)
        person.save(update_fields=["password"])
    else:
        print(_("{name} is not an administrator; another administrator can change that.").format(name=args.name))
        return 1
    print(_("{name} signs in with the password {password}").format(name=args.name, password=password))
    return 0
