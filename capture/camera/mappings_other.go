//go:build !linux

package camera

// Only V4L2 maps a device's buffers, and only its library forgets them.

type mapping struct{}

func deviceMappings(string) map[mapping]bool { return nil }

func unmapLeaked(string, map[mapping]bool) {}
