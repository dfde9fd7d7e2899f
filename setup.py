"""Puts the stored notebooks into what is installed, as data of the package; all else stands in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
STORED = ("notebooks/[0-9]*.ipynb", "exercises/[0-9]*.ipynb", "solutions/[0-9]*.ipynb", "book/glossary.md")


class WithNotebooks(build_py):
    """An editable installation finds them where they are stored."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        goal = Path(self.build_lib) / "damtutor" / "editions"
        shutil.rmtree(goal, ignore_errors=True)  # a notebook that left the course
        for file in (file for pattern in STORED for file in HERE.glob(pattern)):
            if file.name != file.name.lower():  # a copy made by JupyterLab, 00-start-Copy1.ipynb
                continue
            (goal / file.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, goal / file.parent.name / file.name)


setup(cmdclass={"build_py": WithNotebooks})
