import multiprocessing
import socket
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from laptop import cache, ports


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONEWORKFORCE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _ports_of_another_process(count: int, into: "multiprocessing.Queue[list[int]]", done: Event) -> None:
    into.put([ports.free_port() for _ in range(count)])
    done.wait(30)


def test_ports_drawn_by_several_processes_at_once_do_not_collide() -> None:
    context = multiprocessing.get_context("spawn")
    drawn, done = context.Queue(), context.Event()
    others = [context.Process(target=_ports_of_another_process, args=(50, drawn, done)) for _ in range(2)]
    for other in others:
        other.start()
    ours = [ports.free_port() for _ in range(50)]
    theirs = [port for _ in others for port in drawn.get(timeout=30)]
    done.set()
    for other in others:
        other.join()
    for port in ours:
        ports.give_back(port)
    assert len({*ours, *theirs}) == 150


def test_a_port_in_use_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_RANGE", range(first, first + 20))
        drawn = ports.free_port()
        ports.give_back(drawn)
        assert drawn != first


def test_no_free_port_is_an_error_that_names_the_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_RANGE", range(20_000, 20_000))
    with pytest.raises(OSError, match="no free port from 20000"):
        ports.free_port()


def test_a_cached_folder_is_made_once(own_cache: Path) -> None:
    with cache.making("thing") as unfinished:
        assert unfinished is not None
        (unfinished / "file").write_text("made")
        assert not (own_cache / "thing").exists()
    with cache.making("thing") as unfinished:
        assert unfinished is None
    assert (own_cache / "thing" / "file").read_text() == "made"


def test_a_cached_folder_that_could_not_be_made_is_not_there(own_cache: Path) -> None:
    with pytest.raises(ZeroDivisionError), cache.making("thing") as unfinished:
        assert unfinished is not None
        (unfinished / "file").write_text("half")
        raise ZeroDivisionError
    assert [path.name for path in own_cache.iterdir()] == ["thing.lock"]
