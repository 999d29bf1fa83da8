"""The command from the shell: what it says, and the exit code that scripts go by."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest

from server.cli import main
from tests.server.office import ROOT, Office, Phone

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command over the office's folder: exit code, what it said, and what it complained of."""
    monkeypatch.setenv("QUANHENG_DATA", str(office.data))
    monkeypatch.setenv("DATABASE_URL", office.database_url)

    def command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(words))
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_a_port_in_use_is_one_clear_line(office: Office) -> None:
    """Serving where somebody listens already ends with code 2 and one line that says which port and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "server.cli", "serve", "--data", str(office.data)],
            cwd=ROOT,
            env=os.environ | {"QUANHENG_PHONE_PORT": port},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 2
    [line] = ended.stderr.splitlines()
    assert f"Port {port} is in use." in line
    assert "QUANHENG_PHONE_PORT=" in line
    assert ended.stdout == ""


def test_a_setting_that_is_none_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that is no number ends with code 2 and says so, without a traceback."""
    monkeypatch.setenv("QUANHENG_PHONE_PORT", "many")
    code, said, complaint = run("verify-ledger")
    assert (code, said) == (2, "")
    assert len(complaint.splitlines()) == 1
    assert "phone_port" in complaint


def test_the_ledger_is_verified(office: Office, phone: Phone, run: Run) -> None:
    """Digest, place and signature of every record, the phones' and the office's, and every signed head; each fault is named with code 1."""
    site_id, site = phone.site()
    scale_id, scale = phone.scale(site_id)
    phone.push(site, scale, phone.weight(), phone.weight())
    office.house.labels.issue(phone.person_id, [office.house.registry.instrument(scale_id)])
    assert run("verify-ledger") == (0, "5 records checked, 0 wrong\n2 signed heads checked, 0 wrong\n", "")
    other = phone.seal(scale.body.replace(b"2403-01187", b"2403-01188"))
    office.change("UPDATE ledger SET body = :body WHERE seq = 1", body=b"\0")
    # The digest was made to fit, and the signature does not.
    place = "UPDATE ledger SET body = :body, digest = :digest WHERE seq = 2"
    office.change(place, body=other.body, digest=other.digest)
    office.change("UPDATE ledger SET record_id = :other WHERE seq = 3", other=phone.mint())
    code, said, _ = run("verify-ledger")
    lines = said.splitlines()
    assert code == 1
    assert [line.rpartition(" ")[2] for line in lines[:3]] == ["digest", "signature", "place"]
    assert [line.split()[1].partition("/")[2] for line in lines[:3]] == ["1", "2", "3"]
    assert lines[3] == "5 records checked, 3 wrong"
    assert [line.rpartition(" ")[2] for line in lines[4:6]] == ["root", "tree"]
    assert lines[6:] == ["2 signed heads checked, 3 wrong"]


def test_projections_are_checked_and_repaired(office: Office, phone: Phone, run: Run) -> None:
    """``rebuild --check`` says whether the tables are what the ledger gives and changes nothing; ``rebuild`` repairs them."""
    phone.push(phone.site()[1], phone.weight())
    right = office.projections()
    code, said, complaint = run("rebuild", "--check")
    assert (code, said, complaint) == (
        0,
        "state: 2 rows, instrument_index: 0 rows, alias_index: 0 rows, inspection_index: 0 rows, ledger_tree: 1 rows, ledger_node: 0 rows\n",
        "",
    )
    office.change("UPDATE state SET state = :empty WHERE subject_type = 'standard'", empty=b"{}")
    wrong = office.projections()
    code, said, complaint = run("rebuild", "--check")
    assert (code, said) == (1, "")
    assert "differ from the ledger in: state." in complaint
    assert office.projections() == wrong != right
    assert run("rebuild")[0] == 0
    assert office.projections() == right
    assert run("rebuild", "--check")[0] == 0


def test_a_phone_is_revoked_from_the_shell(office: Office, phone: Phone, run: Run) -> None:
    """Access is taken away by the phone's id, step by step; one that is not enrolled is a clear error and code 2."""
    assert run("revoke", phone.device_id) == (0, f"{phone.device_id}: push_only\n", "")
    assert phone.access.access == "push_only"
    assert run("revoke", phone.device_id, "--access", "closed")[0] == 0
    assert phone.access.access == "closed"
    code, said, complaint = run("revoke", "nobody")
    assert (code, said) == (2, "")
    assert complaint == "device_unknown: No phone nobody is enrolled here.\n"


def test_packs_are_built_by_hand(run: Run, office: Office, phone: Phone) -> None:
    """``quanheng packs`` builds every county's pack, however small, and says how large each is."""
    code, said, complaint = run("packs")
    assert (code, said) == (1, "")
    assert "No pack was built" in complaint
    site_id, site = phone.site()
    phone.push(site, phone.scale(site_id)[1])
    code, said, complaint = run("packs")
    assert (code, complaint) == (0, "")
    assert said.startswith("210123: 2 states, ")
    assert list((office.data / "packs" / "210123").glob("*.sqlite.gz"))
