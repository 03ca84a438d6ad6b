"""`impasto serve` where it cannot open."""

import importlib.util
import socket

import pytest


@pytest.mark.parametrize("token", [(), ("--token", ""), ("--token", "пароль")])
def test_an_open_door_wants_a_token(impasto, token):
    ran = impasto("serve", "--host", "0.0.0.0", *token)
    assert ran.code == 2
    assert "--token" in ran.sentence


def test_without_gradio_it_says_what_to_install(impasto, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr("impasto.app.server.find_spec", lambda name: None if name == "gradio" else found(name))
    ran = impasto("serve")
    assert ran.code == 3
    assert ".[app]" in ran.sentence


def test_a_limit_that_is_no_number(impasto):
    assert impasto("serve", "--waiting", "many").code == 2


def test_a_port_that_is_taken(impasto):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = impasto("serve", "--port", taken.getsockname()[1])
    assert ran.code == 2
    assert "--port" in ran.sentence
