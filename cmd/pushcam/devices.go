package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/pushcam/pushcam/capture"
	"github.com/pushcam/pushcam/capture/camera"
)

// run implements command.
func (c *devicesConfig) run(ctx context.Context, std stdio) error {
	system := cameras()
	devices, err := camera.List(system)
	if err != nil {
		return err
	}
	if len(devices) == 0 {
		fmt.Fprintf(std.out, "%v\n", camera.ErrNoCamera)
		return nil
	}
	log := slog.New(slog.NewTextHandler(std.err, nil))
	store := c.store(log)
	for _, d := range devices {
		c.print(std.out, d)
		if c.Controls && d.Err == nil {
			c.printControls(ctx, std.out, camera.New(camera.Config{Device: d.Name, System: system, Preferences: store, Log: log}))
		}
	}
	return nil
}

func (c *devicesConfig) printControls(ctx context.Context, w io.Writer, device adjustable) {
	controls, err := device.Controls(ctx)
	switch {
	case err != nil:
		fmt.Fprintf(w, "   error  %v\n", err)
	case len(controls) == 0:
		fmt.Fprintf(w, "   no controls\n")
	}
	printControls(w, controls)
}

func (c *devicesConfig) print(w io.Writer, d camera.Device) {
	fmt.Fprintf(w, "%d  %s\n", d.Index, d.Title)
	for _, line := range []struct{ name, value string }{
		{"name", d.Name}, {"path", d.Path}, {"bus", d.Bus},
	} {
		if line.value != "" {
			fmt.Fprintf(w, "   %-6s %s\n", line.name, line.value)
		}
	}
	if d.Err != nil {
		fmt.Fprintf(w, "   error  %v\n", d.Err)
		return
	}
	for _, m := range byFormatAndSize(d.Modes) {
		fmt.Fprintf(w, "   mode   %s\n", m)
	}
	choice, err := camera.Choose(d.Modes, camera.Wish{Size: c.Size, FrameRate: c.FPS})
	if err != nil {
		fmt.Fprintf(w, "   error  %v\n", err)
		return
	}
	fmt.Fprintf(w, "   picked %s\n          %s\n", choice.Mode, choice.Reason)
}

// byFormatAndSize is one line for each format and size, with all its rates.
func byFormatAndSize(modes []capture.Mode) []string {
	type row struct {
		format string
		size   capture.Size
	}
	rates := map[row][]string{}
	var rows []row
	for _, m := range modes {
		r := row{m.Format, m.Size}
		if rates[r] == nil {
			rows = append(rows, r)
		}
		rates[r] = append(rates[r], describeRate(m.FrameRate))
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, fmt.Sprintf("%-6s %-10v %s fps", r.format, r.size, strings.Join(rates[r], ", ")))
	}
	return lines
}

func describeRate(rate float64) string {
	if rate == 0 {
		return "unstated"
	}
	return fmt.Sprintf("%.4g", rate)
}
