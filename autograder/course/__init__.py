"""An nbgrader course directory: what lies where."""
