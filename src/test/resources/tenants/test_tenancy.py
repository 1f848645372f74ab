"""docs/tenants/tenancy.py with SQLAlchemy. Users 4 and 5 have items; policies bind the role (TenancyIT)."""
import gc
import os
import threading
import unittest
from contextvars import copy_context

import sqlalchemy
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from tenancy import acting_as, current_user_id

# One connection: the next transaction gets what the last one left.
engine = create_engine(os.environ["DATABASE_URL"], pool_size=1, max_overflow=0, pool_timeout=5)
WHO = "SELECT current_setting('app.current_user_id', true)"
WHOSE = "SELECT string_agg(DISTINCT user_id::text, ', ') FROM items"


class TenancyTest(unittest.TestCase):
    def setUp(self):
        current_user_id.set(4)  # as before_request does
        self.session = scoped_session(sessionmaker(engine))

    def tearDown(self):
        self.session.remove()
        current_user_id.set(None)

    def scalar(self, sql):
        return self.session.execute(text(sql)).scalar()

    def assert_is_of_user_4(self):
        self.assertEqual(self.scalar(WHO), "4")
        self.assertEqual(self.scalar(WHOSE), "4")

    def test_a_savepoint_keeps_the_user(self):
        self.assert_is_of_user_4()
        with self.session.begin_nested():
            self.assert_is_of_user_4()
            current_user_id.set(5)
            with self.session.begin_nested():
                self.assert_is_of_user_4()
        self.assert_is_of_user_4()

    def test_a_transaction_keeps_the_user_that_it_began_with_though_nothing_was_sent_yet(self):
        self.session.begin()
        current_user_id.set(5)
        with self.session.begin_nested():
            self.assert_is_of_user_4()
        self.assert_is_of_user_4()

    def test_rolling_back_to_a_savepoint_keeps_the_user(self):
        savepoint = self.session.begin_nested()
        self.assert_is_of_user_4()
        savepoint.rollback()
        self.assert_is_of_user_4()
        with self.assertRaises(sqlalchemy.exc.ProgrammingError):
            with self.session.begin_nested():
                self.scalar("INSERT INTO items (title, user_id) VALUES ('of another', 5) RETURNING id")
        self.assert_is_of_user_4()

    def test_the_next_transaction_is_the_same_users(self):
        for end in self.session.commit, self.session.rollback, self.session.close:
            self.assert_is_of_user_4()
            end()
        self.assert_is_of_user_4()

    def test_acting_as_another_inside_a_transaction_is_refused(self):
        self.assert_is_of_user_4()
        with self.assertRaisesRegex(RuntimeError, "inside a transaction"):
            with acting_as(5), self.session.begin_nested():
                self.fail("it went on as " + self.scalar(WHO))
        self.assert_is_of_user_4()
        self.session.commit()
        self.assert_is_of_user_4()

    def test_acting_as_another_inside_a_transaction_that_has_sent_nothing_is_refused(self):
        self.session.begin()
        with self.assertRaisesRegex(RuntimeError, "inside a transaction"):
            with acting_as(5):
                self.fail("it went on")
        self.assert_is_of_user_4()

    def test_acting_as_another_inside_a_savepoint_is_refused(self):
        with self.session.begin_nested():
            with self.assertRaisesRegex(RuntimeError, "inside a transaction"):
                with acting_as(5):
                    self.fail("it went on")
            self.assert_is_of_user_4()

    def test_acting_as_another_is_for_transactions_inside(self):
        with acting_as(5), Session(engine) as session, session.begin():
            self.assertEqual(session.execute(text(WHOSE)).scalar(), "5")
            with session.begin_nested():
                self.assertEqual(session.execute(text(WHOSE)).scalar(), "5")
        self.assert_is_of_user_4()
        self.session.commit()
        with acting_as(5):
            self.assertEqual(self.scalar(WHOSE), "5")
            self.session.commit()
            with acting_as(4):
                self.assert_is_of_user_4()
                self.session.rollback()
            self.assertEqual(self.scalar(WHOSE), "5")
            self.session.rollback()
        self.assert_is_of_user_4()

    def test_a_transaction_that_would_outlive_acting_as_is_rolled_back_and_reported(self):
        with self.assertRaisesRegex(RuntimeError, "ends before a transaction"):
            with acting_as(5):
                self.scalar("INSERT INTO items (title, user_id) VALUES ('too late', 5) RETURNING id")
        self.assert_is_of_user_4()
        self.session.rollback()
        with acting_as(5), Session(engine) as session:
            self.assertEqual(session.execute(text(WHOSE)).scalar(), "5")

    def test_an_error_in_acting_as_is_passed_on_and_leaves_nothing(self):
        with self.assertRaisesRegex(ValueError, "of the view"):
            with acting_as(5):
                self.scalar(WHOSE)
                raise ValueError("of the view")
        self.assert_is_of_user_4()

    def test_a_connection_of_the_pool_is_nobodys(self):
        self.assert_is_of_user_4()
        self.session.commit()
        with acting_as(5), Session(engine) as session, session.begin():
            session.execute(text(WHOSE))
        with engine.connect() as connection:
            self.assertIn(connection.execute(text(WHO)).scalar(), ("", None))
            self.assertIsNone(connection.execute(text(WHOSE)).scalar())
        current_user_id.set(None)
        self.assertIsNone(self.scalar(WHOSE))

    def test_a_session_that_was_forgotten_is_in_nobodys_way(self):
        Session(engine).execute(text(WHOSE))
        gc.collect()
        with acting_as(5), Session(engine) as session:
            self.assertEqual(session.execute(text(WHOSE)).scalar(), "5")

    def test_a_thread_begins_as_nobody_unless_it_takes_the_user_along(self):
        seen = []

        def work():
            with Session(engine) as session:
                seen.append(session.execute(text(WHOSE)).scalar())

        for target, arguments in (work, ()), (copy_context().run, (work,)):
            thread = threading.Thread(target=target, args=arguments)
            thread.start()
            thread.join()
        self.assertEqual(seen, [None, "4"])


if __name__ == "__main__":
    print("SQLAlchemy " + sqlalchemy.__version__)
    unittest.main(verbosity=2)
