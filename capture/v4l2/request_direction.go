//go:build !(mips || mipsle || mips64 || mips64le || ppc64 || ppc64le)

package v4l2

// The direction bits of asm-generic/ioctl.h.
const (
	kernelReads  = uint32(1) << 30
	kernelWrites = uint32(2) << 30
)
