import json
from types import SimpleNamespace

import azure.functions as func
import pytest

from blueprints import accounts
from rca import wiring
from tests.unit.workflow.people import TOKEN, People

ANA = {"email": "ana@example.com", "password": "correct horse battery"}


@pytest.fixture(autouse=True)
def people():
    people = People()
    before = wiring.use(SimpleNamespace(accounts=people.service))
    yield people
    wiring.use(before)


def request(method="POST", body=None, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return func.HttpRequest(method, "http://127.0.0.1/api/x", body=raw, headers=named)


def post(route, body, **headers):
    response = route(request(body=body, **headers))
    return response.status_code, json.loads(response.get_body())


def set_up():
    return post(accounts.set_up, {**ANA, "token": TOKEN, "name": "Ana"})


def test_from_set_up_to_who_am_i():
    status, account = set_up()
    assert (status, account["role"]) == (201, "admin")
    assert ANA["password"] not in json.dumps(account)
    status, grant = post(accounts.sign_in, ANA)
    assert status == 200
    for headers in ({"Authorization": f"Bearer {grant['token']}"}, {"X-Session-Token": grant["token"]}):
        response = accounts.who_am_i(request("GET", b"", **headers))
        assert response.status_code == 200
        assert json.loads(response.get_body()) == {
            "account_id": account["account_id"],
            "name": "Ana",
            "role": "admin",
            "expires_at": "2026-11-21T12:00:00.000Z",
        }


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c", "é", "\ud800", "Bearer", "a" * 100_000])
def test_any_garbage_token_is_401_never_500(token):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    assert accounts.who_am_i(request("GET", b"", **headers)).status_code == 401


def test_a_second_set_up_is_409():
    set_up()
    assert set_up()[0] == 409


def test_a_wrong_password_is_401():
    set_up()
    status, body = post(accounts.sign_in, {**ANA, "password": "wrong password"})
    assert (status, body["title"]) == (401, "Not signed in")


def test_the_missing_fields_are_named():
    status, body = post(accounts.sign_in, {"email": 7})
    assert (status, body["fields"]) == (422, ["email", "password"])


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"{", 400), (b"\xff", 400), (b"[]", 422), (b"null", 422)]
)
def test_a_body_that_is_no_json_object_is_refused(body, status):
    assert post(accounts.sign_in, body)[0] == status


def test_guesses_count_for_the_address_that_the_front_end_saw():
    set_up()
    for number in range(5):
        forged = f"10.0.0.{number}, 198.51.100.7:{5000 + number}"
        assert post(accounts.sign_in, {**ANA, "password": "wrong password"}, X_Forwarded_For=forged)[0] == 401
    response = accounts.sign_in(request(body=ANA, X_Forwarded_For="198.51.100.7:7"))
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) >= 1
    assert post(accounts.sign_in, ANA, X_Forwarded_For="192.0.2.1:7")[0] == 200


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("", ""),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:443", "192.0.2.1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("spoofed, 192.0.2.1:443", "192.0.2.1"),
    ],
)
def test_the_callers_address(header, address):
    assert accounts.caller_address(request(X_Forwarded_For=header)) == address
