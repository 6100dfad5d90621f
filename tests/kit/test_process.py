"""What a process says of itself when it ends."""

from kit.process import leaves


def test_an_error_is_told_by_its_own_name_however_many_tasks_it_came_through() -> None:
    first, second = KeyError("first"), OSError("second")
    assert list(leaves(ExceptionGroup("tasks", [ExceptionGroup("more", [first]), second]))) == [first, second]
