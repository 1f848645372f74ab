"""docs/tenants/application.py with Flask. What is there already: TwoTenants; policies bind the role (TenancyIT)."""
import contextlib
import io
import os
import unittest

from importlib.metadata import version
import sqlalchemy

from main import app, db
from tenancy import acting_as, current_user_id
import application


@app.post("/items/as/<int:user_id>")
@application.login_required
def add_item_as(user_id):
    application.items()
    try:
        with acting_as(user_id), db.session.begin_nested():
            pass
    except RuntimeError as e:
        return [str(e), application.items().json]


class ApplicationTest(unittest.TestCase):
    def client(self, user_id=None):
        client = app.test_client()
        if user_id is not None:
            with client.session_transaction() as session:
                session["_user_id"] = str(user_id)
                session["_fresh"] = True
        return client

    def test_each_sees_their_own(self):
        student1, student2, nobody = self.client(4), self.client(5), self.client()
        self.assertEqual(student1.post("/items", json={"title": "Shenandoah"}).status_code, 200)
        of5 = student2.post("/items", json={"title": "Danny Boy"}).json
        of4 = student1.get("/items").json
        self.assertEqual(sorted(of4), ["A item 1", "A item 2", "Shenandoah"])
        self.assertEqual(sorted(of5), ["B-SECRET item 1", "B-SECRET item 2", "Danny Boy"])
        self.assertEqual(nobody.get("/items").json, [])
        self.assertEqual(nobody.post("/items", json={"title": "Nobody's"}).status_code, 401)

    def test_a_request_stays_its_users(self):
        error, items = self.client(4).post("/items/as/5").json
        self.assertIn("inside a transaction", error)
        self.assertIn("A item 1", items)
        self.assertNotIn("B-SECRET item 1", items)

    def test_each_has_their_active_routine(self):
        with app.app_context():
            for user_id, routine_id in (4, 100002), (5, 900002), (900006, None):
                with acting_as(user_id):
                    if routine_id:
                        application.activate(routine_id)
                    rows = db.session.query(application.ActiveRoutine.routine_id).all()
                    self.assertEqual([row[0] for row in rows], [routine_id] if routine_id else [])
                    application.clear()
                    self.assertEqual(db.session.query(application.ActiveRoutine).count(), 0)
                    db.session.rollback()

    def test_a_job_goes_through_the_users(self):
        engine = sqlalchemy.create_engine(os.environ["DATABASE_URL"])
        with contextlib.redirect_stdout(io.StringIO()) as output:
            application.count_items(engine, [3, 4, 6])
        self.assertRegex(output.getvalue(), r"^3 36\n4 \d\n6 0\n$")

    def test_the_webhook_writes_for_one_user(self):
        for status in "trialing", "active":
            application.on_subscription({"metadata": {"user_id": "900006"}, "id": "sub_c", "status": status})
        with acting_as(900006), application.billing.begin() as session:
            rows = session.execute(sqlalchemy.text("SELECT user_id, status FROM subscriptions")).all()
        self.assertEqual([tuple(row) for row in rows], [(900006, "active")])


if __name__ == "__main__":
    print("Flask " + version("flask"))
    unittest.main(verbosity=2)
