// Package soc asks Linux whether the processor is being throttled, and whether
// the power supply is too weak.
//
//	/sys/devices/platform/soc*/*:firmware/get_throttled  Raspberry Pi's kernel
//	/sys/class/hwmon/hwmon*/in0_lcrit_alarm              the same, mainline kernel
//	/sys/class/thermal/cooling_device*/cur_state         any
//
// Invariants: what is not there, cannot be read or makes no sense counts as
// well; nothing is written; what is read is bounded.
package soc
