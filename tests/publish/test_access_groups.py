import pytest

from evidenced.publish.access_groups import LIST_COST, cost_of, group_of, has_own_token
from evidenced.publish.access_names import names_of

GROUPS = {
    "/": "status",
    "/claims/{id}": "status",
    "/events": "status",
    "/static/{name}": "status",
    "/badge/{id}.svg": "badges",
    "/feed.atom": "badges",
    "/metrics": "metrics",
    "/probe": "probe",
    "/rules": "api",
    "/api/v1/claims": "api",
    "/-/healthy": "health",
    "/-/ready": "health",
    "/-/reload": None,
    "/metrics/x": None,
    "": None,
}


@pytest.mark.parametrize(("resource", "group"), GROUPS.items())
def test_paths_have_their_groups(resource: str, group: str | None) -> None:
    assert group_of(resource) == group


@pytest.mark.parametrize(
    ("method", "resource", "own"),
    [
        ("POST", "/-/reload", True),
        ("POST", "/api/v1/push/{name}", True),
        ("DELETE", "/api/v1/drills/{claim}", True),
        ("GET", "/api/v1/maintenance", False),
        ("POST", "/api/v1/claims", False),
        ("POST", "", False),
    ],
)
def test_what_changes_has_a_token_of_its_own(method: str, resource: str, own: bool) -> None:
    assert has_own_token(method, resource) is own


@pytest.mark.parametrize(
    ("method", "resource", "cost"),
    [
        ("GET", "/probe", 1),
        ("HEAD", "/probe", 1),
        ("GET", "/api/v1/claims", LIST_COST),
        ("GET", "/api/v1/claims/{id}", 1),
        ("GET", "/api/v1/claims/{id}/history", LIST_COST),
        ("GET", "/claims/{id}", LIST_COST),
        ("GET", "/rules", LIST_COST),
        ("GET", "/metrics", 0),
        ("GET", "/", 0),
        ("GET", "/-/healthy", 0),
        ("POST", "/api/v1/push/{name}", 0),
    ],
)
def test_what_costs_is_counted(method: str, resource: str, cost: int) -> None:
    assert cost_of(method, resource) == cost


def test_names_of_a_certificate_are_all_that_identify() -> None:
    certificate = {
        "subject": ((("commonName", "not.example"),),),
        "subjectAltName": (
            ("DNS", "robot.example"),
            ("IP Address", "192.0.2.1"),
            ("email", "robot@shop.example"),
            ("URI", "spiffe://shop/robot"),
            ("DirName", "not"),
        ),
    }
    assert names_of(certificate) == {
        "robot.example",
        "192.0.2.1",
        "robot@shop.example",
        "spiffe://shop/robot",
    }
    assert names_of({}) == frozenset()
