"""The commands for a virtual machine: by the model that is foreseen, quoted for a shell, with the driver inside."""

from __future__ import annotations

import shlex

import pytest

from checks.host_agent.forecast import Device, Forecast, ListForecast
from checks.host_agent.guest_commands import driver, lines


def forecast(*devices: tuple[str, str]) -> Forecast:
    made = tuple(
        Device(addr=f"01:10.{n}", vendor_device_id=ids, model=model, pf="0000:01:00.0", virtfn=n, wire="w")
        for n, (model, ids) in enumerate(devices)
    )
    return Forecast(loads=True, sriov=ListForecast(key="sriov_nics", devices=made))


def test_one_pair_of_commands_for_each_model() -> None:
    model = "I350 Ethernet Controller Virtual Function"
    told = lines(forecast(*[(model, "8086:1520")] * 7, ("ConnectX Family mlx5Gen Virtual Function", "15b3:101e")))
    assert sum("server-create" in line for line in told) == 2
    command = next(line for line in told if "server-attach-network" in line)
    assert shlex.split(command)[-1] == f"sriov-nic-model={model}:NETWORK"
    assert any("the driver igbvf" in line for line in told)
    assert any("the driver mlx5_core" in line for line in told)
    assert sum("NVIDIA advises" in line for line in told) == 1


def test_a_model_with_quotes_stays_one_word() -> None:
    told = lines(forecast(("X'; reboot #", "8086:1520")))
    create = next(line for line in told if "server-create" in line)
    assert "sriov-nic-model=X'; reboot #" in shlex.split(create)


def test_a_model_that_is_not_known_yet_is_not_guessed() -> None:
    told = "\n".join(lines(forecast(("", "15b3:101e"), ("", "15b3:101e"))))
    assert "2 VFs 15b3:101e: their model is known once they exist" in told
    assert "climc" not in told


def test_nothing_where_nothing_is_foreseen() -> None:
    assert lines(Forecast(loads=True)) == ()


@pytest.mark.parametrize(
    ("ids", "words"),
    [("8086:10ca", "the driver igbvf, which every"), ("8086:154c", "the driver iavf, which every"),
     ("15b3:1018", "the driver mlx5_core, which every"), ("15b3:1004", "the driver mlx4_core, which every"),
     ("14e4:1806", "the driver bnxt_en, which every"), ("8088:1000", "the driver txgbevf, in Linux only since 2025"),
     ("19e5:375f", "the driver hinic3, in Linux only since 2025"), ("1d0f:ec20", "of this card's maker"),
     ("", "of this card's maker")],
)  # fmt: skip
def test_the_driver_in_the_guest(ids: str, words: str) -> None:
    assert words in driver(ids)
