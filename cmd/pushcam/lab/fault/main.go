//go:build lab && linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/pushcam/pushcam/capture/v4l2"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fault:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	if len(args) != 3 {
		return errors.New("want a device, the name of a control and a value")
	}
	value, err := strconv.ParseInt(args[2], 0, 64)
	if err != nil {
		return err
	}
	device, err := v4l2.Open(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, device.Close()) }()
	_, err = device.Set(args[1], value)
	return err
}
