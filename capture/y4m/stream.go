package y4m

import (
	"context"
	"fmt"
	"io"

	"github.com/pushcam/pushcam/capture"
)

// Stream opens camera and writes what it delivers to w, until ctx is done,
// which is no error, or camera or w fails. When w blocks, so does Stream, and
// the camera skips pictures.
func Stream(ctx context.Context, w io.Writer, camera capture.Camera) error {
	err := stream(ctx, w, camera)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func stream(ctx context.Context, w io.Writer, camera capture.Camera) error {
	reader, err := camera.Open(ctx)
	if err != nil {
		return err
	}
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() { closed <- reader.Close() })
	err = copyFrames(w, reader)
	if stop() {
		closed <- reader.Close()
	}
	if closeErr := <-closed; err == nil && closeErr != nil {
		err = fmt.Errorf("close %s: %w", camera.Name(), closeErr)
	}
	return err
}

func copyFrames(w io.Writer, reader capture.FrameReader) error {
	mode := reader.Mode()
	out := NewWriter(w, mode.Size, mode.FrameRate)
	for {
		f, err := reader.Read()
		if err != nil {
			return err
		}
		err = out.WriteFrame(f)
		f.Release()
		if err != nil {
			return err
		}
	}
}
