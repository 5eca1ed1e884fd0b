import threading
import time


def work(n):
    total = n
    total += helper(n)
    return total


def helper(n):
    return n * 2


other = threading.Thread(target=lambda: [time.sleep(0.02) for _ in range(300)], name="other", daemon=True)
other.start()
for i in range(100):
    work(i)
    time.sleep(0.05)
