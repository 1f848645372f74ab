"""What the application has already: Flask, Flask-SQLAlchemy, Flask-Login, and Flask-AppBuilder's table of users."""
import os

from flask import Flask
from flask_login import LoginManager, UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Column, Integer, String

app = Flask(__name__)
app.config["SECRET_KEY"] = os.urandom(16)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
# One connection: the next request gets what the last one left.
app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 5}
db = SQLAlchemy(app)
login = LoginManager(app)


class User(db.Model, UserMixin):
    __tablename__ = "ab_user"
    id = Column(Integer, primary_key=True)
    username = Column(String)


@login.user_loader
def load_user(number):
    return db.session.get(User, int(number))
