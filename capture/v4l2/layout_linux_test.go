package v4l2

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// structs pairs our structures, and their fields, with the header's. The
// header's name is the same in lower case with underscores where none is given.
func structs() []struct{ ours, header, fields string } {
	return []struct{ ours, header, fields string }{
		{"capability", "v4l2_capability", "driver card busInfo=bus_info version capabilities deviceCaps=device_caps"},
		{"formatDescription", "v4l2_fmtdesc", "index kind=type flags description pixelFormat=pixelformat"},
		{"frameSize", "v4l2_frmsizeenum", "index pixelFormat=pixel_format kind=type sizes=stepwise"},
		{"rangeOfSizes", "v4l2_frmsize_stepwise", "minWidth=min_width maxWidth=max_width stepWidth=step_width minHeight=min_height maxHeight=max_height stepHeight=step_height"},
		{"frameInterval", "v4l2_frmivalenum", "index pixelFormat=pixel_format width height kind=type min=stepwise.min max=stepwise.max step=stepwise.step"},
		{"Interval", "v4l2_fract", "Numerator=numerator Denominator=denominator"},
		{"pictureFormat", "v4l2_format", "kind=type union=fmt"},
		{"pixFormat", "v4l2_pix_format", "width height pixelFormat=pixelformat field bytesPerLine=bytesperline sizeImage=sizeimage colorspace private=priv flags encoding=ycbcr_enc quantization transfer=xfer_func"},
		{"planeFormat", "v4l2_plane_pix_format", "sizeImage=sizeimage bytesPerLine=bytesperline"},
		{"pixFormatMulti", "v4l2_pix_format_mplane", "width height pixelFormat=pixelformat field colorspace planes=plane_fmt planeCount=num_planes flags encoding=ycbcr_enc quantization transfer=xfer_func"},
		{"captureParameters", "v4l2_streamparm", "kind=type capability=parm.capture.capability captureMode=parm.capture.capturemode timePerFrame=parm.capture.timeperframe extendedMode=parm.capture.extendedmode readBuffers=parm.capture.readbuffers"},
		{"captureParameters", "v4l2_streamparm", "capability=parm.output.capability captureMode=parm.output.outputmode timePerFrame=parm.output.timeperframe extendedMode=parm.output.extendedmode readBuffers=parm.output.writebuffers"},
		{"selection", "v4l2_selection", "kind=type target flags left=r.left top=r.top width=r.width height=r.height"},
		{"bufferRequest", "v4l2_requestbuffers", "count kind=type memory capabilities flags"},
		{"bufferDescription", "v4l2_buffer", "index kind=type bytesUsed=bytesused flags field seconds=timestamp.tv_sec microsecond=timestamp.tv_usec sequence memory location=m length requestFD=request_fd"},
		{"planeDescription", "v4l2_plane", "bytesUsed=bytesused length location=m dataOffset=data_offset"},
		{"controlQuery", "v4l2_query_ext_ctrl", "id kind=type name minimum maximum step def=default_value flags elemSize=elem_size elems dimensions=nr_of_dims dims"},
		{"oldControlQuery", "v4l2_queryctrl", "id kind=type name minimum maximum step def=default_value flags"},
		{"menuQuery", "v4l2_querymenu", "id index name"},
		{"controlValue", "v4l2_control", "id value"},
		{"wideControlValue", "v4l2_ext_control", "id size value"},
		{"extensionQuery", "uvc_xu_control_query", "unit selector query size data"},
		{"wideControlValues", "v4l2_ext_controls", "which count errorIndex=error_idx requestFD=request_fd controls"},
	}
}

