package main

import "time"

func helper(n int) int {
	return n * 2
}

func work(n int) int { total := n
	total += helper(n)
	return total
}

func main() {
	go func() {
		for {
			time.Sleep(20 * time.Millisecond)
		}
	}()
	for i := 0; i < 100; i++ {
		work(i)
		time.Sleep(50 * time.Millisecond)
	}
}
