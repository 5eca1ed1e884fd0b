#include <chrono>
#include <thread>

using namespace std::chrono_literals;

int helper(int n) { return n * 2; }

int work(int n) {
  int total = n;
  total += helper(n);
  return total;
}

int main() {
  std::thread other([] {
    for (int i = 0; i < 300; i++) std::this_thread::sleep_for(20ms);
  });
  for (int i = 0; i < 100; i++) {
    work(i);
    std::this_thread::sleep_for(50ms);
  }
  other.join();
}