// constants pairs our constants with the header's.
func constants() [][2]string {
	return [][2]string{
		{"requestCapability", "VIDIOC_QUERYCAP"}, {"requestEnumFormats", "VIDIOC_ENUM_FMT"},
		{"requestGetFormat", "VIDIOC_G_FMT"}, {"requestSetFormat", "VIDIOC_S_FMT"}, {"requestTryFormat", "VIDIOC_TRY_FMT"},
		{"requestBuffers", "VIDIOC_REQBUFS"}, {"requestQueryBuffer", "VIDIOC_QUERYBUF"},
		{"requestQueue", "VIDIOC_QBUF"}, {"requestDequeue", "VIDIOC_DQBUF"},
		{"requestStart", "VIDIOC_STREAMON"}, {"requestStop", "VIDIOC_STREAMOFF"},
		{"requestGetParameters", "VIDIOC_G_PARM"}, {"requestSetParameters", "VIDIOC_S_PARM"},
		{"requestGetControl", "VIDIOC_G_CTRL"}, {"requestSetControl", "VIDIOC_S_CTRL"},
		{"requestOldControl", "VIDIOC_QUERYCTRL"}, {"requestMenu", "VIDIOC_QUERYMENU"}, {"requestControl", "VIDIOC_QUERY_EXT_CTRL"},
		{"requestGetWide", "VIDIOC_G_EXT_CTRLS"}, {"requestSetWide", "VIDIOC_S_EXT_CTRLS"},
		{"requestEnumSizes", "VIDIOC_ENUM_FRAMESIZES"}, {"requestEnumIntervals", "VIDIOC_ENUM_FRAMEINTERVALS"},

		{"requestSetSelection", "VIDIOC_S_SELECTION"},

		{"bufferOutput", "V4L2_BUF_TYPE_VIDEO_OUTPUT"}, {"bufferOutputMulti", "V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE"},
		{"bufferTimestampCopy", "V4L2_BUF_FLAG_TIMESTAMP_COPY"}, {"bufferLast", "V4L2_BUF_FLAG_LAST"}, {"selectionCrop", "V4L2_SEL_TGT_CROP"},
		{"colorspaceSMPTE170M", "V4L2_COLORSPACE_SMPTE170M"}, {"encoding601", "V4L2_YCBCR_ENC_601"},
		{"quantizationLimited", "V4L2_QUANTIZATION_LIM_RANGE"}, {"transfer709", "V4L2_XFER_FUNC_709"},
		{"controlBFrames", "V4L2_CID_MPEG_VIDEO_B_FRAMES"}, {"controlGOPSize", "V4L2_CID_MPEG_VIDEO_GOP_SIZE"},
		{"controlBitrateMode", "V4L2_CID_MPEG_VIDEO_BITRATE_MODE"}, {"controlBitrate", "V4L2_CID_MPEG_VIDEO_BITRATE"},
		{"controlRateControl", "V4L2_CID_MPEG_VIDEO_FRAME_RC_ENABLE"}, {"controlHeaderMode", "V4L2_CID_MPEG_VIDEO_HEADER_MODE"},
		{"controlRepeatHeaders", "V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER"}, {"controlForceKeyframe", "V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME"},
		{"controlIPeriod", "V4L2_CID_MPEG_VIDEO_H264_I_PERIOD"}, {"controlLevel", "V4L2_CID_MPEG_VIDEO_H264_LEVEL"},
		{"controlProfile", "V4L2_CID_MPEG_VIDEO_H264_PROFILE"},
		{"constantBitrate", "V4L2_MPEG_VIDEO_BITRATE_MODE_CBR"}, {"headersJoined", "V4L2_MPEG_VIDEO_HEADER_MODE_JOINED_WITH_1ST_FRAME"},
		{"profileBaseline", "V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE"}, {"profileConstrained", "V4L2_MPEG_VIDEO_H264_PROFILE_CONSTRAINED_BASELINE"},
		{"indexLevel31", "V4L2_MPEG_VIDEO_H264_LEVEL_3_1"},

		{"requestExtension", "UVCIOC_CTRL_QUERY"},

		{"uvcSetCurrent", "UVC_SET_CUR"}, {"uvcGetLength", "UVC_GET_LEN"}, {"descriptorExtension", "UVC_VC_EXTENSION_UNIT"},
		{"descriptorInterface", "USB_DT_INTERFACE"}, {"descriptorClass", "USB_DT_CS_INTERFACE"}, {"classVideo", "USB_CLASS_VIDEO"}, {"subclassControl", "UVC_SC_VIDEOCONTROL"},
		{"capVideoCapture", "V4L2_CAP_VIDEO_CAPTURE"}, {"capVideoCaptureMulti", "V4L2_CAP_VIDEO_CAPTURE_MPLANE"},
		{"capVideoM2M", "V4L2_CAP_VIDEO_M2M"}, {"capVideoM2MMulti", "V4L2_CAP_VIDEO_M2M_MPLANE"},
		{"capMediaController", "V4L2_CAP_IO_MC"}, {"capStreaming", "V4L2_CAP_STREAMING"}, {"capDeviceCaps", "V4L2_CAP_DEVICE_CAPS"},
		{"bufferCapture", "V4L2_BUF_TYPE_VIDEO_CAPTURE"}, {"bufferCaptureMulti", "V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE"},
		{"memoryMapped", "V4L2_MEMORY_MMAP"}, {"fieldNone", "V4L2_FIELD_NONE"}, {"privateMagic", "V4L2_PIX_FMT_PRIV_MAGIC"},
		{"maxBuffers", "VIDEO_MAX_FRAME"}, {"maxMemoryPlanes", "VIDEO_MAX_PLANES"}, {"hasTimePerFrame", "V4L2_CAP_TIMEPERFRAME"},
		{"kindDiscrete", "V4L2_FRMSIZE_TYPE_DISCRETE"}, {"kindContinuous", "V4L2_FRMSIZE_TYPE_CONTINUOUS"}, {"kindStepwise", "V4L2_FRMSIZE_TYPE_STEPWISE"},
		{"kindDiscrete", "V4L2_FRMIVAL_TYPE_DISCRETE"}, {"kindContinuous", "V4L2_FRMIVAL_TYPE_CONTINUOUS"}, {"kindStepwise", "V4L2_FRMIVAL_TYPE_STEPWISE"},
		{"bufferKeyframe", "V4L2_BUF_FLAG_KEYFRAME"}, {"bufferError", "V4L2_BUF_FLAG_ERROR"},
		{"bufferTimestampMask", "V4L2_BUF_FLAG_TIMESTAMP_MASK"}, {"bufferTimestampMono", "V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC"},
		{"controlDisabled", "V4L2_CTRL_FLAG_DISABLED"}, {"controlGrabbed", "V4L2_CTRL_FLAG_GRABBED"}, {"controlReadOnly", "V4L2_CTRL_FLAG_READ_ONLY"},
		{"controlUpdate", "V4L2_CTRL_FLAG_UPDATE"}, {"controlInactive", "V4L2_CTRL_FLAG_INACTIVE"}, {"controlWriteOnly", "V4L2_CTRL_FLAG_WRITE_ONLY"},
		{"controlVolatile", "V4L2_CTRL_FLAG_VOLATILE"}, {"controlHasPayload", "V4L2_CTRL_FLAG_HAS_PAYLOAD"},
		{"controlNext", "V4L2_CTRL_FLAG_NEXT_CTRL"}, {"controlNextCompound", "V4L2_CTRL_FLAG_NEXT_COMPOUND"},
		{"colorspaceSMPTE240M", "V4L2_COLORSPACE_SMPTE240M"}, {"colorspaceREC709", "V4L2_COLORSPACE_REC709"}, {"colorspaceJPEG", "V4L2_COLORSPACE_JPEG"},
		{"colorspaceBT2020", "V4L2_COLORSPACE_BT2020"}, {"colorspaceDCIP3", "V4L2_COLORSPACE_DCI_P3"},
		{"encodingDefault", "V4L2_YCBCR_ENC_DEFAULT"}, {"encoding709", "V4L2_YCBCR_ENC_709"}, {"encodingXV709", "V4L2_YCBCR_ENC_XV709"},
		{"encodingBT2020", "V4L2_YCBCR_ENC_BT2020"}, {"encodingBT2020CL", "V4L2_YCBCR_ENC_BT2020_CONST_LUM"}, {"encodingSMPTE240M", "V4L2_YCBCR_ENC_SMPTE240M"},
		{"quantizationDefault", "V4L2_QUANTIZATION_DEFAULT"}, {"quantizationFull", "V4L2_QUANTIZATION_FULL_RANGE"},
		{"kernelControlClass", "V4L2_CTRL_TYPE_CTRL_CLASS"}, {"kernelBitmask", "V4L2_CTRL_TYPE_BITMASK"}, {"kernelIntegerMenu", "V4L2_CTRL_TYPE_INTEGER_MENU"},
		{"kernelInteger", "V4L2_CTRL_TYPE_INTEGER"}, {"kernelBoolean", "V4L2_CTRL_TYPE_BOOLEAN"}, {"kernelMenu", "V4L2_CTRL_TYPE_MENU"},
		{"kernelButton", "V4L2_CTRL_TYPE_BUTTON"}, {"kernelInteger64", "V4L2_CTRL_TYPE_INTEGER64"},
		{"MJPEG", "V4L2_PIX_FMT_MJPEG"}, {"JPEG", "V4L2_PIX_FMT_JPEG"}, {"H264", "V4L2_PIX_FMT_H264"}, {"HEVC", "V4L2_PIX_FMT_HEVC"}, {"VP8", "V4L2_PIX_FMT_VP8"},
		{"YUYV", "V4L2_PIX_FMT_YUYV"}, {"UYVY", "V4L2_PIX_FMT_UYVY"}, {"GREY", "V4L2_PIX_FMT_GREY"}, {"NV12", "V4L2_PIX_FMT_NV12"}, {"NV21", "V4L2_PIX_FMT_NV21"},
		{"I420", "V4L2_PIX_FMT_YUV420"}, {"YV12", "V4L2_PIX_FMT_YVU420"}, {"NV12M", "V4L2_PIX_FMT_NV12M"}, {"NV21M", "V4L2_PIX_FMT_NV21M"},
		{"I420M", "V4L2_PIX_FMT_YUV420M"}, {"YV12M", "V4L2_PIX_FMT_YVU420M"},
	}
}

