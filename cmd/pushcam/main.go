package main

import (
	"context"
	"os"
)

func main() {
	os.Exit(untilSignalled(func(ctx context.Context) int {
		return run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	}))
}
