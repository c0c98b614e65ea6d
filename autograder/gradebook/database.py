"""The database behind a gradebook: opened, held against nbgrader's version, used in transactions.

SQLite or PostgreSQL, by the course's ``db_url``. Every fault becomes one message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.course.directory import Course
from autograder.errors import AutograderError

WAIT = 30  # seconds for another program to let go of an SQLite gradebook


class Database:
    """The open database of a course.

    Raises AutograderError when it cannot be opened, is of another nbgrader version (it is then
    left as it is), or stays locked.
    """

    def __init__(self, course: Course) -> None:
        from sqlalchemy import create_engine
        from sqlalchemy.exc import SQLAlchemyError
        from sqlalchemy.orm import sessionmaker

        self.course = course
        try:
            lite = course.db_url.startswith("sqlite")
            options = {"timeout": WAIT} if lite else {}
            self._engine = create_engine(course.db_url, connect_args=options)
            if lite:
                _take_the_lock_at_once(self._engine)
            self._sessions = sessionmaker(self._engine, expire_on_commit=False)
        except (SQLAlchemyError, ImportError) as error:
            raise self._fault(error) from error
        try:
            self._prepare()
        except BaseException as error:
            self.close()
            if isinstance(error, SQLAlchemyError | ImportError):
                raise self._fault(error) from error
            raise

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """One transaction: everything in the block is kept, or nothing."""
        from sqlalchemy.exc import IntegrityError, SQLAlchemyError

        try:
            with self._sessions.begin() as session:
                yield session
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise self._fault(error) from error

    def _prepare(self) -> None:
        """Make the tables in an empty database; refuse one of another nbgrader version."""
        from nbgrader.api import Base
        from sqlalchemy import inspect, text

        ours = _newest_revision()
        with self._engine.begin() as db:
            tables = inspect(db).get_table_names()
            if not tables:
                Base.metadata.create_all(db)
                db.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                db.execute(text("INSERT INTO alembic_version VALUES (:ours)"), {"ours": ours})
                return
            known = "alembic_version" in tables
            theirs = db.scalar(text("SELECT version_num FROM alembic_version")) if known else None
        if theirs != ours:
            raise AutograderError(
                f"The gradebook {self.course.database} was made by another version of nbgrader "
                f"(its tables are {theirs or 'unversioned'}, ours {ours}). It was left as it is. "
                "Make a copy of it, then bring it up to date with: nbgrader db upgrade"
            )

    def _fault(self, error: Exception) -> AutograderError:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        if "locked" in reason:
            return AutograderError(
                f"The gradebook {self.course.database} stayed locked by another program for "
                f"{WAIT} s. Close what has it open and run the same command again; "
                "what was graded so far is kept."
            )
        if isinstance(error, ImportError):
            reason += (
                ", the driver of this database. PostgreSQL's comes with: pip install "
                "'mlpkit[cluster]'; db_url then begins with postgresql+psycopg://"
            )
        return AutograderError(f"The gradebook {self.course.database} cannot be used: {reason}.")


def _newest_revision() -> str:
    """The version of nbgrader's tables; alembic, asked for it, takes a quarter of a second."""
    import nbgrader

    folder = Path(nbgrader.__file__).parent / "alembic" / "versions"
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    made, grown = (
        set(re.findall(rf"^{name}\b.*=\s*['\"](\w+)['\"]", text, re.M))
        for name in ("revision", "down_revision")
    )
    (newest,) = made - grown
    return newest


def _take_the_lock_at_once(engine: Any) -> None:
    """SQLite: begin for writing, so that two programs wait for each other and never deadlock."""
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def no_implicit_begin(connection: Any, _: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