// TestLayout compares the structures, the numbers of the ioctls and the
// constants with linux/videodev2.h, by what a C compiler makes of it and what
// Go's makes of ours, for each kind of processor: it only compiles, so neither
// has to run.
func TestLayout(t *testing.T) {
	for _, kind := range []struct {
		name    string
		flags   []string
		goarchs []string
	}{
		{"64 bit", nil, []string{"amd64", "arm64", "riscv64", "loong64"}},
		// gcc for 386 plays the arm, whose C aligns 64 bits at 8 bytes.
		{"32 bit, aligned like arm", []string{"-m32", "-malign-double"}, []string{"arm"}},
		{"32 bit", []string{"-m32"}, []string{"386"}},
	} {
		t.Run(kind.name, func(t *testing.T) {
			if len(kind.flags) > 0 && runtime.GOARCH != "amd64" {
				t.Skip("gcc has -m32 on amd64 only, and there it is tested")
			}
			want := header(t, kind.flags)
			for _, goarch := range kind.goarchs {
				got := ours(t, goarch)
				for name, value := range want {
					if got[name] != value {
						t.Errorf("%s: %s is 0x%x, want 0x%x", goarch, name, got[name], value)
					}
				}
			}
		})
	}
}

// measured is a size, an offset or a constant by its name.
type measured map[string]uint64

