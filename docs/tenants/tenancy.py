from contextlib import contextmanager
from contextvars import ContextVar
from weakref import ref

from sqlalchemy import event, text
from sqlalchemy.orm import Session

current_user_id = ContextVar("current_user_id", default=None)
begun_here = ContextVar("begun_here", default=())


def under_way():
    """The sessions with a transaction that began in this thread or task."""
    sessions = [reference() for reference in begun_here.get()]
    return [session for session in sessions if session is not None and session.in_transaction()]


@event.listens_for(Session, "after_transaction_create")
def remember_who_is_asking(session, transaction):
    if transaction.parent is None:  # a savepoint is the same user's
        session.info["current_user_id"] = current_user_id.get()
        begun_here.set(tuple(ref(one) for one in {session, *under_way()}))


@event.listens_for(Session, "after_begin")
def tell_the_database_who_is_asking(session, transaction, connection):
    if transaction.parent is None:
        user_id = session.info["current_user_id"]
        connection.execute(text("SELECT set_config('app.current_user_id', :id, true)"),
                           {"id": "" if user_id is None else str(user_id)})


@contextmanager
def acting_as(user_id):
    """For transactions that begin and end inside: each keeps its user to its end."""
    if under_way():
        raise RuntimeError("acting_as() inside a transaction, which is somebody else's: commit or roll back first")
    token = current_user_id.set(user_id)
    try:
        yield
        if under_way():
            raise RuntimeError("acting_as() ends before a transaction that began inside: commit or roll back first")
    finally:
        current_user_id.reset(token)
        for session in under_way():
            session.rollback()
