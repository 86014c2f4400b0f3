import pytest

from rca.domain.failure import Benign
from tests.unit.sources.payloads import failure, only

CLUSTER = {"cluster_id": "c-1", "cluster_name": "training"}


def event(*statuses: object, name: str = "library.install.failed", **changes: object) -> dict:
    return {
        "event": name,
        "cluster": CLUSTER,
        "library_statuses": list(statuses),
        "timestamp": 1795143011000,
    } | changes


def status(library: object, state: str = "FAILED", messages: object = ("no such version",)) -> dict:
    return {"library": library, "status": state, "messages": list(messages)}  # type: ignore[call-overload]


def test_failed_libraries_are_listed():
    found = failure(event(status({"pypi": {"package": "a==1"}}), status({"jar": "dbfs:/b.jar"}, "INSTALLED")))
    assert found.identity == found.run_id == "c-1_LIBRARY_INSTALLATION_FAILED_20261120025011"
    assert (found.code, found.resource) == ("LIBRARY_INSTALLATION_FAILED", "training")
    assert [library.name for library in found.activities] == ["pypi a==1"]
    assert "pypi a==1: no such version" in found.message


@pytest.mark.parametrize(
    ("library", "name"),
    [
        ({"maven": {"coordinates": "g:a:1"}}, "maven g:a:1"),
        ({"whl": "dbfs:/x.whl"}, "whl dbfs:/x.whl"),
        ({"name": "x"}, "x"),
        ("x", "x"),
        (7, "7"),
        ([], "unnamed library"),
    ],
)
def test_names_of_libraries(library, name):
    assert failure(event(status(library))).entity == name


def test_a_cluster_event_with_failed_libraries():
    payload = {"event": "cluster.library.failed", "cluster": CLUSTER | {"library_statuses": [status("x")]}}
    assert failure(payload).code == "LIBRARY_INSTALLATION_FAILED"


def test_only_an_error_text():
    found = failure({"event": "library.failed", "cluster": CLUSTER, "error_message": "pip broke"})
    assert found.message.endswith("\npip broke")


def test_installed_libraries_are_benign():
    assert isinstance(only(event(status("x", "INSTALLED"), name="library.installed")), Benign)