// header asks the C compiler.
func header(t *testing.T, flags []string) measured {
	t.Helper()
	var names, values []string
	add := func(name, value string) { names, values = append(names, name), append(values, value) }
	for _, s := range structs() {
		add(s.ours, fmt.Sprintf("sizeof(struct %s)", s.header))
		for _, field := range strings.Fields(s.fields) {
			mine, theirs, renamed := strings.Cut(field, "=")
			if !renamed {
				theirs = mine
			}
			add(s.ours+"."+mine, fmt.Sprintf("offsetof(struct %s, %s)", s.header, theirs))
		}
	}
	for _, c := range constants() {
		add(c[0], c[1])
	}
	dir := t.TempDir()
	// Not the C library's: the kernel's interface is older than its time_t.
	write(t, filepath.Join(dir, "sys", "time.h"), "struct timeval { long tv_sec; long tv_usec; };\nstruct timespec { long tv_sec; long tv_nsec; };\n")
	write(t, filepath.Join(dir, "probe.c"), "#include <stddef.h>\n#include <linux/videodev2.h>\n#include <linux/uvcvideo.h>\n#include <linux/usb/ch9.h>\n#include <linux/usb/video.h>\n"+
		"const unsigned long long probe[] __attribute__((section(\".v4l2\"))) = {\n(unsigned int)("+strings.Join(values, "),\n(unsigned int)(")+"),\n};\n")
	object := filepath.Join(dir, "probe.o")
	args := append([]string{"-ffreestanding", "-I", dir, "-idirafter", "/usr/include/x86_64-linux-gnu", "-c", "-o", object, filepath.Join(dir, "probe.c")}, flags...)
	if out, err := exec.CommandContext(t.Context(), "gcc", args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc %v: %v\n%s", args, err, out)
	}
	file, err := elf.Open(object)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := file.Section(".v4l2").Data()
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]uint64, len(names))
	if err := binary.Read(bytes.NewReader(data), file.ByteOrder, numbers); err != nil {
		t.Fatal(err)
	}
	m := measured{}
	for i, name := range names {
		if old, again := m[name]; again && old != numbers[i] {
			t.Fatalf("%s has two values in the header", name)
		}
		m[name] = numbers[i]
	}
	return m
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// ours asks Go's type checker, which knows how the compiler lays out types for
// each processor.
func ours(t *testing.T, goarch string) measured {
	t.Helper()
	positions := token.NewFileSet()
	var files []*ast.File
	for _, name := range []string{"abi.go", "request.go", "request_direction.go", "constants.go", "pixelformat.go", "interval.go", "control.go", "encoder_control.go", "extension.go"} {
		file, err := parser.ParseFile(positions, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	sizes := types.SizesFor("gc", goarch)
	config := types.Config{
		Sizes:    sizes,
		Importer: unsafeOnly{},

		Error: func(error) {}, // what is imported or in other files is missing, and not asked for
	}
	pkg, _ := config.Check("v4l2", positions, files, nil)
	m := measured{}
	for _, name := range pkg.Scope().Names() {
		switch object := pkg.Scope().Lookup(name).(type) {
		case *types.Const:
			if value, ok := constant.Uint64Val(constant.ToInt(object.Val())); ok {
				m[name] = value
			}
		case *types.TypeName:
			s, ok := object.Type().Underlying().(*types.Struct)
			if !ok {
				continue
			}
			var fields []*types.Var
			for i := range s.NumFields() {
				fields = append(fields, s.Field(i))
			}
			for i, offset := range sizes.Offsetsof(fields) {
				m[name+"."+fields[i].Name()] = uint64(offset)
			}
			m[name] = uint64(sizes.Sizeof(s))
		}
	}
	return m
}

// unsafeOnly imports what the layout depends on, and nothing else.
type unsafeOnly struct{}

func (unsafeOnly) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	return nil, errors.New("not needed")
}
