import os

from flask import jsonify, request
from flask_login import current_user, login_required
from sqlalchemy import Column, DateTime, Integer, String
from sqlalchemy import create_engine, delete, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from main import app, db  # the application's own
from tenancy import acting_as, current_user_id


class Item(db.Model):
    __tablename__ = "items"
    id = Column(Integer, primary_key=True)
    title = Column(String, nullable=False)
    user_id = Column(Integer, default=lambda: current_user_id.get())


@app.before_request
def who_is_asking():
    current_user_id.set(current_user.id if current_user.is_authenticated else None)
    db.session.rollback()  # loading the user has begun a transaction, as nobody


@app.teardown_request
def nobody_is_asking(error):
    current_user_id.set(None)  # the thread serves somebody else next


@app.get("/items")
def items():
    return jsonify(db.session.scalars(select(Item.title).order_by(Item.id)).all())


@app.post("/items")
@login_required
def add_item():
    db.session.add(Item(title=request.json["title"]))
    db.session.commit()
    return items()  # a new transaction, the same user


class ActiveRoutine(db.Model):
    __tablename__ = "active_routine"
    id = Column(Integer, primary_key=True)
    routine_id = Column(Integer)
    updated_at = Column(DateTime(timezone=True), server_default=func.now())


def activate(routine_id):
    if not db.session.execute(update(ActiveRoutine).values(routine_id=routine_id)).rowcount:
        db.session.add(ActiveRoutine(routine_id=routine_id))
    db.session.commit()


def clear():
    db.session.execute(delete(ActiveRoutine))
    db.session.commit()


def count_items(engine, users):
    for user_id in users:  # SELECT id FROM ab_user WHERE active
        with acting_as(user_id), Session(engine) as session, session.begin():
            print(user_id, session.scalar(text("SELECT count(*) FROM items")))  # 3 36, then 4 1, then 5 1


billing = sessionmaker(create_engine(os.environ["WEBHOOK_DATABASE_URL"]))


def on_subscription(subscription):
    values = {"user": int(subscription["metadata"]["user_id"]), "id": subscription["id"], "status": subscription["status"]}
    with acting_as(values["user"]), billing.begin() as session:
        changed = session.execute(text("UPDATE subscriptions SET stripe_subscription_id = :id, status = :status WHERE user_id = :user"), values)
        if not changed.rowcount:
            session.execute(text("INSERT INTO subscriptions (user_id, stripe_subscription_id, status) VALUES (:user, :id, :status)"), values)
