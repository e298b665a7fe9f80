"""Cases side by side: each lane takes the next case into its own world."""

import collections
import threading
import traceback

from protocol import Broken, Run
from world import World

LANES = 12  # mostly they wait: for leases, windows and starts


def at_once(tasks):
    """Their results; all begin together, and the first failure is raised once all have ended."""
    barrier, results, failures = threading.Barrier(len(tasks)), [None] * len(tasks), []

    def one(i, task):
        barrier.wait()
        try:
            results[i] = task()
        except BaseException as failure:
            failures.append(failure)
    threads = [threading.Thread(target=one, args=(i, task)) for i, task in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


class Lanes:
    """`ledger_of(name)`: the setting for one more world, None for SQLite."""

    def __init__(self, folder, ledger_of):
        self.folder, self.ledger_of, self.idle, self.made = folder, ledger_of, collections.deque(), 0
        self.lock = threading.Lock()

    def world(self):
        with self.lock:
            if self.idle:
                return self.idle.popleft()
            self.made += 1
            name = f"lane{self.made}"
        return World(self.folder / name, self.ledger_of(name))

    def run(self, cases):
        """What was broken, by the case's name."""
        waiting, broken = collections.deque(cases), {}

        def lane():
            while waiting:
                try:
                    case = waiting.popleft()
                except IndexError:
                    return
                complaint = self.one(case)
                if complaint:
                    broken[case.name] = complaint
        threads = [threading.Thread(target=lane) for _ in range(min(LANES, len(waiting)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return broken

    def one(self, case):
        world = self.world()
        try:
            Run(world, case).run()
        except Exception as error:
            complaint = str(error) if isinstance(error, Broken) else traceback.format_exc()
            world.__exit__(error)
            return f"{complaint}\n    log: {world.gateway.log_file}\n    trace: {' '.join(world.shim.trace())}"
        self.idle.append(world)
        return None

    def stop(self):
        while self.idle:
            self.idle.pop().stop()
