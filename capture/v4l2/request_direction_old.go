//go:build mips || mipsle || mips64 || mips64le || ppc64 || ppc64le

package v4l2

// The direction bits where an architecture's Linux began as another Unix.
const (
	kernelReads  = uint32(4) << 29
	kernelWrites = uint32(2) << 29
)
