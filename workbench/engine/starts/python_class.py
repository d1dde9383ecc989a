"""A new student from a person's own Python class, named so that its checkpoint can be used from anywhere."""

from workbench.consents import digest_of
from workbench.engine.architectures.python_class import python_file
from workbench.engine.starts.start import Needs, Start
from workbench.recipe.models import PythonClass
from workbench.recipe.section import whole_name


def python_class(section: PythonClass, needs: Needs) -> Start:
    """The class with the whole name of its file and its digest; nothing is run. Raises WorkbenchError."""
    if section.file:
        section = section.model_copy(update={"file": str(whole_name(needs.folder, section.file))})
    trust = section.trust or digest_of(python_file(section))
    return Start(needs.blueprint(section.model_copy(update={"trust": trust})))
